"""Stored runs of a path become rows, and its changes become events."""

from bothsides.command.export_history import path_run
from bothsides.export.schema import Origin
from bothsides.export.stored_path import change, path_id, rows
from tests.export.history import stored

ORIGIN = Origin("mon1", "office-to-aws")
USUAL, AWAY = path_run(stored(0, 1.7e9)), path_run(stored(30, 1.7e9 + 3600))


def test_a_run_gives_a_row_for_the_path_and_one_for_each_hop() -> None:
    path, *hops = rows(USUAL, ORIGIN)
    assert path.measurement == "bothsides_path"
    assert dict(path.fields) == {
        "state": 0,
        "hops": 11,
        "path_id": path_id(USUAL),
        "loss": 0.0,
        "rtt_avg": 0.03,
    }
    assert [hop.tag("hop") for hop in hops] == [f"{ttl:02d}" for ttl in range(1, 12)]
    silent = hops[2]
    assert (silent.tag("address"), dict(silent.fields)) == (
        "*",
        {"sent": 20, "lost": 20, "loss": 1},
    )
    assert {point.at for point in (path, *hops)} == {1_700_000_000 * 10**9}


def test_a_change_is_an_event_about_the_hops_that_differ() -> None:
    event = change(USUAL, AWAY, ORIGIN)
    assert event is not None
    assert event.title == "path changed at hop 8"
    assert event.text == (
        "hop 8: 10.0.0.8 became 10.9.0.8 (inside Amazon); "
        "hop 9: 10.0.0.9 became 10.9.0.9 (inside Amazon)"
    )
    assert event.path_id == path_id(AWAY) != path_id(USUAL)
    assert change(USUAL, USUAL._replace(at=1.7e9 + 60), ORIGIN) is None


def test_a_hop_that_was_silent_is_no_change() -> None:
    quiet = USUAL._replace(hops=tuple(hop for hop in AWAY.hops if hop.hop not in (8, 9)))
    assert change(USUAL, quiet, ORIGIN) is None
