"""check_https's figures."""

import pytest

from bothsides.check.https.figures import FIGURES
from bothsides.parse.libcurl import Phases
from bothsides.plugin.finding import State
from tests.support.https import BAD, GOOD, judged_visits, state, values

LABELS = (
    "time size time_dns time_connect time_proxy time_tls time_server time_transfer time_redirect"
    " cert_days chain_days http_status tcp_rtt tcp_retrans addresses addresses_ok tries failed"
)


def test_figures_are_these_in_this_order_for_ever() -> None:
    assert [figure.label for figure in FIGURES] == LABELS.split()


def test_phases_add_up_to_the_time_when_a_later_hop_fails() -> None:
    first, second = GOOD.hops[0], BAD.hops[0]
    said = values(judged_visits((BAD._replace(hops=(first, second)),)))
    phases = ("dns", "connect", "proxy", "tls", "server", "transfer", "redirect")
    assert sum(said[f"time_{name}"] or 0.0 for name in phases) == pytest.approx(said["time"])
    assert said["time_redirect"] == pytest.approx(0.04)
    assert values(judged_visits((BAD,)))["time_redirect"] is None


def test_time_that_our_own_busy_host_took_breaks_no_limit() -> None:
    slow = GOOD.last._replace(phases=Phases(0.0, 0.01, None, 0.01, 3.0, 0.01))
    limits = ("-w", "time=1,time_server=1")
    for held, expected in ((0.0, State.WARNING), (2.5, State.OK), (1.0, State.WARNING)):
        visit = GOOD._replace(hops=(slow._replace(held=held),))
        assert state(visit, *limits) is expected
        assert values(judged_visits((visit,)))["time_server"] == 3.0
