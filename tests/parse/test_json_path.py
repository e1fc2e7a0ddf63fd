"""Places in JSON documents."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.json_path import at, from_body, from_path, shown


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner))
    .map(repr)
    .map(str.encode)
)
def test_no_body_raises_anything_but_unreadable(body: bytes) -> None:
    try:
        at(from_body(body), from_path("a.b[0]"))
    except Unreadable:
        pass


@given(st.text())
def test_paths_are_read_back_or_unreadable(text: str) -> None:
    try:
        path = from_path(text)
    except Unreadable:
        return
    assert from_path(shown(path)) == path
