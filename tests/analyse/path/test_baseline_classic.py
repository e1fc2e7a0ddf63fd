"""The path by plain mtr, on fifty recorded runs over a network that did not change."""

from pathlib import Path

import pytest

from bothsides.analyse.path.baseline import PROMOTED
from bothsides.analyse.path.baseline_classic import (
    ClassicBaseline,
    Counts,
    counted,
    decide,
    learn,
)
from bothsides.parse.mtr.detect import from_mtr
from tests.support.process import HOUSE

STABLE = HOUSE / "tests/data/mtr/stable-ecmp"


def run(path: Path, old: str = "", new: str = "") -> Counts:
    trace = from_mtr(path.read_bytes())[0]
    return counted(
        (probe.ttl, new if probe.host == old else probe.host)
        for probe in trace.probes
        if probe.host
    )


def after(
    runs: list[Counts], memory: ClassicBaseline | None = None
) -> tuple[ClassicBaseline, list[str]]:
    words: list[str] = []
    memory = memory or ClassicBaseline()
    for number, seen in enumerate(runs):
        verdict = decide(memory, seen, float(number))
        words.append(verdict.word)
        memory = learn(memory, verdict, seen, float(number))
    return memory, words


def test_fifty_runs_along_ever_other_flows_are_no_change() -> None:
    for kind in ("icmp", "paris"):
        runs = [run(path) for path in sorted((STABLE / kind).glob("*.raw"))]
        _, words = after(runs)
        assert "changed" not in words
        assert words.count("unconfirmed") <= 1


def test_a_hop_replaced_is_a_change_at_once_and_normal_after_twelve_runs() -> None:
    paths = sorted((STABLE / "icmp").glob("*.raw"))
    memory, _ = after([run(path) for path in paths[:10]])
    other = [run(path, "80.249.208.10", "9.9.9.9") for path in paths[10 : 12 + PROMOTED]]
    verdict = decide(memory, other[0], 99.0)
    assert verdict.turn is not None
    assert (verdict.word, verdict.turn.ttl, verdict.turn.old, verdict.turn.new) == (
        "changed",
        5,
        "80.249.208.10",
        "9.9.9.9",
    )
    _, words = after(other, memory)
    assert words[:PROMOTED] == ["changed"] * (PROMOTED - 1) + ["promoted"]
    assert words[-1] == "same"
    back, words = after([*other[:2], run(paths[40])], memory)
    assert words == ["changed", "changed", "same"]
    assert back.other_runs == 0


def one_flow(line: str) -> Counts:
    """Six probes at each hop, all along one way; each letter is a router."""
    return {ttl: {host: 6} for ttl, host in enumerate(line, 1)}


def test_another_member_of_a_balancer_is_no_reroute_where_no_flow_can_be_held() -> None:
    memory, _ = after([one_flow("abcde")] * 5)
    verdict = decide(memory, one_flow("abfde"), 9.0)
    assert verdict.turn is not None
    assert (verdict.word, verdict.turn.ttl, verdict.turn.new) == ("sibling", 3, "f")
    assert (verdict.since, verdict.switched) == (memory.since, False)
    known, words = after([one_flow("abcde")], learn(memory, verdict, one_flow("abfde"), 9.0))
    assert (words, known.counts[3], known.runs) == (["same"], {"c": 36, "f": 6}, 7)
    assert decide(known, one_flow("abfde"), 11.0).word == "same"


@pytest.mark.parametrize(("known", "runs"), [(3, 10), (5, 5), (10, 3), (500, 3)])
def test_a_new_router_that_stays_is_a_reroute_once_no_balancer_explains_it(
    known: int, runs: int
) -> None:
    memory, _ = after([one_flow("abcde")] * known)
    changed, words = after([one_flow("abfde")] * runs, memory)
    assert words == ["sibling"] * (runs - 1) + ["changed"]
    assert (changed.since, changed.other_runs, changed.beside) == (0.0, 1, {})
    _, words = after([one_flow("abfde"), one_flow("abcde")], changed)
    assert words == ["changed", "same"]


def test_a_balancer_that_deals_anew_is_no_reroute_however_often_it_deals() -> None:
    memory, _ = after([one_flow("abcde")] * 10)
    _, words = after([one_flow(f"ab{router}de") for router in "ffcffgghijfjkcgh"], memory)
    assert "changed" not in words


def test_a_silent_hop_does_not_make_a_reroute_a_parallel_path() -> None:
    memory, _ = after([one_flow("abcde")] * 10)
    silent = {ttl: hosts for ttl, hosts in one_flow("abfde").items() if ttl != 3}
    _, words = after([one_flow("abfde")] * 2 + [silent, one_flow("abfde")], memory)
    assert words == ["sibling", "sibling", "same", "changed"]


def test_another_network_or_a_longer_path_is_a_reroute_by_one_flow_too() -> None:
    memory, _ = after([one_flow("abcde")] * 5)

    def same(address: str, other: str) -> bool:
        return address.isupper() == other.isupper()

    words = [decide(memory, one_flow(line), 9.0, same).word for line in ("abFde", "abfgde")]
    assert words == ["changed", "changed"]
