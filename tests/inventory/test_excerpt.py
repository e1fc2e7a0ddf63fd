"""The excerpt that checks read: there and back, and nothing but Unreadable for what is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.excerpt import Excerpt, Window, from_json, to_hosts, to_json
from bothsides.parse import Unreadable

PLANNED = Window(frozenset(("b", "a")), 1000.0, 2000.5, "mesh.toml:4", "new switch")


def text_of(host: str = "a", owners: str = "192.0.2.0/24 = us, us\n") -> str:
    """The file of a host in a landscape of two."""
    hosts = to_hosts(
        {"b": ["192.0.2.2", "2001:db8::2"], "a": ["192.0.2.1"]}, {"a": "", "b": "eu.x"}
    )
    return to_json(host, hosts, owners, [PLANNED])


def test_a_check_reads_what_was_written() -> None:
    names = {"192.0.2.1": "a", "192.0.2.2": "b", "2001:db8::2": "b"}
    expected = Excerpt("a", names, {"a": "", "b": "eu.x"}, "192.0.2.0/24 = us, us\n", (PLANNED,))
    assert from_json(text_of()) == expected


def test_a_host_is_known_by_name_and_by_every_address() -> None:
    known = from_json(text_of())
    assert (
        known.name_of("b") == known.name_of("2001:db8::2") == known.name_of("", "192.0.2.2") == "b"
    )
    assert known.name_of("192.0.2.9", "c") == ""


def test_the_same_landscape_is_the_same_text() -> None:
    assert text_of() == text_of()
    assert text_of() != text_of("b")


def test_another_form_is_refused_by_name() -> None:
    with pytest.raises(Unreadable, match="another version"):
        from_json(text_of().replace('"form": 1', '"form": 2'))


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.sampled_from(("form", "host", "hosts",
        "owners", "maintenance", "begin")), part)))  # fmt: skip
def test_other_json_is_unreadable(data: object) -> None:
    with pytest.raises(Unreadable):
        from_json(json.dumps(data))


@pytest.mark.parametrize("key", ["host", "hosts", "owners", "maintenance"])
@pytest.mark.parametrize(
    "value", [None, 1, [1], {"a": 1}, [{"hosts": ["a"], "begin": "x"}], "a\nb"]
)
def test_a_part_of_another_kind_is_unreadable(key: str, value: object) -> None:
    data = json.loads(text_of())
    data[key] = value
    with pytest.raises(Unreadable):
        from_json(json.dumps(data))


@given(st.text(max_size=200))
def test_any_other_text_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        from_json(text)
