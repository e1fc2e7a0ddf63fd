"""check_udp_loss against a wire that keeps the books of what it did to every packet."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import net
from tests.support.forked import run
from tests.support.harm import CASES, FAR, PORT, Truth, harming, reflecting, wired
from tests.support.process import Outcome


class Wire:
    """The hosts and the wire's interfaces."""

    def __init__(self, made: net.Network) -> None:
        self.net = made
        self.interfaces = wired(made)

    def measured(self, harm: dict[str, Any], *options: str) -> tuple[Outcome, Truth]:
        """One run of the check through the harm."""
        with reflecting(self.net, "far"), harming(self.net, self.interfaces, harm) as truth:
            outcome = run(
                "check_udp_loss",
                "-H",
                FAR,
                "-p",
                str(PORT),
                *options,
                inside=self.net.inside("near"),
            )
        return outcome, truth[0]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with net.network() as made:
        yield Wire(made)


def compared(outcome: Outcome, truth: Truth, harm: dict[str, Any]) -> None:
    """Loss and its direction exact; nothing hidden."""
    figures: Any = {label: figure.value for label, figure in outcome.perfdata.items()}
    told = (figures, truth, outcome.text)
    assert figures["sent"] == truth.sent, told
    assert figures["sent"] - figures["recv"] == truth.lost, told
    for label, real in (("pl_out", truth.lost_out), ("pl_back", truth.lost_back)):
        assert figures[label] is not None, told
        assert abs(figures[label] * truth.sent / 100 - real) <= 0.001, (label, *told)
    if "double" not in harm.get("out", {}):
        assert (figures["dup_out"], figures["dup_back"]) == (0, truth.dup_back), told
    if not harm.get("back"):
        assert (figures["dup_out"], figures["reorder_out"]) == (truth.dup_out, truth.reorder_out), (
            told
        )
        assert (figures["dup_back"], figures["reorder_back"]) == (0, 0), told


@pytest.mark.parametrize("case", CASES)
def test_the_truth_is_told_about_a_hundred_packets(wire: Wire, case: str) -> None:
    outcome, truth = wire.measured(CASES[case], "-i", "5ms", "--wait", "0.3")
    compared(outcome, truth, CASES[case])
    if case == "late":
        assert (outcome.perfdata["late"].value or 0) >= 3
    if case == "corrupt back":  # the wire goes on with the answers to closing probes
        assert outcome.perfdata["corrupt"].value in (5, 6)
    if case.startswith("burst out"):
        assert (outcome.perfdata["bursts"].value, outcome.perfdata["burst_max"].value) == (1, 10)


@pytest.mark.soak
@pytest.mark.parametrize("flows", ["1", "8"])
@pytest.mark.parametrize("case", CASES)
def test_the_truth_is_told_about_a_thousand_packets(wire: Wire, case: str, flows: str) -> None:
    outcome, truth = wire.measured(
        CASES[case], "-n", "1000", "-i", "2ms", "--wait", "0.5", "--flows", flows
    )
    compared(outcome, truth, CASES[case])
