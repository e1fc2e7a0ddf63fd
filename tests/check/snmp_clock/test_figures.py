"""The performance data of check_snmp_clock."""

from bothsides.check.snmp_clock.figures import FIGURES


def test_only_offset_and_drift_may_be_below_zero() -> None:
    assert [figure.label for figure in FIGURES if figure.low is None] == ["offset", "drift"]


def test_labels_are_short_and_stand_once() -> None:
    labels = [figure.label for figure in FIGURES]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 19 for label in labels)
