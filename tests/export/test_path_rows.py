"""A measured path as rows, and the event of its change."""

from bothsides.export.path_rows import hop_points, path_change
from tests.export.samples import AT, ORIGIN, ROWS


def test_each_router_is_a_row_and_a_silent_hop_has_neither_owner_nor_times() -> None:
    first, silent, last = hop_points(ROWS, "198.51.100.10", ORIGIN, AT)
    assert first.tags[-2:] == (("hop", "01"), ("address", "192.0.2.1"))
    assert silent.tags[-2:] == (("hop", "02"), ("address", "*"))
    assert silent.fields == (("sent", 20), ("lost", 20), ("loss", 1.0))
    assert last.tags[-3:] == (("hop", "08"), ("address", "52.93.0.5"), ("owner", "Amazon"))
    assert dict(last.fields)["asn"] == 16509


def test_a_hop_without_probes_has_no_ratio() -> None:
    (point,) = hop_points((ROWS[0]._replace(sent=0),), "t", ORIGIN, AT)
    assert "loss" not in dict(point.fields)


def test_a_change_is_an_event_that_names_the_first_hop_and_all_others() -> None:
    after = (*ROWS[:2], ROWS[2]._replace(address="52.93.9.2"), ROWS[2]._replace(hop=9, owner=""))
    event = path_change(ROWS, after, "198.51.100.10", ORIGIN, "abc", AT)
    assert event is not None
    assert event.title == "path changed at hop 8"
    assert (
        event.text == "hop 8: 52.93.0.5 became 52.93.9.2 (inside Amazon); hop 9: 52.93.0.5 is new"
    )
    assert event.words == ("bothsides", "path", "office-to-aws")
    back = path_change(after, ROWS, "198.51.100.10", ORIGIN, "abc", AT)
    assert back is not None
    assert back.text.endswith("hop 9: 52.93.0.5 is gone")


def test_the_same_path_is_no_event() -> None:
    assert path_change(ROWS, ROWS, "t", ORIGIN, "abc", AT) is None
