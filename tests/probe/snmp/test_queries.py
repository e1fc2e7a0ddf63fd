"""Queries to one agent, step by step, without a socket."""

import time

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.clock import Look, Plan
from bothsides.model.failure import Failure
from bothsides.parse.snmp import SYS_UPTIME
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.snmp.message import Community
from bothsides.probe.snmp.queries import Queries
from bothsides.probe.snmp.usm import Usm
from tests.support.snmp import ENGINE, KEYS, USER

PLAN = Plan(("127.0.0.1",), community=Secret("x"), retries=2)
OIDS = (SYS_UPTIME,)


def test_silence_is_asked_again_with_growing_patience() -> None:
    queries = Queries(PLAN, None, Deadline(60), Timeline())
    began = time.monotonic()
    steps = queries.query(OIDS)
    asks = [next(steps), steps.send(None), steps.send(None)]
    with pytest.raises(StopIteration) as end:
        steps.send(None)
    assert end.value.value is None
    waits = [round(ask.until - began, 1) for ask in asks]
    assert waits == [0.8, 1.6, 3600.0]  # the last one waits as long as the deadline allows
    assert len({ask.key for ask in asks}) == queries.count == 3
    assert all(ask.at == 0.0 for ask in asks)


def test_whatever_is_heard_ends_the_query() -> None:
    queries = Queries(PLAN, None, Deadline(60), Timeline())
    failure = Failure("server", "nothing listens")
    steps = queries.query(OIDS)
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(failure)
    assert end.value.value is failure


def test_after_the_deadline_nothing_is_repeated() -> None:
    queries = Queries(PLAN, None, Deadline(0), Timeline())
    steps = queries.query(OIDS)
    next(steps)
    with pytest.raises(StopIteration):
        steps.send(None)
    assert queries.count == 1


@pytest.mark.parametrize(("left", "aimed"), [(60.0, True), (0.35, False)])
def test_a_query_that_is_aimed_is_repeated_in_the_same_moment_of_a_later_second(
    left: float, aimed: bool
) -> None:
    queries = Queries(PLAN, None, Deadline(left), Timeline())
    before, now = time.monotonic(), time.time_ns()
    last = Look(now, now + 1000, now // 10**9 * 10**9, 10**9)
    steps = queries.query(OIDS, now - 100_000_000, last)
    first, second = next(steps), steps.send(None)
    assert before - 0.15 < first.at < time.monotonic() - 0.05
    assert second.at == (pytest.approx(first.at + 1.0) if aimed else 0.0)


def test_octets_that_are_no_reply_are_counted() -> None:
    queries = Queries(PLAN, None, Deadline(60), Timeline())
    ask = next(queries.query(OIDS))
    assert ask.reads(b"noise") is None
    assert "a datagram comes back" in queries.silence().words
    assert ask.reads(ask.octets) is None
    assert "2 datagrams come back" in queries.silence().words


def test_another_address_has_a_session_of_its_own() -> None:
    queries = Queries(PLAN._replace(user=USER, version="3"), KEYS, Deadline(60), Timeline())
    first = queries.session
    assert isinstance(first, Usm)
    first.learn(ENGINE)
    queries.begin_anew()
    assert isinstance(queries.session, Usm)
    assert queries.session.engine is None
    assert isinstance(Queries(PLAN, None, Deadline(60), Timeline()).session, Community)


def test_replies_with_request_numbers_of_others_are_no_silence() -> None:
    queries = Queries(PLAN, None, Deadline(60), Timeline())
    next(queries.query(OIDS))
    for number in (queries.request, queries.request + 1):
        foreign = Queries(PLAN, None, Deadline(60), Timeline())
        reply = bytearray(foreign.session.ask(number, OIDS))
        reply[reply.index(0xA0)] = 0xA2  # a request as the response to it
        queries._read(bytes(reply))
    assert queries.silence().words.startswith("a datagram comes back, but none")
