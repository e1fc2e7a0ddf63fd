"""Evidence of another time than the trouble acquits nobody."""

import pytest

from bothsides.incident.case import Case
from bothsides.incident.join import verdict
from bothsides.incident.moments import at_the_trouble, of_other_times
from bothsides.model.evidence import Look
from tests.support.evidence import BACK, NOW, OUT, THIRD, case, document, https, trace, udp


def lossy(later: float) -> Case:
    """A's loss before the last link now, and a witness that is well so many seconds later."""
    well = Look(
        udp()._replace(at=NOW + later), trace(THIRD)._replace(at=NOW + later), https(at=NOW + later)
    )
    return case(
        document("A", {"B": Look(udp(out=40), trace(OUT, 7, 0.2))}),
        document("B", {"A": Look(udp(back=40), trace(BACK, 6, 0.2))}),
        document("C", {"B": well}),
    )


@pytest.mark.parametrize(("later", "counts"), [(-600, False), (-90, True), (0, True), (600, False)])
def test_a_witness_counts_near_the_loss(later: float, counts: bool) -> None:
    kept = at_the_trouble(lossy(later)).views["C", "B"].now
    assert [part is not None for part in kept] == [counts] * 3


def test_what_does_not_count_is_said() -> None:
    said = verdict(lossy(-600))
    assert "check_udp_loss from C to B at the time of the trouble: it ran 10 min before it" in (
        said.missing
    )
    assert {"Nimbus", "far end"} == {*said.side, *said.also}


def test_an_end_that_was_well_before_the_loss_makes_it_no_smaller() -> None:
    here = Look(udp()._replace(at=NOW - 600), trace(BACK)._replace(at=NOW - 600))
    said = verdict(
        case(document("A", {"B": Look(udp(out=40), trace(OUT))}), document("B", {"A": here}))
    )
    assert (said.lost_out is not None, said.sent_out) == (True, 200)


def test_where_nothing_is_wrong_everything_counts() -> None:
    well = document("A", {"B": Look(udp(), trace(OUT))})
    old = document("B", {"A": Look(udp()._replace(at=NOW - 800))})
    assert list(of_other_times(case(well, old))) == []
    assert at_the_trouble(case(well, old)) == case(well, old)
