"""What strangers send as an answer ends in a verdict or Undelivered, and in nothing else."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.export import icinga_api, influx, json_lines, nrdp, s3
from bothsides.export.outcome import Undelivered
from bothsides.export.request import Reply, first_words, from_json
from tests.export.results import PLAIN

_NAMES = (
    "result",
    "results",
    "status",
    "message",
    "meta",
    "output",
    "code",
    "items",
    "error",
    "name",
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANSWERS = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4)
    ),
    max_leaves=12,
).map(lambda answer: json.dumps(answer).encode())
BODIES = ANSWERS | st.binary(max_size=60) | st.just(b"[" * 100_000) | st.just(b"<a>" * 5000)
READERS: tuple[Callable[[Reply], object], ...] = (
    lambda reply: influx.refusal(reply.status, reply.body),
    lambda reply: json_lines.bulk_answer(reply.status, reply.body, 2),
    lambda reply: nrdp.check_answer(reply, 2),
    lambda reply: icinga_api.check_answer(reply, PLAIN),
    lambda reply: icinga_api.names(reply),
    lambda reply: s3._listing(reply.body),
    lambda reply: s3._undelivered(reply, "b", 0.0),
)


@pytest.mark.parametrize("place", range(len(READERS)))
@given(
    body=BODIES,
    status=st.sampled_from([200, 204, 400, 401, 403, 404, 500]),
    date=st.text(max_size=30),
)
def test_no_answer_is_worse_than_undelivered(
    place: int, body: bytes, status: int, date: str
) -> None:
    try:
        READERS[place](Reply(status, body, date))
    except Undelivered as fault:
        assert "\n" not in str(fault)
        assert len(str(fault)) < 1000


def test_json_that_is_none() -> None:
    assert from_json(b"\xff") is None
    assert from_json(b"[" * 1_000_000) is None
    assert from_json(b'{"a":1}') == {"a": 1}


def test_the_beginning_of_another_answer() -> None:
    assert first_words(b"<html>\n  <b>login\xff</b>" + b"x" * 500).startswith(
        "<html> <b>login\ufffd"
    )
    assert len(first_words(b"x" * 500)) == 200
