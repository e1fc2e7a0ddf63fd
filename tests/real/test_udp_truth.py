"""check_udp_loss against a wire that keeps the books of what it did to every packet."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import net
from tests.support.harm import FAR, PORT, Truth, harming, reflecting, wired
from tests.support.process import Outcome, run

CASES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "drop out": {"out": {"drop": [10, 3]}},
    "drop back": {"back": {"drop": [5, 2]}},
    "drop both ways": {"out": {"drop": [10, 3]}, "back": {"drop": [7, 4]}},
    "double out": {"out": {"double": [10, 0]}},
    "double back": {"back": {"double": [10, 0]}},
    "double and drop back": {"back": {"double": [5, 0], "drop": [5, 1]}},
    "overtaken out": {"out": {"hold": [20, 2], "span": 9}},
    "overtaken back": {"back": {"hold": [20, 2], "span": 9}},
    "burst out": {"out": {"lose": list(range(40, 50))}},
    "burst back and the end lost": {"back": {"lose": [*range(20, 25), *range(95, 100)]}},
    "late": {"back": {"late": [0.4, 5, 6, 17]}},
    "corrupt out": {"out": {"corrupt": [20, 1]}},
    "corrupt back": {"back": {"corrupt": [20, 1]}},
    "first and last lost": {"out": {"lose": [0, 99]}, "back": {"lose": [1, 97]}},
    "everything": {
        "out": {"drop": [11, 3], "double": [13, 0], "hold": [17, 2], "span": 9},
        "back": {"drop": [7, 1], "double": [9, 0], "corrupt": [19, 5], "hold": [23, 7], "span": 9},
    },
}


class Wire:
    """The hosts and the wire's interfaces."""

    def __init__(self, made: net.Network) -> None:
        self.net = made
        self.interfaces = wired(made)

    def measured(self, harm: dict[str, Any], *options: str) -> tuple[Outcome, Truth]:
        """One run of the check through the harm."""
        with reflecting(self.net, "far"), harming(self.net, self.interfaces, harm) as truth:
            outcome = run("check_udp_loss", "-H", FAR, "-p", str(PORT), *options, inside=self.net.inside("near"))
        return outcome, truth[0]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with net.network() as made:
        yield Wire(made)


def compared(outcome: Outcome, truth: Truth, harm: dict[str, Any]) -> None:
    """Loss exact; direction within one packet or unknown; nothing hidden."""
    figures: Any = {label: figure.value for label, figure in outcome.perfdata.items()}
    told = (figures, truth, outcome.text)
    assert figures["sent"] == truth.sent, told
    assert figures["sent"] - figures["recv"] == truth.lost, told
    for label, real in (("pl_out", truth.lost_out), ("pl_back", truth.lost_back)):
        part = figures[label]
        if part is not None:
            assert abs(part * truth.sent / 100 - real) <= 1.001, (label, *told)
    if "double" not in harm.get("out", {}):
        assert figures["pl_out"] is not None, told
        assert (figures["dup_out"], figures["dup_back"]) == (0, truth.dup_back), told
    if not harm.get("back"):
        assert (figures["dup_out"], figures["reorder_out"]) == (truth.dup_out, truth.reorder_out), told
        assert (figures["dup_back"], figures["reorder_back"]) == (0, 0), told


@pytest.mark.parametrize("case", CASES)
def test_the_truth_is_told_about_a_hundred_packets(wire: Wire, case: str) -> None:
    outcome, truth = wire.measured(CASES[case], "-i", "5ms", "--wait", "0.3")
    compared(outcome, truth, CASES[case])
    assert outcome.perfdata["late"].value == (3 if case == "late" else 0)
    if case == "corrupt back":  # the wire goes on with the answers to closing probes
        assert outcome.perfdata["corrupt"].value in (5, 6)
    if case.startswith("burst out"):
        assert (outcome.perfdata["bursts"].value, outcome.perfdata["burst_max"].value) == (1, 10)


@pytest.mark.soak
@pytest.mark.parametrize("flows", ["1", "8"])
@pytest.mark.parametrize("case", CASES)
def test_the_truth_is_told_about_a_thousand_packets(wire: Wire, case: str, flows: str) -> None:
    outcome, truth = wire.measured(CASES[case], "-n", "1000", "-i", "2ms", "--wait", "0.5", "--flows", flows)
    compared(outcome, truth, CASES[case])
