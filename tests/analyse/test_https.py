"""What visits prove."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.https import (
    CONTENT,
    Addresses,
    Analysis,
    Try,
    Window,
    analyse,
    commonest,
    failed_in,
    figures_of,
    to_past_run,
)
from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome, Past, PastRun, Plan, Run, Visit
from bothsides.parse import Unreadable
from bothsides.parse.libcurl import PHASES as NAMES
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from tests.support.https import BAD, CHAIN, DAY, GOOD, NOW, URL, answered, at, judged

SECONDS = st.none() | st.floats(0, 100)
VISITS = st.lists(
    st.builds(lambda phases: phases, st.builds(Phases, *[SECONDS] * 6)), min_size=1, max_size=4
)


def analysed(*visits: Visit, past: Past | None = None) -> Analysis:
    return analyse(Plan((URL,)), Run(NOW, visits, planned=len(visits)), past or Past())


def test_a_record_of_a_visit_without_a_transfer_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="without a transfer"):
        judged(Visit(URL, ()))


def test_of_several_visits_each_figure_is_the_worst() -> None:
    slow = answered()._replace(
        hops=(answered().last._replace(phases=Phases(0.01, 0.5, None, 0.03, 0.01), size=7),)
    )
    figures = figures_of((answered(), slow), NOW)
    assert figures is not None
    assert figures.slowest is slow
    assert figures.seconds == pytest.approx(0.55)
    assert figures.phases == Phases(0.01, 0.5, None, 0.03, 0.04, 0.05)
    assert (figures.size, figures.status, figures.mostly) == (100.0, 200.0, "connect")
    assert figures_of((), NOW) is None


@given(VISITS)
def test_the_slowest_visit_takes_no_longer_than_the_worst_phases_together(
    phases: list[Phases],
) -> None:
    visits = tuple(Visit(URL, (Outcome(URL, one, 0),)) for one in phases)
    figures = figures_of(visits, NOW)
    assert figures is not None
    assert (figures.seconds or 0.0) <= figures.phases.total + 1e-9
    assert figures.mostly in (None, *NAMES)
    for one in visits:
        assert figures.slowest.seconds >= one.seconds


def test_the_chain_that_expires_first_counts_for_both_certificates() -> None:
    later = tuple(one._replace(ends=NOW + 500 * DAY) for one in CHAIN)
    other = answered()._replace(hops=(answered().last._replace(chain=later),))
    figures = figures_of((other, answered()), NOW)
    assert figures is not None and figures.own is not None and figures.first is not None
    assert (figures.own.certificate, figures.own.left) == (CHAIN[0], 80 * DAY)
    assert (figures.first.certificate, figures.first.left) == (CHAIN[1], 20 * DAY)


def test_a_certificate_without_a_date_is_not_taken_for_the_servers_own() -> None:
    chain = (CHAIN[0]._replace(ends=None), CHAIN[1])
    figures = figures_of((answered()._replace(hops=(answered().last._replace(chain=chain),)),), NOW)
    assert figures is not None and figures.first is not None
    assert figures.own is None
    assert figures.first.certificate is CHAIN[1]


def test_skipped_addresses_are_dead_unless_we_have_no_way_to_their_family() -> None:
    used = Contact("192.0.2.1", True)
    refused = Contact("192.0.2.2", False, "Connection refused")
    ours = Contact("2001:db8::1", False, "Network is unreachable")
    hop = answered().last._replace(contacts=(ours, refused, used))
    (one,) = analysed(answered()._replace(hops=(hop,))).visits
    assert (one.dead, one.contacts, one.addresses) == ((refused,), 3, Addresses(3, 1))
    silent = hop._replace(contacts=(ours, refused))
    assert analysed(answered()._replace(hops=(silent,))).visits[0].dead == ()


def test_a_redirect_from_tls_to_none_is_a_downgrade_and_no_other_one_is() -> None:
    secure, plain = answered().last, answered().last._replace(url=from_url("http://b.test/"))
    (one,) = analysed(answered()._replace(hops=(plain, secure, plain, plain))).visits
    assert one.downgrades == (plain.url,)


def test_one_address_of_two_names_is_counted_twice() -> None:
    visits = (at(GOOD, address="192.0.2.1"), at(BAD, "https://a.test/", address="192.0.2.1"))
    assert analysed(*visits).addresses == Addresses(2, 1)


def test_only_the_runs_of_the_window_before_this_one_count() -> None:
    runs = (
        PastRun(NOW - 2 * DAY, 100, 100, ("tls",) * 100, 100),
        PastRun(NOW - DAY, 5, 1, ("dns",)),
        PastRun(NOW - 1, 7, 0),
        PastRun(NOW, 50, 50),
        PastRun(NOW + 60, 50, 50),
    )
    window = analysed(GOOD, past=Past("ro", window=DAY, runs=runs)).window
    assert window == Window(12, 1, DAY, ("dns",))


def test_nothing_remembered_and_nothing_readable_are_told_apart() -> None:
    assert analysed(GOOD).window is None
    broken = analysed(GOOD, past=Past("rw", window=DAY, problem="is broken")).window
    assert broken == Window(0, 0, DAY, problem="is broken")


def test_an_outage_prolongs_only_its_first_failure() -> None:
    downs = ((5, 0), (5, 5), (5, 5), (5, 0), (5, 1), (0, 0), (5, 1))
    runs = tuple(
        PastRun(NOW - 100 + number, tries, down, ("tls",) * down, down)
        for number, (tries, down) in enumerate(downs)
    )
    window = analysed(GOOD, past=Past("ro", runs=runs)).window
    # 5 + 5 are one failure, and a run without tries of its own does not end an outage.
    assert window is not None
    assert (window.failed, window.prolonged) == (12, 4 + 5 + 1)


def test_a_failure_is_remembered_by_its_phase_and_an_answer_that_is_wrong_by_none() -> None:
    assert failed_in(BAD) == "tls"
    assert failed_in(GOOD) == CONTENT


@given(st.lists(st.sampled_from(["tls", "dns", "connect"])))
def test_the_commonest_phase_is_one_of_those_that_occur_most(phases: list[str]) -> None:
    phase = commonest(phases)
    assert (
        phase == "an unknown phase"
        if not phases
        else phases.count(phase) == max(map(phases.count, phases))
    )


def test_our_own_failures_are_no_tries_and_a_target_with_one_good_try_is_not_down() -> None:
    ours = BAD._replace(failure=Failure("local", "our resolver"))
    other = at(BAD, "https://a.test/")
    tries = (
        Try(GOOD, False, True),
        Try(BAD, True, True),
        Try(ours, False, False),
        Try(other, True, True),
        Try(other, True, True),
    )
    assert to_past_run(tries, NOW) == PastRun(NOW, 4, 3, ("tls",) * 3, down=2)
    assert to_past_run((), NOW) == PastRun(NOW, 0, 0)
