"""What the judge says about a run: events, words and figures; no packet is sent."""

from bothsides.analyse.path.delay_memory import Delays
from bothsides.check.mtr_path.check import CHECK
from bothsides.check.mtr_path.memory import to_stored
from bothsides.model.failure import Failure
from bothsides.model.path import ProbeResult, Reflection, Run
from bothsides.plugin.finding import Reading, State
from tests.support.sample_path import (
    NOTHING,
    USUAL,
    analysed,
    baseline_of,
    judged,
    limits_of,
    past,
    remarks,
    run,
    state,
    with_baseline,
)

ASK = "where depends on the direction: ask the other end, or check_udp_loss"


def test_the_same_path_is_ok_with_its_age_and_networks() -> None:
    said = judged(run(*USUAL), limits_of(), past(*USUAL))
    assert remarks(said) == [(State.OK, "5 hops, unchanged for 12 d, rta 20 ms, us ISP Amazon")]
    assert state(said) is State.OK


def test_a_change_names_hop_addresses_networks_flows_and_delay() -> None:
    other = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")
    slow = run(*other, looks=2)._replace(echoes=(0.061,) * 20)
    said = judged(slow, limits_of(), past(*USUAL))
    assert remarks(said)[0] == (
        State.WARNING,
        "same until hop 2 (10.1.0.1 ISP), then 10.2.0.1 became 10.3.0.1 (Amazon to Level3), "
        "6 of 6 flows, rtt 20 to 61 ms",
    )
    assert (State.OK, "the path turns off between ISP and Level3") in remarks(said)
    figures = {
        finding.figure.label: finding.value for finding in said if isinstance(finding, Reading)
    }
    assert (
        figures["path_changed"],
        figures["diverge_hop"],
        figures["flows_changed"],
        figures["as_hops"],
    ) == (1, 3, 6, 4)


def test_without_a_second_look_nothing_is_called_a_change() -> None:
    other = run("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")
    said = judged(other, limits_of(), past(*USUAL))
    assert remarks(said)[0][0] is State.OK
    assert remarks(said)[0][1].startswith("not confirmed: same until hop 2")


def test_loss_of_routers_is_nothing_and_of_the_target_is_critical() -> None:
    quiet = run("10.0.0.1", "", "10.2.0.1", "10.2.0.2", "10.2.9.9")
    assert state(judged(quiet, limits_of(), past(*USUAL))) is State.OK
    said = judged(run(*USUAL, lost=10), limits_of(), past(*USUAL))
    assert [
        finding.words
        for finding in said
        if isinstance(finding, Reading) and finding.state is State.CRITICAL
    ] == [f"50 % loss; {ASK}"]


def test_an_unreached_target_tells_where_the_path_ends() -> None:
    dead = run("10.0.0.1", "10.1.0.1", "", "", "", lost=20, looks=2)
    said = judged(dead, limits_of(), past(*USUAL))
    words = f"the target does not answer, answers end at hop 2 of 5; {ASK}"
    assert remarks(said)[0] == (State.CRITICAL, words)


def test_a_path_of_which_nothing_is_seen_but_the_reflector_is_unknown_and_never_ok() -> None:
    seen = Reflection("app", 862, "10.2.9.9", 200, 200, (0, 0), (0, 0))
    dark = run("", "", "", "", "", lost=20, looks=2, reflection=seen)
    for made in (dark, dark._replace(first=(), second=None, echoes=())):
        said = judged(made, limits_of(), NOTHING)
        words = "the path is not seen: only the reflector answers, no hop does"
        assert (State.UNKNOWN, words) in remarks(said)
        assert state(said) is State.UNKNOWN
    echoes = run("", "", "", "", "", looks=2)
    assert remarks(judged(echoes, limits_of(), NOTHING))[0][1].startswith("no hop answers, ")


def test_a_run_that_did_not_reach_the_target_is_remembered_as_one() -> None:
    dead = run("10.0.0.1", "10.1.0.1", "", "", "", lost=20, looks=2)
    stored = to_stored(analysed(dead, past(*USUAL)), State.CRITICAL)
    assert stored.words.startswith("the target does not answer, answers end at hop 2 of 5")
    whole = to_stored(analysed(run(*USUAL), past(*USUAL)), State.OK)
    assert whole.words.startswith("5 hops, unchanged")


def test_a_refusal_and_a_ring_are_named() -> None:
    refusing = run("10.0.0.1", "10.1.0.1", lost=20)
    refused = tuple(ProbeResult(flow, 3, "refused", "10.1.0.1", 0.1) for flow in range(6))
    said = judged(refusing._replace(first=refusing.first + refused), limits_of(), NOTHING)
    assert remarks(said)[0] == (State.CRITICAL, "hop 2 (10.1.0.1 ISP) refuses to forward")
    ring = run("10.0.0.1", *("10.1.0.1", "10.2.0.1") * 4, lost=20)
    assert (
        remarks(judged(ring, limits_of(), NOTHING))[0][1]
        == "loop between 10.1.0.1 ISP or Amazon and 10.2.0.1 Amazon"
    )


def test_a_firewall_that_refuses_the_flows_of_a_target_that_answers_is_told() -> None:
    refused = tuple(ProbeResult(flow, 2, "refused", "10.1.0.1", 0.001) for flow in range(6))
    known = run(*USUAL)
    seen = known._replace(first=(*known.first, *refused))
    words = "10.1.0.1 refuses the UDP probes, so the path behind it is not seen"
    told = remarks(judged(seen, limits_of(), NOTHING))
    assert (State.OK, f"{words}; the target answers echo requests") in told
    target = tuple(each._replace(host=known.target) for each in refused)
    own = known._replace(first=(*known.first, *target))
    assert not any("refuses" in words for _, words in remarks(judged(own, limits_of(), NOTHING)))


def test_the_last_known_address_of_a_provider_may_be_a_customers_router() -> None:
    refusing = run("10.0.0.1", "10.1.0.1", "10.1.0.2", "", "", lost=20, looks=2)
    refused = tuple(ProbeResult(flow, 4, "refused", "10.1.0.2", 0.1) for flow in range(6))
    made = refusing._replace(first=refusing.first + refused)
    said = remarks(judged(made, limits_of(), NOTHING))
    assert said[0] == (State.CRITICAL, "hop 3 (10.1.0.2) refuses to forward")
    note = "10.1.0.2 is an address of ISP: the router may be of the network behind it"
    assert said[1] == (State.OK, note)
    known = past("10.0.0.1", "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.2.9.9")
    said = remarks(judged(made, limits_of(), known))
    assert said[0] == (State.CRITICAL, "hop 3 (10.1.0.2 ISP) refuses to forward")


def test_another_address_of_the_target_is_no_change_of_path() -> None:
    moved = NOTHING._replace(addresses=("192.0.2.7",))
    said = remarks(judged(run(*USUAL), limits_of(), moved))
    assert said[0] == (State.OK, "app has another address: 10.2.9.9, was 192.0.2.7")
    assert state(judged(run(*USUAL), limits_of(("target",)), moved)) is State.WARNING


def test_a_border_address_of_the_neighbour_is_a_router_with_another_address() -> None:
    other = ("10.0.0.1", "10.1.0.1", "10.1.0.77", "10.2.0.2", "10.2.9.9")  # the ISP's address now
    said = judged(run(*other, looks=2), limits_of((), ("as-change", "change")), past(*USUAL))
    assert state(said) is State.OK
    assert "a router answers from another address" in remarks(said)[0][1]


def test_a_failure_of_ours_is_unknown() -> None:
    failed = Run("app", "app", failure=Failure("local", "no way from here"))
    assert remarks(judged(failed, limits_of(), NOTHING)) == [(State.UNKNOWN, "no way from here")]
    assert CHECK.program == "check_mtr_path"


def test_a_mean_that_grows_while_the_least_round_trip_does_not_is_no_alarm() -> None:
    known = past(*USUAL)
    usual = baseline_of(known)._replace(delays=Delays(target=(0.02,) * 6))
    known = with_baseline(known, usual)
    busy = run(*USUAL)._replace(echoes=(0.0201, *[0.061] * 19))
    slow = run(*USUAL)._replace(echoes=(0.041, *[0.061] * 19))
    states = [state(judged(each, limits_of(), known)) for each in (busy, slow)]
    assert states == [State.OK, State.WARNING]
