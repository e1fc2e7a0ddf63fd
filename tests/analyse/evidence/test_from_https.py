"""HTTPS evidence out of recorded runs."""

import pytest

from bothsides.analyse.evidence.from_https import https_evidence
from bothsides.base.record import from_record
from bothsides.model.evidence import HttpsEvidence
from bothsides.model.https import Plan, Run
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


def test_a_run_without_a_visit_is_no_evidence() -> None:
    assert https_evidence(Run(0.0)) is None
