"""chronyc's tracking line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.chrony import Tracking, from_tracking

LINE = (
    "C0000201,192.0.2.1,4,1795216388.951553381,-0.001,-0.000001040,0.000001040,-0.005,-0.009,"
    "6.165,0.030,0.0005,1.0,Normal\n"
)


def test_the_bound_is_offset_dispersion_and_half_the_delay() -> None:
    found = from_tracking(LINE)
    assert (found.source, found.stratum) == ("192.0.2.1", 4)
    assert found.error == pytest.approx(0.001 + 0.0005 + 0.015)
    assert from_tracking(LINE.replace("Normal", "Insert second")) == found


@pytest.mark.parametrize(
    ("old", "new"),
    [("Normal", "Not synchronised"), ("C0000201", "7F7F0101"), ("C0000201", "00000000")],
)
def test_who_follows_nobody_knows_no_bound(old: str, new: str) -> None:
    assert from_tracking(LINE.replace(old, new)) == Tracking(None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "506 Cannot talk to daemon",
        LINE[:-9],
        LINE.replace("0.030", "inf"),
        LINE.replace("4", "x"),
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        from_tracking(text)


@given(
    st.one_of(
        st.text(),
        st.lists(st.text(alphabet="0123456789.,-enaif"), min_size=13, max_size=13).map(",".join),
    )
)
def test_no_text_breaks_it(text: str) -> None:
    for each in (text, f"{text},Normal"):
        try:
            found = from_tracking(each)
        except Unreadable:
            continue
        assert found.error is None or 0 <= found.error < float("inf")
