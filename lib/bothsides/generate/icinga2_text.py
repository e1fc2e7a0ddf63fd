"""Values and objects in the language of Icinga 2's configuration.

>>> print(value({"a": ["x", 1], "b": True}), end="")
{
  a = [ "x", 1 ]
  b = true
}
"""

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})
_KEYWORDS = frozenset(
    (
        "apply", "assign", "break", "const", "continue", "current_filename",
        "current_line", "debugger", "default", "else", "except", "false", "for",
        "function", "globals", "host", "if", "ignore", "import", "in", "include",
        "include_recursive", "include_zones", "library", "locals",
        "namespace", "null", "object", "return", "template", "this", "throw", "to",
        "true", "try", "use", "user", "using", "var", "where", "while", "zone",
    )
)  # fmt: skip


class Code(NamedTuple):
    """An expression that is written as it stands."""

    text: str


Value = object
"""str, int, float, bool, Code, Sequence of values or Mapping from str to a value."""


def string(text: str) -> str:
    """A string literal."""
    return f'"{text.translate(_ESCAPES)}"'


def literal(text: str) -> str:
    """A text in which Icinga is to see no macro: every $ is doubled."""
    return text.replace("$", "$$")


def duration(seconds: float) -> str:
    """A duration literal, in minutes where it is whole ones."""
    return f"{seconds / 60:g}m" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g}s"


def key(name: str) -> str:
    """A key of a dictionary; quoted unless it is a plain word."""
    plain = name.isascii() and name.isidentifier() and name not in _KEYWORDS
    return name if plain else string(name)


def value(each: Value, indent: str = "") -> str:
    """An expression; dictionaries take a line for every key."""
    if isinstance(each, str):
        return string(each)
    if isinstance(each, Code):
        return each.text
    if isinstance(each, bool):
        return "true" if each else "false"
    if isinstance(each, int | float):
        return f"{each:g}" if isinstance(each, float) else str(each)
    if isinstance(each, Mapping):
        return _dictionary(each, indent)
    assert isinstance(each, Sequence), each
    inside = ", ".join(value(item, indent) for item in each)
    return f"[ {inside} ]" if inside else "[ ]"


def _dictionary(each: Mapping[str, Value], indent: str) -> str:
    deeper = indent + "  "
    lines = [f"{deeper}{key(name)} = {value(item, deeper)}\n" for name, item in each.items()]
    return "{\n" + "".join(lines) + indent + "}" if lines else "{ }"


def definition(head: str, lines: Iterable[str]) -> str:
    """A block as `object Host "a" { ... }`, with its lines indented."""
    inside = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return f"{head} {{\n{inside}}}\n"
