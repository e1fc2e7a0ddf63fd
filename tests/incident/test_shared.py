"""Which links a third host's packets pass too."""

from bothsides.incident.case import Case
from bothsides.incident.counts import directional
from bothsides.incident.places import Link
from bothsides.incident.shared import MOST, Third, ThirdView, passing, thirds
from bothsides.model.evidence import Look
from tests.support.evidence import OUT, THIRD, WELL, case, document, silent, trace, udp

ENDS = ("A", "B")


def link(hop: int, host: str = "") -> Link:
    after = frozenset({OUT[hop - 2]}) if hop > 1 else frozenset()
    return Link(hop, after, frozenset({OUT[hop - 1]}), frozenset({0}), True, (("x", 1.0),), 0, host)


def third(out: int = 0) -> tuple[Case, Third]:
    made = case(*WELL, document("C", {"B": Look(udp(out=out), trace(THIRD))}))
    found = {(each.start, each.target): each for each in thirds(made)}
    assert set(found) == {("C", "B"), ("B", "C")}
    assert found["C", "B"].counts == directional(made, "C", "B")
    return made, found["C", "B"]


def test_a_link_is_shared_where_both_ways_pass_its_two_addresses() -> None:
    _, witness = third()
    assert passing(link(7), witness, ENDS, frozenset()) == 1.0
    assert (
        passing(link(6), witness, ENDS, frozenset()) == 0.9
    )  # another address of the router before
    assert passing(link(6), witness, ENDS, frozenset({OUT[5]})) == 0.3  # on an exchange
    assert passing(link(3), witness, ENDS, frozenset()) < 0.1


def test_all_packets_to_a_host_pass_the_host_itself() -> None:
    _, witness = third()
    assert passing(link(7, "B"), witness, ENDS, frozenset()) == 1.0
    assert passing(link(1, "A"), witness, ENDS, frozenset()) == 0.0


def test_a_clean_witness_speaks_against_a_link_that_it_passes() -> None:
    their_view = ThirdView(*third())
    assert their_view.log(link(7), 0.2, 1.0, 1.0) < their_view.log(link(3), 0.2, 0.03, 1.0) - 5


def test_silence_of_a_witness_that_was_answered_before_is_hardly_its_own() -> None:
    def judged(past: bool) -> float:
        before = {"B": Look(udp(), trace(THIRD))} if past else None
        witness = document("C", {"B": Look(silent(), trace(THIRD, stop=5))}, before)
        made = case(*WELL, witness)
        (their_view,) = [ThirdView(made, each) for each in thirds(made) if each.start == "C"]
        return their_view.log(link(3), 1.0, 0.0, 1.0)

    assert judged(past=True) < judged(past=False) - 1


def test_a_witness_s_own_loss_near_itself_speaks_for_no_shared_link() -> None:
    made = case(*WELL, document("C", {"B": Look(udp(out=40), trace(THIRD, 1, 0.2))}))
    witness = next(each for each in thirds(made) if each.start == "C")
    near = ThirdView(made, witness).log(link(7), 0.2, 1.0, 1.0)
    far = case(*WELL, document("C", {"B": Look(udp(out=40), trace(THIRD, 5, 0.2))}))
    there = next(each for each in thirds(far) if each.start == "C")
    assert ThirdView(far, there).log(link(7), 0.2, 1.0, 1.0) > near + 1


def test_of_a_thousand_witnesses_those_that_lose_are_compared() -> None:
    many = [document(f"h{number}", {"B": Look(udp())}) for number in range(200)]
    lossy = document("z", {"B": Look(udp(out=20))})
    compared = thirds(case(*many, lossy))
    assert len(compared) == MOST
    assert (compared[0].start, compared[0].target) == ("z", "B")
