"""The archive's names are those of Semaphore's monitoring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.archive_names import ReportName, from_key, minute_of, to_file, to_key
from bothsides.parse import Unreadable

AT = 1513600395.0  # 2017-12-18 12:33:15
NAME = ReportName("hetzner-to-us-east-1", AT, "142.21.43.11", "138.21.32.191")


def test_the_origins_names_letter_by_letter() -> None:
    assert to_key(NAME) == "hetzner-to-us-east-1/2017-12-18-12-33/142-21-43-11_to_138-21-32-191.txt"
    assert to_file(NAME) == (
        "hetzner-to-us-east-1__2017-12-18-12-33__142-21-43-11_to_138-21-32-191.txt"
    )
    six = NAME._replace(source="2001:db8::1", kind="html")
    assert to_key(six).endswith("/2001-db8--1_to_138-21-32-191.html")


def test_a_key_is_read_whatever_its_prefix() -> None:
    read = from_key("some/prefix/" + to_key(NAME))
    assert read == ReportName(
        "hetzner-to-us-east-1", 1513600380.0, "142-21-43-11", "138-21-32-191", "txt"
    )


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 4_000_000_000))
def test_any_name_is_read_back_as_three_parts(route: str, target: str, at: int) -> None:
    key = to_key(ReportName(route, float(at), "192.0.2.1", target))
    assert len(key.split("/")) == 3
    read = from_key(key)
    assert read.at == at - at % 60
    assert to_key(read) == key
    assert to_file(read).count("__") == 2


@pytest.mark.parametrize(
    "key",
    ["", "a/b", "r/2017-12-18/a_to_b.txt", "r/2017-12-18-12-33/a.txt", "r/2017-12-18-12-33/a_to_b"],
)
def test_another_layout_is_none_of_ours(key: str) -> None:
    with pytest.raises(Unreadable):
        from_key(key)
    with pytest.raises(Unreadable):
        minute_of("2017-13-18-12-33")
