"""What is stored on this host becomes rows.

Runs of a path, and slices of the mesh by the minute.
"""

from pathlib import Path

from bothsides.command.export_history import Span, pieces
from bothsides.export.archive_names import to_key
from bothsides.export.schema import Origin
from bothsides.mesh.ring import pack
from bothsides.model.mesh import SHORT, Slice
from bothsides.store.mesh_slices import Stored, keep_slices
from bothsides.store.sqlite import opened
from tests.export.history import remember

END = 1_700_000_000.0
ORIGIN = Origin("mon1")


def test_the_runs_of_a_span_come_with_rows_events_and_reports(tmp_path: Path) -> None:
    remember(tmp_path, END)
    with opened(str(tmp_path), write=False) as past:
        all_of_it = list(pieces(past, Span(0.0, END), ORIGIN))
        part = list(pieces(past, Span(END - 600, END - 300), ORIGIN))
        assert list(pieces(past, Span(0.0, END, "other.example"), ORIGIN)) == []
        assert len(list(pieces(past, Span(0.0, END, "10.0.0.11"), ORIGIN))) == 60
    assert len(all_of_it) == 60
    assert sum(len(piece.rows.points) for piece in all_of_it) == 60 * 12
    events = [event for piece in all_of_it for event in piece.rows.events]
    assert [event.at / 1e9 for event in events] == [END - 35 * 120, END - 22 * 120]
    assert [piece.at for piece in part] == [END - 600, END - 480, END - 360]
    assert part[0].report is not None
    name, body = part[0].report
    assert to_key(name) == "mon1-to-aws.example/2023-11-14-22-03/10-0-0-2_to_10-0-0-11.txt"
    assert b"10.0.0.8" in body


def one(at: int, lost: int, flags: int = 0) -> bytes:
    return pack(Slice(at, 50, lost, lost, 0, 0, 0, 0, 0, flags, 100, 200, 300))


def test_slices_of_the_mesh_are_summed_by_the_minute_without_suspect_ones(tmp_path: Path) -> None:
    minute = int(END) // 60 * 60
    with opened(str(tmp_path)) as past:
        for at in range(minute, minute + 120, 5):
            flags = SHORT if at == minute + 5 else 0
            body = {"db1": one(at, 10 if at == minute else 0, flags), "web2": one(at, 0)}
            keep_slices(past, "mon1", Stored(at, body), 9e9)
        made = list(pieces(past, Span(0.0, 9e9), ORIGIN))
        alone = list(pieces(past, Span(0.0, 9e9, "db1"), ORIGIN))
    assert [piece.at for piece in made] == [minute, minute + 60]
    first, second = made[0].rows.points
    assert (first.tag("target"), second.tag("target")) == ("db1", "web2")
    fields = dict(first.fields)
    assert (fields["sent"], fields["lost"], fields["loss_out"]) == (550, 10, 10 / 550)
    assert dict(second.fields)["sent"] == 600
    assert {point.tag("target") for piece in alone for point in piece.rows.points} == {"db1"}
