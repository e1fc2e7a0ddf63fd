"""DSCP names."""

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.dscp import from_dscp


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("63", 63),
        ("EF", 46),
        ("ef", 46),
        ("AF11", 10),
        ("AF41", 34),
        ("af43", 38),
        ("CS0", 0),
        ("CS5", 40),
        ("BE", 0),
    ],
)
def test_names_and_numbers_are_code_points(text: str, value: int) -> None:
    assert from_dscp(text) == value


@pytest.mark.parametrize("text", ["64", "184", "-1", "AF51", "AF44", "CS8", "", "0x2e", "EFF"])
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="is no DSCP"):
        from_dscp(text)
