"""Values in Icinga's language, and that Icinga itself reads them as they were meant."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.generate.icinga2_text import Code, definition, duration, key, literal, string, value
from tests.support import need


@pytest.mark.parametrize(
    ("seconds", "text"), [(60, "1m"), (300, "5m"), (90, "90s"), (0.5, "0.5s"), (3600, "60m")]
)
def test_durations_are_minutes_where_whole(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_key_is_quoted_unless_it_is_a_word() -> None:
    assert [key(name) for name in ("web1", "web-1", "for", "größe", "a.b")] == [
        "web1",
        '"web-1"',
        '"for"',
        '"größe"',
        '"a.b"',
    ]


def test_values_nest() -> None:
    assert value({"a": ["x", 1, 1.5], "b": True, "c": {}, "d": Code("5m")}) == (
        '{\n  a = [ "x", 1, 1.5 ]\n  b = true\n  c = { }\n  d = 5m\n}'
    )


def test_a_definition_is_a_block() -> None:
    assert definition('object Host "a"', ["x = 1"]) == 'object Host "a" {\n  x = 1\n}\n'


def test_dollars_are_no_macros() -> None:
    assert literal("^ok$") == "^ok$$"


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), max_size=20))
def test_icinga_reads_a_string_as_it_was(texts: list[str]) -> None:
    program = need.program("icinga2", "icinga2-bin")
    expression = f"Json.encode({value(texts)})"
    done = subprocess.run(
        [program, "console", "--eval", expression], capture_output=True, text=True, check=True
    )
    import json

    assert json.loads(json.loads(done.stdout)) == texts
    assert string("a") == '"a"'
