"""mtr's XML, also with names that no XML parser would take."""

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.mtr.model import (
    Host,
    measured,
)
from bothsides.parse.mtr.xml import from_xml

HUB = '<HUB COUNT="{ttl}" HOST="{host}"><Loss> 0.0%</Loss><Snt> 3</Snt><Avg> 1.5</Avg></HUB>'


def document(*hosts: str) -> str:
    hubs = "".join(HUB.format(ttl=ttl, host=host) for ttl, host in enumerate(hosts, 1))
    return f'<MTR SRC="vm" DST="10.0.0.9" TESTS="3">{hubs}</MTR>'


def test_each_document_is_a_trace() -> None:
    first, second = from_xml(document("10.0.0.1", "10.0.0.9") + document("???"))
    assert (first.source, first.target, len(first.hops)) == ("vm", "10.0.0.9", 2)
    assert (first.hops[0].avg, first.hops[0].sent, first.reached) == (0.0015, 3, True)
    assert second.hops == (measured(1, (), {"Loss%": "0.0", "Snt": "3"})._replace(loss=0.0),)


def test_names_that_are_not_escaped_are_read() -> None:
    (trace,) = from_xml(document('a<b>"c (10.0.0.1)', "d &amp; e"))
    assert trace.hops[0].hosts == (Host("10.0.0.1", 'a<b>"c'),)
    assert trace.hops[1].hosts == (Host("", "d & e"),)


@pytest.mark.parametrize("text", ["<MTR>", "<x/>", '<MTR SRC="a"><HUB COUNT="1"></MTR>'])
def test_what_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        from_xml(text)
