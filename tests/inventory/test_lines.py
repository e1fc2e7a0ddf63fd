"""Line numbers of keys, compared with where the keys were written."""

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.lines import Path, key_lines

DOCUMENT = '''\
# a comment with [brackets] and "quotes"
top = 1
[a]
b = "x # no comment"
c.d = 'y'
"e f" = [1,
  2, # two
  [3,
   4]]
[[s]]
n = """
three
lines ]
"""
[[s]]
n = { p = 1, q = { r = 2 } }
[s.sub]
t = \'\'\'
]]\'\'\'
u = 1979-05-27 07:32:00
[[s.more]]
v = 1
[[s.more]]
v = "a\\"b"
w = true
[x."y\\u0041"]
z = 1
'''


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """The paths of everything that a document holds."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*path, index))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "b"), 4),
        (("a", "c", "d"), 5),
        (("a", "e f"), 6),
        (("a", "e f", 1), 7),
        (("a", "e f", 2, 1), 9),
        (("s",), 10),
        (("s", 0, "n"), 11),
        (("s", 1), 15),
        (("s", 1, "n", "q", "r"), 16),
        (("s", 1, "sub"), 17),
        (("s", 1, "sub", "t"), 18),
        (("s", 1, "sub", "u"), 20),
        (("s", 1, "more", 0), 21),
        (("s", 1, "more", 1, "v"), 24),
        (("s", 1, "more", 1, "w"), 25),
        (("x", "yA"), 26),
        (("x", "yA", "z"), 27),
    ],
)
def test_a_key_has_the_line_on_which_it_stands(path: Path, line: int) -> None:
    assert key_lines(DOCUMENT)[path] == line


def test_everything_that_tomllib_finds_has_a_line_and_nothing_else() -> None:
    assert set(key_lines(DOCUMENT)) == set(paths(tomllib.loads(DOCUMENT)))


KEYS = st.sampled_from(["a", "b", '"c d"', "'e.f'", "g-h"])
SCALARS = st.sampled_from(
    ["1", "true", '"x"', "'#'", '"""a\n]"""', "2.5e3", "1979-05-27", '"\\\\"', '""']
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[" + ",\n ".join(items) + "]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}"
        )
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.tuples(KEYS, KEYS, VALUES).map(lambda three: f"{three[0]}.{three[1]} = {three[2]}"),
    KEYS.map(lambda key: f"[{key}]"),
    KEYS.map(lambda key: f"[[{key}]] # x"),
    st.tuples(KEYS, KEYS).map(lambda pair: f"[{pair[0]}.{pair[1]}]"),
    st.sampled_from(["", "# y = [", "  "]),
)


@given(st.lists(LINES, max_size=12))
def test_any_document_of_tomllib_is_followed_to_its_end(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    numbers = key_lines(text)
    assert set(numbers) == set(paths(document))
    assert all(1 <= line <= text.count("\n") + 1 for line in numbers.values())


@given(
    st.lists(
        st.sampled_from(["k{} = 1", "k{} = [1,\n2]", 'k{} = """\n\n"""', "# c", "\n"]), max_size=9
    )
)
def test_the_line_is_that_of_the_text(parts: list[str]) -> None:
    text = "\n".join(part.format(number) for number, part in enumerate(parts))
    for path, line in key_lines(text).items():
        if len(path) == 1:
            assert text.split("\n")[line - 1].startswith(f"{path[0]} =")
