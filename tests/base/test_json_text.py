"""JSON by the C half of `json` beside `json` itself."""

import json
import math
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.json_text import from_text, to_text
from tests.support.process import HOUSE

_plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_values = st.recursive(
    _plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
_texts = st.text(alphabet=' \t\n"\\ue1[]{},:-+.0NaInfity\x00\xe9', max_size=20)


def outcome(work: Callable[[], object]) -> object:
    try:
        return repr(work())
    except (ValueError, TypeError, RecursionError) as fault:
        kind = type(fault)
        return ValueError if issubclass(kind, ValueError) else kind


@given(_values)
def test_a_value_becomes_the_text_that_json_writes(value: object) -> None:
    by_json = outcome(lambda: json.dumps(value, separators=(",", ":"), allow_nan=False))
    assert outcome(lambda: to_text(value)) == by_json


@given(_texts | _values.map(json.dumps))
def test_a_text_is_read_as_json_reads_it(text: str) -> None:
    assert outcome(lambda: from_text(text)) == outcome(lambda: json.loads(text))


@pytest.mark.parametrize("text", ["", " ", "{", '{"a":1}x', "[1,]", '"\n"', "\ufeff{}", "\xa0{}"])
def test_broken_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        from_text(text)


@given(_texts | _values.map(json.dumps))
def test_nan_and_infinity_are_refused_where_numbers_are_asked_for(text: str) -> None:
    def refused(name: str) -> float:
        raise ValueError(name)

    expected = outcome(lambda: json.loads(text, parse_constant=refused))
    assert outcome(lambda: from_text(text, finite=True)) == expected


def test_what_has_no_form_is_refused() -> None:
    circular: list[object] = []
    circular.append(circular)
    for value in (circular, math.nan, math.inf):
        with pytest.raises(ValueError):
            to_text(value)
    for other in (b"octets", {1, 2}, {(1, 2): 3}):
        with pytest.raises(TypeError):
            to_text(other)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    assert outcome(lambda: from_text("[" * 100_000)) == outcome(lambda: json.loads("[" * 100_000))


def test_a_python_without_the_c_half_gives_the_same() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); sys.modules['_json'] = None;"
        " from bothsides.base.json_text import from_text, to_text;"
        " print(to_text(from_text(' {\"a\": [1, null, 0.5]} ')), 're' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == '{"a":[1,null,0.5]} True\n'


def test_neither_direction_loads_json_or_re() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r});"
        " from bothsides.base.json_text import from_text, to_text; from_text(to_text([1.5, 'a']));"
        " print({'json', 're', 'enum'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
