"""The neutral rows, and numbers as every store reads them."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.point import event_point, to_decimal
from tests.export.samples import EVENT


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_a_number_is_plain_decimals_and_right_to_a_billionth(value: float) -> None:
    text = to_decimal(value)
    assert set(text) <= set("-.0123456789")
    assert text != "-0"
    assert abs(float(text) - value) <= (6e-10 if abs(value) < 1e6 else 6e-4)


def test_what_is_no_number_has_no_text() -> None:
    assert [to_decimal(value) for value in (float("nan"), float("inf"), -float("inf"))] == [""] * 3
    assert [to_decimal(2**63 - 1), to_decimal(2**63)] == [str(2**63 - 1), ""]
    assert [to_decimal(value) for value in (0.0, -0.0, 1.0, 1e-05, 20)] == [
        "0",
        "0",
        "1",
        "0.00001",
        "20",
    ]


def test_an_event_is_a_row_with_its_texts() -> None:
    point = event_point(EVENT)
    assert point.measurement == "bothsides_event"
    assert point.tags[-1] == ("kind", "path_change")
    assert dict(point.fields)["tags"] == "bothsides,path,office-to-aws"
    assert "path_id" not in dict(event_point(EVENT._replace(path_id="")).fields)
