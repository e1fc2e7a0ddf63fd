"""Records: every value comes back, secrets never leave, a broken record is named."""

import json
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.record import from_json, from_record, to_json, to_record
from bothsides.base.secret import Secret
from bothsides.parse import Unreadable


class Sample(NamedTuple):
    number: int
    rtt: float | None = None


class Plan(NamedTuple):
    host: str
    community: Secret


class Run(NamedTuple):
    samples: tuple[Sample, ...]
    pair: tuple[int, str]
    raw: bytes
    counts: dict[str, int]
    failure: Sample | None


_samples = st.builds(
    Sample, st.integers(), st.none() | st.floats(allow_nan=False, allow_infinity=False)
)
_runs = st.builds(
    Run,
    st.lists(_samples, max_size=4).map(tuple),
    st.tuples(st.integers(), st.text()),
    st.binary(max_size=9),
    st.dictionaries(st.text(), st.integers(), max_size=3),
    st.none() | _samples,
)


@given(_runs)
def test_a_run_comes_back_as_it_was(run: Run) -> None:
    text = to_record("check_x", Plan("web1", Secret("public")), run)
    assert from_record(text, "check_x", Plan, Run) == (Plan("web1", Secret("")), run)


def test_a_secret_is_neither_recorded_nor_shown() -> None:
    plan = Plan("web1", Secret("hunter2"))
    assert "hunter2" not in to_record("check_x", plan, Sample(1))
    assert "hunter2" not in repr(plan)


def test_what_is_not_a_number_is_recorded_as_not_measured() -> None:
    assert to_json(Sample(1, float("nan"))) == {"number": 1, "rtt": None}


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("", "not a record"),
        ("[]", "not a record"),
        ('{"check": "check_y", "plan": {}, "run": {}}', "a record of check_y, not of check_x"),
        ('{"check": "check_x", "plan": {}, "run": {}}', "plan: field number is missing"),
        (
            '{"check": "check_x", "plan": {"number": 1, "colour": 2}, "run": {}}',
            "plan: unknown field colour",
        ),
        ('{"check": "check_x", "plan": {"number": "1"}, "run": {}}', "plan.number: '1' is not int"),
        (
            '{"check": "check_x", "plan": {"number": true}, "run": {}}',
            "plan.number: 'True' is not int",
        ),
    ],
)
def test_a_broken_record_says_where(record: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words.replace(".", r"\.")):
        from_record(record, "check_x", Sample, Sample)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["samples", "pair", "raw", "hex", "number"]), inner)
    ),
)


@given(_json)
def test_no_json_raises_anything_but_unreadable(data: object) -> None:
    try:
        from_json(Run, json.loads(json.dumps(data)))
    except Unreadable:
        pass


def test_a_record_without_a_bottom_is_named() -> None:
    with pytest.raises(Unreadable, match="nested too deeply"):
        from_record("[" * 100_000, "check_x", Plan, Run)


FORMER_FIELDS = {"Renamed": {"delay": "rtt", "patience": ""}}


class Renamed(NamedTuple):
    rtt: float
    host: str = "web1"


def test_fields_of_older_records_are_read_by_their_former_names() -> None:
    assert from_json(Renamed, {"delay": 2.0, "patience": 1}) == Renamed(2.0)
    assert from_json(Renamed, {"rtt": 2.0}) == Renamed(2.0)
    with pytest.raises(Unreadable, match="unknown field waiting"):
        from_json(Renamed, {"rtt": 2.0, "waiting": 1})
