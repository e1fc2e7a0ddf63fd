"""What visits prove."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.https import Addresses, Analysis, analyse, figures_of
from bothsides.model.https import Contact, Outcome, Past, Plan, Run, Visit
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


def test_time_in_which_this_host_was_busy_is_not_the_targets_and_is_said() -> None:
    visit = answered()
    held = visit._replace(hops=(visit.last._replace(held=0.1), visit.last._replace(held=0.2)))
    analysis = analysed(held)
    (one,) = analysis.visits
    assert one.figures.seconds == pytest.approx(0.3)
    assert one.figures.theirs.seconds == pytest.approx(0.0)
    assert one.figures.theirs.held == pytest.approx(0.3)
    assert analysis.ours == ("this host is busy: it did not run the check for 0.3 s",)
    assert analysed(visit).ours == ()
