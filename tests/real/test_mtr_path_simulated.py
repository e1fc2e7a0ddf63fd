"""check_mtr_path, as a process with real packets, over described networks with every trouble."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support import need
from tests.support.net import command
from tests.support.networks import NASTY, about, changed, inserted, member, rehashed
from tests.support.process import Outcome
from tests.support.simnet import Simulated, simulated

MAP = """
192.0.2.0/24 = office, us
100.64.0.0/10 = HomeISP, isp
203.0.113.0/24 = HomeISP, isp
80.249.208.0/21 = AMS-IX, exchange
AS16509 = Amazon, cloud
AS3356 = Level3, transit
198.51.100.0/24 = app, far end
"""
TABLE = "52.92.0.0/14\t16509\n4.0.0.0/9\t3356\n"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Simulated]:
    need.program("mtr-packet", "mtr-tiny")
    (tmp_path / "map").write_text(MAP)
    (tmp_path / "as").write_text(TABLE)
    with simulated(tmp_path, NASTY) as made:
        yield made


def check(lab: Simulated, *arguments: str) -> Outcome:
    return lab.check(
        "--map", str(lab.file.parent / "map"), "--as-file", str(lab.file.parent / "as"), *arguments
    )


def learnt(lab: Simulated, runs: int = 3) -> None:
    for _ in range(runs):
        outcome = check(lab)
        assert outcome.code == 0, outcome


def quiet_runs(lab: Simulated, runs: int) -> list[float]:
    """So many runs without an alarm; how long each took."""
    took = []
    for number in range(runs):
        outcome = check(lab)
        assert outcome.code == 0, (number, outcome)
        assert outcome.perfdata["path_changed"].value == 0
        assert outcome.perfdata["pl"].value == 0
        took.append(outcome.seconds)
    return took


def test_everything_nasty_and_stable_is_ok_and_told_with_its_networks(lab: Simulated) -> None:
    quiet_runs(lab, 2)
    outcome = check(lab, "-v", "--perf-hops")
    assert "12 hops, learning 3/3" in outcome.line
    assert outcome.perfdata["h05_rta"].value == pytest.approx(0.0215, abs=0.01)
    assert outcome.perfdata["h08_pl"].value == 100
    assert "office HomeISP AMS-IX Amazon app" in outcome.line
    figures = {label: figure.value for label, figure in outcome.perfdata.items()}
    assert (
        figures["hops"],
        figures["as_hops"],
        figures["balanced_hops"],
        figures["silent_hops"],
    ) == (12, 5, 4, 1)
    assert figures["reached"] == 1
    assert "MPLS 24001" in outcome.text
    assert figures["probes"] is not None
    assert figures["probes"] <= 200


def test_another_network_in_between_is_named_with_hop_and_both_owners(lab: Simulated) -> None:
    learnt(lab)
    lab.tell(changed(NASTY, 5, "4.69.1.1", "4.69.2.2"))
    outcome = check(lab)
    assert outcome.code == 1
    assert "same until hop 5 (80.249.208.10 Amazon), then 52.93.128." in outcome.line
    assert "became 4.69.1.1 (Amazon to Level3), 6 of 6 flows" in outcome.line
    assert "the path turns off between Amazon and Level3" in outcome.text
    assert outcome.perfdata["diverge_hop"].value == 6
    assert check(lab, "-c", "as-change").code == 2
    assert check(lab, "-w", "none", "--forbid-as", "3356", "--accept").code == 2
    assert check(lab).code == 0


@pytest.mark.soak
def test_inserted_and_removed_hops_are_another_path(lab: Simulated) -> None:
    learnt(lab)
    wider = "80.249.208.10 became 80.249.208.99 (AMS-IX), 6 of 6 flows, +1 hop"
    shorter = "80.249.208.10 became 52.93.128."
    longer = inserted(NASTY, 4, "80.249.208.99")
    for network, words, hops in ((longer, wider, 13), (changed(NASTY, 4), shorter, 11)):
        lab.tell(network)
        outcome = check(lab)
        assert outcome.code == 1, outcome
        assert "same until hop 4 (203.0.113." in outcome.line
        assert words in outcome.line
        assert outcome.perfdata["hops"].value == hops
        assert outcome.perfdata["diverge_hop"].value == 5
        lab.tell(NASTY)
        assert check(lab).perfdata["path_changed"].value == 0


@pytest.mark.soak
def test_one_hop_that_differs_while_the_next_stays_is_another_address(lab: Simulated) -> None:
    learnt(lab)
    lab.tell(changed(NASTY, 4, "80.249.208.99"))
    outcome = check(lab)
    assert outcome.code == 0, outcome
    assert "a router answers from another address" in outcome.text
    assert outcome.perfdata["path_changed"].value == 0  # and the address is learnt at once
    lab.tell(changed(NASTY, 4, "4.69.9.9"))  # of a network that the path does not pass there
    outcome = check(lab)
    assert (outcome.code, outcome.perfdata["diverge_hop"].value) == (1, 5), outcome
    assert "80.249.208.99 became 4.69.9.9 (AMS-IX to Level3)" in outcome.line


@pytest.mark.soak
def test_a_member_replaced_is_found_and_a_rehash_is_not_a_change(lab: Simulated) -> None:
    learnt(lab, 4)
    lab.tell(member(NASTY, 3, 0, "203.0.113.77"))  # the next hop is entered by the same link
    outcome = check(lab)
    assert outcome.code == 0
    assert "a router answers from another address" in outcome.line
    lab.tell(NASTY)
    assert check(lab).code == 0
    lab.tell(member(NASTY, 5, 0, "52.93.128.99", "52.93.0.99"))
    outcome = check(lab)
    assert outcome.code == 1
    assert "52.93.128.1 became 52.93.128.99 (Amazon)" in outcome.line
    lab.tell(NASTY)
    assert check(lab).code == 0
    lab.tell(rehashed(NASTY, places=(3,)))
    outcome = check(lab)
    assert outcome.code == 0
    assert "changed places among known routers" in outcome.line
    lab.tell(rehashed(NASTY, "packet", (3,)))
    for _ in range(3):
        assert check(lab).code == 0


@pytest.mark.soak
def test_silence_rate_limits_and_own_losses_of_routers_are_no_loss(lab: Simulated) -> None:
    learnt(lab)
    network = NASTY
    for host in ("192.0.2.1", "203.0.113.1", "80.249.208.10", "52.95.0.1"):
        network = about(network, host, rate=[1, 6])
    lab.tell(about(network, "52.93.1.2", silent=True))
    for _ in range(3):
        outcome = check(lab)
        assert outcome.code == 0, outcome
        assert outcome.perfdata["pl"].value == 0


@pytest.mark.soak
def test_without_a_direction_a_place_is_a_supposition_of_the_long_output(lab: Simulated) -> None:
    lab.tell(about(NASTY, "198.51.100.10", fwdloss=0.5))
    outcome = check(lab)
    assert outcome.code != 0
    assert " % loss, where depends on the direction: ask the other end" in outcome.line
    supposed = (
        r"^\[OK\] if all of the loss is on the way out, it begins after hop (\d+) .*, before the"
    )
    found = re.search(f"{supposed} target$", outcome.text, re.MULTILINE)
    assert found is not None, outcome
    assert int(found[1]) <= 11
    assert outcome.seconds < 8.3 + 0.5


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("host", "share", "near", "widest", "names"),
    [
        ("198.51.100.10", 0.5, 11, 1, "app, Amazon or the target host"),
        ("80.249.208.10", 0.2, 4, 3, "HomeISP, AMS-IX or Amazon"),
        ("52.93.1.2", 0.2, 7, 3, ""),  # behind a silent hop, whose network nobody knows
    ],
)
def test_loss_on_the_way_out_is_put_on_its_section(
    lab: Simulated, host: str, share: float, near: int, widest: int, names: str
) -> None:
    """Of the sections named 99 % hold the truth; most runs name one, half of them a narrow one."""
    learnt(lab)
    lab.tell(about(NASTY, host, fwdloss=share))
    runs = 10 if share == 0.5 else 20
    outcomes = [check(lab, "-w", "pl=1", "--direction", "out") for _ in range(runs)]
    spans = [span for outcome in outcomes if (span := section_of(outcome)) is not None]
    right = [span for span in spans if span[0] <= near < span[1]]
    assert len(spans) >= 0.8 * runs, outcomes
    assert len(right) >= len(spans) - 1, spans  # two wrong ones of 20 come once in 60 times
    assert sorted(far - close for close, far in right)[len(right) // 2] <= widest, spans
    words = f"at {names} (" if names else "between hops 7 and "
    assert any(f"loss on the way out, {words}" in outcome.line for outcome in outcomes)
    assert all(outcome.perfdata["path_changed"].value == 0 for outcome in outcomes)
    assert all(outcome.seconds < 8.3 for outcome in outcomes)


def section_of(outcome: Outcome) -> tuple[int, int] | None:
    """The hops between which line 1 puts a loss; None where it says that none can be told.

    Of 20 % one run in some dozens loses nothing.
    """
    if outcome.perfdata["pl"].value == 0:
        return None
    found = re.search(r"(?:between hops (\d+) and|before hop) (\d+)", outcome.line)
    assert (found is None) == ("no place can be told" in outcome.line), outcome
    return (int(found[1] or 0), int(found[2])) if found else None


def test_a_target_that_answers_no_echo_but_udp_is_reached(lab: Simulated) -> None:
    lab.tell(about(NASTY, "198.51.100.10", echo=False))
    outcome = check(lab)
    assert outcome.code == 0, outcome
    assert (outcome.perfdata["reached"].value, outcome.perfdata["pl"].value) == (1, None)


def test_two_targets_at_once_do_not_mix(lab: Simulated) -> None:
    learnt(lab, 1)
    with ThreadPoolExecutor(3) as pool:
        # three simulated networks at once may answer late: the delay is not what is tested
        outcomes = list(pool.map(lambda _: check(lab, "-w", "rta=5"), range(3)))
    assert [outcome.code for outcome in outcomes] == [0, 0, 0], outcomes


@pytest.mark.soak
def test_limits_against_what_is_usual(lab: Simulated) -> None:
    learnt(lab)
    lab.tell(about(NASTY, "80.249.208.10", ms=60))
    outcome = check(lab)
    assert outcome.code == 1
    assert "rta 8" in outcome.line
    assert check(lab, "-w", "rta=+100ms").code == 0
    assert check(lab, "-c", "rta=50ms").code == 2


@pytest.mark.soak
def test_ignored_hops_and_equal_routers_are_not_compared(lab: Simulated) -> None:
    options = ("--ignore-hop", "5", "--equiv", "203.0.113.1=203.0.113.250")
    for _ in range(3):
        assert check(lab, *options).code == 0
    lab.tell(changed(changed(NASTY, 4, "80.249.208.99"), 2, "203.0.113.250"))
    assert check(lab, *options).code == 0


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_hundred_stable_runs_raise_no_alarm(lab: Simulated) -> None:
    took = sorted(quiet_runs(lab, 200))
    assert took[100] <= 2.5


def test_nothing_is_left_running(lab: Simulated) -> None:
    check(lab, "-t", "1")
    assert command("ip", "netns", "pids", lab.inside[3]).split() == []
