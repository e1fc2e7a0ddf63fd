"""mtr's JSON, whole and broken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.mtr.detect import from_mtr
from bothsides.parse.mtr.json import from_json
from bothsides.parse.mtr.model import (
    Host,
)
from tests.support.process import HOUSE

DATA = HOUSE / "tests/data/mtr"


def test_json_that_old_versions_broke_is_mended() -> None:
    about = '{"report":{"mtr":{"src":"a","dst":"192.0.2.1","tests":"5"},"hubs": '
    for broken in ("[  }]}}", "[\n    }}"):
        assert from_mtr(about + broken)[0].hops == ()
    trace = from_mtr((DATA / "0.92/bug-order-leading-space.json").read_bytes())[0]
    assert trace.hops[0].hosts == (Host("10.0.1.1"),)


def test_quotes_in_a_name_are_refused_not_believed() -> None:
    hub = '{"count":"1","host":"x"y","Loss%":0.0,"Snt":1}'
    text = f'{{"report":{{"mtr":{{"src":"a","dst":"b"}},"hubs":[{hub}]}}}}'
    with pytest.raises(Unreadable, match="not JSON of mtr"):
        from_mtr(text)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5))
def test_any_json_is_read_or_refused(data: object) -> None:
    for document in (data, {"report": data}, {"report": {"mtr": {}, "hubs": data}}):
        try:
            from_json(json.dumps(document))
        except Unreadable as fault:
            assert str(fault)
