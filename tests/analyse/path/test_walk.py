"""What one pass of probes saw."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.walk import both_walks, counts_by_ttl, echo_times, walk, whole_walk
from bothsides.model.path import ECHO, Plan, ProbeResult, Run

PLAN = Plan("app")
TARGET = "10.0.0.9"


def results(*lines: str, flow: int = 0) -> list[ProbeResult]:
    """One letter a hop: "." is silence, "!" the target."""
    made = []
    for number, line in enumerate(lines, flow):
        for ttl, letter in enumerate(line, 1):
            if letter == ".":
                made.append(ProbeResult(number, ttl, "silent"))
            elif letter == "!":
                made.append(ProbeResult(number, ttl, "reply", "10.7.7.7", 0.01))
            else:
                made.append(ProbeResult(number, ttl, "expired", letter, 0.01))
    return made


def test_a_reply_from_any_address_is_the_target() -> None:
    seen = walk(results("ab!"), PLAN, TARGET)
    assert seen.flows[0] == {1: ("a",), 2: ("b",), 3: (TARGET,)}
    assert seen.lengths == {0: 3}


def test_a_target_that_lost_a_probe_is_no_further_away() -> None:
    seen = walk(results("ab!", "ab.!"), PLAN, TARGET)
    assert seen.lengths == {0: 3, 1: 3}
    assert seen.flows[1][3] == (TARGET,)
    longer = walk(results("ab!", "abc!"), PLAN, TARGET)
    assert longer.lengths == {0: 3, 1: 4}


def test_ignored_hops_and_addresses_of_one_router() -> None:
    plan = PLAN._replace(ignored=(1,), alike=(("b", "c"),))
    assert walk(results("ac!"), plan, TARGET).flows[0] == {2: ("b",), 3: (TARGET,)}


def test_both_looks_of_a_run() -> None:
    run = Run("app", "app", TARGET, first=tuple(results("ab")), second=tuple(results("xb")))
    first, second = both_walks(PLAN, run)
    assert second is not None
    assert (first.flows[0][1], second.flows[0][1]) == (("a",), ("x",))
    assert whole_walk(PLAN, run).flows[0][1] == ("a", "x")
    assert both_walks(PLAN, run._replace(second=None))[1] is None


def test_answers_are_counted_by_hop() -> None:
    assert counts_by_ttl(results("a.", "ab")) == {1: (2, 2), 2: (2, 1)}
    assert echo_times(Run("app", "app", echoes=(0.1, None, 0.2))) == [0.1, 0.2]


KINDS = st.sampled_from(("reply", "expired", "refused", "silent"))
PROBES = st.builds(
    ProbeResult, st.integers(ECHO, 3), st.integers(1, 30), KINDS, st.sampled_from("abc")
)


@given(st.lists(PROBES, max_size=40))
def test_no_flow_goes_on_behind_the_target(probes: list[ProbeResult]) -> None:
    seen = walk(probes, PLAN, TARGET)
    assert ECHO not in seen.flows
    for flow, length in seen.lengths.items():
        assert max(seen.flows[flow], default=0) <= length
