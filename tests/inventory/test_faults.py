"""How a fault is written."""

import pytest

from bothsides.inventory.faults import (
    Fault,
    Faults,
    Faulty,
    Place,
    Wrong,
    printable,
    quoted,
    remedy_for,
)

PLACE = Place("mesh.toml", 41)


def test_a_fault_is_a_line_with_place_subject_words_and_remedy() -> None:
    faults = Faults()
    faults.unknown(PLACE, '[[server]] "us-west-1"', "key", "datacentre", ["datacenter", "name"])
    (fault,) = faults.errors
    assert (
        str(fault) == 'mesh.toml:41: [[server]] "us-west-1": unknown key "datacentre", did you mean'
        ' "datacenter"?'
    )


def test_a_warning_says_so_and_is_no_error() -> None:
    faults = Faults()
    faults.doubt(PLACE, "", "odd", "take it out")
    assert faults.errors == []
    assert str(faults.warnings[0]) == "mesh.toml:41: warning: odd; take it out"


def test_faults_are_sorted_by_file_and_line() -> None:
    places = [Place("b", 1), Place("a", 10), Place("a", 9)]
    faulty = Faulty(Fault(place, "", "x", "y") for place in places)
    assert str(faulty) == "a:9: x; y\na:10: x; y\nb:1: x; y"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ([], "none is defined"),
        (["abc", "abd"], 'did you mean "abd"?'),
        (["x", "y"], "known: x, y"),
        (list("efghijklm"), "known: e, f, g, h, i, j, k, l, ..."),
    ],
)
def test_the_remedy_is_the_nearest_name_or_those_that_are_known(
    known: list[str], said: str
) -> None:
    assert remedy_for("abd", known) == said


def test_text_of_the_file_stays_on_one_short_line() -> None:
    assert printable("a\nb\x1b[31m") == "a\\nb\\x1b[31m"
    assert len(quoted("x" * 1000)) < 90
    assert str(Wrong("bad", "better")) == "bad; better"
    assert str(Place("a\nb", 3)) == "a\\nb:3"
