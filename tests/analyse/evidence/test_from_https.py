"""HTTPS evidence out of recorded runs."""

import pytest

from bothsides.analyse.evidence.from_https import https_evidence
from bothsides.base.record import from_record
from bothsides.model.evidence import HttpsEvidence
from bothsides.model.https import Plan, Run, TcpCounters
from tests.support.process import HOUSE


def recorded(name: str) -> HttpsEvidence:
    text = (HOUSE / f"tests/data/records/check_https-{name}.json").read_text()
    found = https_evidence(from_record(text, "check_https", Plan, Run)[1])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "phase", "connected", "slowest"),
    [
        ("ok", "", True, None),
        ("slow_server", "", True, "server"),
        ("tls_stalled", "tls", True, "tls"),
    ],
)
def test_the_phase_that_failed_or_took_longest(
    name: str, phase: str, connected: bool, slowest: str | None
) -> None:
    found = recorded(name)
    assert (found.phase, found.connected) == (phase, connected)
    assert slowest in (None, found.slowest)
    assert found.slowest_seconds <= found.total


@pytest.mark.parametrize(
    ("counters", "mute"),
    [
        ((0, 0, 0, 0, 0, 6.8, 1448), True),
        ((2, 1, 0, 0, 0, 6.8, 1448), False),  # packets of ours are not acknowledged
        ((0, 0, 0, 1, 0, 6.8, 1448), False),  # a packet came, though one before it did not
        ((0, 0, 0, 0, 853, 6.8, 1448), False),
        (None, None),
    ],
)
def test_a_server_is_mute_that_acknowledges_all_and_sends_nothing(
    counters: tuple[int, int, int, int, int, float, int] | None, mute: bool | None
) -> None:
    text = (HOUSE / "tests/data/records/check_https-tls_stalled.json").read_text()
    run = from_record(text, "check_https", Plan, Run)[1]
    visit = run.visits[0]
    contact = visit.last.contacts[0]._replace(counters=counters and TcpCounters(*counters))
    last = visit.last._replace(contacts=(contact,))
    found = https_evidence(run._replace(visits=(visit._replace(hops=(last,)),)))
    assert found is not None
    assert found.mute is mute


def test_a_run_without_a_visit_is_no_evidence() -> None:
    assert https_evidence(Run(0.0)) is None
