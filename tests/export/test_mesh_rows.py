"""Windows of the mesh become rows, one for each pair that can be judged."""

import pytest

from bothsides.check.mesh.check import CHECK
from bothsides.export.mesh_rows import PairRow, pair_point, rows
from bothsides.export.prometheus import to_text
from tests.export.measured import ORIGIN, judged

ROW = PairRow("db1", "nbg.dc3", 1_700_000_000, 100, 4, 1, 3, 2, 250, 300, 900)


def test_a_pair_s_losses_and_times_are_shares_and_seconds() -> None:
    point = pair_point(ROW, ORIGIN)
    assert point.measurement == "bothsides_mesh"
    assert point.tags == (
        ("source", "mon1"),
        ("target", "db1"),
        ("route", "a-to-b"),
        ("datacenter", "nbg.dc3"),
    )
    assert dict(point.fields) == pytest.approx(
        {
            "sent": 100,
            "lost": 4,
            "late": 2,
            "loss": 0.04,
            "loss_out": 0.01,
            "loss_back": 0.03,
            "rtt_min": 0.00025,
            "rtt_avg": 0.0003,
            "rtt_max": 0.0009,
        }
    )


def test_without_a_reply_there_are_no_times_and_without_a_packet_no_loss() -> None:
    dead = dict(pair_point(ROW._replace(lost=100, out=100, back=0), ORIGIN).fields)
    assert (dead["loss"], "rtt_avg" in dead) == (1.0, False)
    assert "loss" not in dict(pair_point(ROW._replace(sent=0, lost=0), ORIGIN).fields)


def test_a_run_of_check_mesh_gives_a_row_for_each_pair() -> None:
    seen = judged(CHECK, "datacenter")
    made = list(rows(seen.analysis, seen.measured))
    assert len(made) == sum(pair.loss is not None for pair in seen.analysis.pairs) > 0
    text = to_text(made).decode()
    assert text.count("bothsides_mesh_loss_ratio{") == 3 * len(made)
    assert "# TYPE bothsides_mesh_rtt_avg_seconds gauge" in text
