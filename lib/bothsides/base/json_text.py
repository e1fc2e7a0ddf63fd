"""JSON by the C half of `json`: its Python half, with `re` and `enum`, costs 4 ms of CPU.

For what every run remembers, and what udp_mesh answers. What people write or read goes through
`json`.
"""

from bothsides.base.types import NoReturn

_BLANK = " \t\n\r"  # white space in JSON
_CONSTANTS = {"-Infinity": float("-inf"), "Infinity": float("inf"), "NaN": float("nan")}


def to_text(value: object) -> str:
    """The JSON text of a value; ValueError for nan and infinity, TypeError for what has no form."""
    try:
        from _json import encode_basestring_ascii, make_encoder
    except ImportError:  # a Python without the C half
        import json

        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    encoder = make_encoder(
        {}, _refused, encode_basestring_ascii, None, ":", ",", False, False, False
    )
    return "".join(encoder(value, 0))


def from_text(text: str, finite: bool = False) -> object:
    """The value of a JSON text; ValueError or RecursionError for anything else.

    finite: nan and infinity are refused too, which no standard of JSON has.
    """
    settings = _Finite if finite else _Settings
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text, parse_constant=settings.parse_constant)
    bare = text.strip(_BLANK)
    try:
        value, end = make_scanner(settings)(bare, 0)  # type: ignore[arg-type]
    except (StopIteration, SystemError):  # the C half looks in vain for the Python half's exception
        raise ValueError("not JSON") from None
    if end != len(bare):
        raise ValueError("not JSON: more behind its end")
    return value


class _Settings:
    """What `json.loads` asks its scanner for."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = _CONSTANTS.__getitem__


class _Finite(_Settings):
    """The same for numbers alone."""

    @staticmethod
    def parse_constant(name: str) -> float:
        raise ValueError(f"{name} is no number")


def _refused(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} has no form in JSON")
