"""Slices of all pairs as one record, and incidents."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.store.mesh_slices import (
    Incident,
    Stored,
    incidents,
    keep_incidents,
    keep_slices,
    slices,
)
from bothsides.store.sqlite import opened

NOW = 1_700_000_000.0


def test_slices_come_back_as_they_were(tmp_path: Path) -> None:
    rows = {f"p{n}": bytes([n % 7]) * 34 for n in range(100)}
    with opened(str(tmp_path)) as history:
        keep_slices(history, "web1", Stored(NOW, rows), 3600)
        keep_slices(history, "web1", Stored(NOW + 5, {"p1": bytes(34)}), 3600)
        keep_slices(history, "web2", Stored(NOW, {"p1": bytes(34)}), 3600)
        assert list(slices(history, "web1", NOW)) == [
            Stored(NOW, rows),
            Stored(NOW + 5, {"p1": bytes(34)}),
        ]
        assert [stored.at for stored in slices(history, "web1", NOW + 1)] == [NOW + 5]


@settings(max_examples=60)
@given(names=st.lists(st.text(max_size=12) | st.just("db 1"), min_size=1, unique=True))
def test_slices_of_any_names_come_back(names: list[str]) -> None:
    """Once names were joined by blanks, and slices of a name with a blank were not found again."""
    stored = Stored(NOW, {name: bytes([place % 7]) * 34 for place, name in enumerate(names)})
    with tempfile.TemporaryDirectory() as folder, opened(folder) as history:
        keep_slices(history, "web 1", stored, 3600)
        assert list(slices(history, "web 1", NOW)) == [stored]


def test_slices_are_forgotten_when_their_time_is_over(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as history:
        keep_slices(history, "web1", Stored(NOW, {"p1": bytes(34)}), 60)
        keep_slices(history, "web1", Stored(NOW + 100, {"p1": bytes(34)}), 60)
        assert [stored.at for stored in slices(history, "web1", 0)] == [NOW + 100]


def test_a_broken_record_is_left_out(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as history:
        for body in ({}, {"peers": "a", "rows": "~"}, {"peers": "a", "rows": "abcde"},
                     {"peers": 5, "rows": ""}, {"peers": [], "rows": "cmV?d00001"}):  # fmt: skip
            history.keep("mesh web1", NOW, body)
        keep_slices(history, "web1", Stored(NOW, {"p1": bytes(34)}), 60)
        assert len(list(slices(history, "web1", 0))) == 1


def test_incidents_come_back(tmp_path: Path) -> None:
    one = Incident("db1", int(NOW), int(NOW) + 30, 1200, 40, 30, 10)
    with opened(str(tmp_path)) as history:
        keep_incidents(history, "web1", [one])
        assert incidents(history, "web1") == [one]
        assert incidents(history, "web1", NOW + 1) == []
