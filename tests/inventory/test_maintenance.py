"""Maintenance by the landscape and by flags: who does not alarm now."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.faults import Wrong
from bothsides.inventory.maintenance import (
    Flag,
    added,
    expired,
    flagged,
    from_lines,
    notices,
    to_lines,
)
from bothsides.inventory.read import read
from bothsides.parse import Unreadable

NOW = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LANDSCAPE = read(
    'server = [{ name = "a", ip = "192.0.2.1", datacenter = "eu" }, { name = "b", ip ='
    ' "192.0.2.2" }]\n'
    '[[maintenance]]\nwhat = "dc:eu"\nbegin = 2026-01-31T22:30:00+01:00\n'
    'end = 2026-01-31T23:30:00+01:00\nreason = "switch"\n'
)


def flag(what: str = "all", begin: datetime = NOW, end: datetime = NOW + HOUR) -> Flag:
    return Flag(what=what, begin=begin, end=end, owner="ann", reason="new switch")


@pytest.mark.parametrize(
    ("host", "minutes", "held"),
    [("a", -31, False), ("a", -30, True), ("a", 29, True), ("a", 30, False), ("b", 0, False)],
)
def test_a_planned_maintenance_begins_and_ends_by_itself(
    host: str, minutes: int, held: bool
) -> None:
    found = notices(LANDSCAPE, [], host, NOW + timedelta(minutes=minutes))
    assert [(each.owner, each.reason) for each in found] == (
        [("landscape.toml:2", "switch")] if held else []
    )


def test_a_flag_holds_until_its_end_with_owner_and_reason() -> None:
    (notice,) = notices(LANDSCAPE, [flag("b")], "b", NOW)
    assert notice == ("ann", "new switch", NOW + HOUR)
    assert notices(LANDSCAPE, [flag("b")], "b", NOW + HOUR) == []
    assert notices(LANDSCAPE, [flag("dc:eu | b")], "b", NOW) != []
    assert notices(LANDSCAPE, [flag("gone")], "b", NOW) == []


def test_without_a_landscape_a_flag_names_the_host_or_all() -> None:
    flags = [flag("web1"), flag("all", NOW + HOUR, NOW + 2 * HOUR), flag("dc:eu")]
    assert len(flagged(flags, "web1", NOW)) == 1
    assert len(flagged(flags, "web2", NOW)) == 0
    assert len(flagged(flags, "web2", NOW + HOUR)) == 1


def test_an_expired_maintenance_is_a_warning() -> None:
    assert expired(LANDSCAPE, NOW) == []
    (fault,) = expired(LANDSCAPE, NOW + HOUR)
    assert str(fault) == (
        'landscape.toml:2: warning: [[maintenance]]: "dc:eu": over since'
        " 2026-01-31T23:30:00+01:00; take the table out"
    )


def test_a_new_flag_replaces_the_old_one_of_the_same_hosts_and_drops_those_that_are_over() -> None:
    old = [flag("a"), flag("b"), flag("c", NOW - 2 * HOUR, NOW - HOUR)]
    new = flag("a", NOW, NOW + 3 * HOUR)
    assert added(old, new) == [old[1], new]


@pytest.mark.parametrize("end", [NOW, NOW - HOUR, NOW + timedelta(days=31)])
def test_a_flag_ends_later_than_now_and_within_30_days(end: datetime) -> None:
    with pytest.raises(Wrong, match="at most 30 days"):
        added([], flag(end=end))


def test_a_flag_of_two_lines_is_refused() -> None:
    with pytest.raises(Wrong, match="one line"):
        added([], flag()._replace(reason="a\nb"))


TEXT = st.text(max_size=20).filter(str.isprintable)
MOMENT = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.lists(st.builds(Flag, TEXT, MOMENT, MOMENT, TEXT, TEXT), max_size=4))
def test_flags_are_written_and_read_back(flags: list[Flag]) -> None:
    assert from_lines(to_lines(flags)) == flags


@given(
    st.text(max_size=80)
    | st.sampled_from(["[]", "1", "null", '{"what": 1}', '{"begin": "x"}', "[" * 5000])
)
def test_any_text_is_flags_or_unreadable(text: str) -> None:
    try:
        from_lines(text)
    except Unreadable as fault:
        assert str(fault).startswith("line ")


def test_a_flag_with_a_text_of_two_lines_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="line 1 is not a maintenance flag"):
        from_lines(to_lines([flag()._replace(owner="a\nb")]))
