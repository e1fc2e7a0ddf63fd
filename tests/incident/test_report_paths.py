"""Both directions hop by hop, aligned with the time before."""

from bothsides.incident.report_paths import MOST, Traced, raw, table
from tests.support.evidence import BACK, OUT, owners_of, trace

OTHER = (*OUT[:3], "62.2.99.9", *OUT[4:])
OWNERS = owners_of((*OUT, *BACK, *OTHER))


def test_windows_are_aligned_and_changes_marked() -> None:
    made = table(
        "A to B", [Traced("before", trace(OUT)), Traced("during", trace(OTHER))], OWNERS, False
    )
    assert made is not None
    assert [row.marks for row in made.rows] == ["=", "=", "=", "~", "=", "=", "="]
    assert [row.owner for row in made.rows] == ["Office", *["TalNet"] * 3, *["Nimbus"] * 3]
    assert [cell.host for cell in made.rows[3].cells if cell] == ["62.2.11.2", "62.2.99.9"]
    assert "62.2.11.2 became 62.2.99.9" in made.words


def test_the_way_back_is_drawn_upwards() -> None:
    made = table("B to A", [Traced("during", trace(BACK))], OWNERS, True)
    assert made is not None
    assert [row.hop for row in made.rows] == [6, 5, 4, 3, 2, 1]
    assert (made.words, made.left_off) == ("", 0)


def test_a_direction_without_a_trace_has_no_table() -> None:
    assert table("A to B", [], OWNERS, False) is None


def test_very_long_paths_are_cut_and_counted() -> None:
    long = tuple(f"192.0.2.{number}" for number in range(1, 101))
    made = table("A to B", [Traced("during", trace(long))], {}, False)
    assert made is not None
    assert (len(made.rows), made.left_off) == (MOST, 100 - MOST)


def test_a_trace_that_ends_early_shows_one_silent_hop_in_its_text() -> None:
    cut = Traced("during", trace(OUT, stop=4))
    made = table("A to B", [Traced("before", trace(OUT)), cut], OWNERS, False)
    assert made is not None
    assert [row.marks for row in made.rows] == ["=", "=", "=", "-", "-", "-", "-"]
    ((_, text),) = raw("A to B", [cut], OWNERS)
    assert [line.split()[1] for line in text.splitlines()[2:-1]] == [*OUT[:3], "???"]


def test_each_trace_is_there_as_text_with_the_figures_that_exist() -> None:
    ((title, text),) = raw("A to B", [Traced("during", trace(OUT, 4, 0.2))], OWNERS)
    lines = text.splitlines()
    assert title == "A to B, during"
    assert lines[0] == "Start: 2027-01-15T08:00:00+0000"
    assert lines[5].split() == ["4.|--", "62.2.11.2", "20.0%", "40", "2.0"]
    assert lines[-1] == "target 52.1.9.10: 8 of 40 echo requests lost"
