"""Names in hosts(5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.hosts_file import from_hosts

TEXT = """127.0.0.1 localhost
192.0.2.7\tWWW.example.net  www # www.other.net
# 192.0.2.9 www
2001:db8::7 www
"""


@pytest.mark.parametrize(
    ("name", "addresses"),
    [("www", ("192.0.2.7", "2001:db8::7")), ("www.example.net.", ("192.0.2.7",)),
     ("www.other.net", ()), ("192.0.2.7", ())],
)  # fmt: skip
def test_every_line_with_the_name_gives_its_address(name: str, addresses: tuple[str, ...]) -> None:
    assert from_hosts(TEXT, name) == addresses


@given(st.text(), st.text())
def test_any_text_can_be_read(text: str, name: str) -> None:
    assert isinstance(from_hosts(text, name), tuple)
