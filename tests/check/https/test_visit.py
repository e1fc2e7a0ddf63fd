"""The findings about one visit."""

import pytest

from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome, Visit
from bothsides.parse.libcurl import Phases
from bothsides.plugin.finding import Remark, State
from tests.support.https import URL, answered, judged, state, values


@pytest.mark.parametrize(
    ("blame", "expected"),
    [
        ("config", State.UNKNOWN),
        ("local", State.UNKNOWN),
        ("dns", State.CRITICAL),
        ("proxy", State.CRITICAL),
        ("path", State.CRITICAL),
        ("tls", State.CRITICAL),
        ("server", State.CRITICAL),
    ],
)
def test_each_class_of_failure_has_its_state_and_may_have_another(
    blame: str, expected: State
) -> None:
    failed = Visit(URL, (Outcome(URL, Phases(0.01, 0.02), 28),), Failure(blame, "it broke"))
    assert judged(failed)[0] == Remark(expected, f"it broke (blame: {blame})")
    assert state(failed, "--state", f"{blame}=warning") is State.WARNING
    assert values(judged(failed))["time_tls"] is None


def test_addresses_that_were_skipped_are_a_warning_unless_mapped() -> None:
    found = answered()
    dead = Contact("2001:db8::1", False, "Connection refused", 0.1)
    hop = found.hops[0]._replace(contacts=(dead, *found.hops[0].contacts))
    skipped = found._replace(hops=(hop,))
    assert Remark(State.WARNING, "1 of 2 addresses dead: 2001:db8::1 connection refused") in judged(
        skipped
    )
    assert state(skipped, "--state", "addresses=ok") is State.OK
    ours = dead._replace(
        reason="Network is unreachable"
    )  # we have no IPv6 here: nothing is wrong with the server
    assert (
        state(found._replace(hops=(hop._replace(contacts=(ours, *found.hops[0].contacts)),)))
        is State.OK
    )
