"""Performance data and exit codes, by nagiosplugin's vocabulary.

nagiosplugin's Check and Runtime are not used: they sort perfdata, let UNKNOWN hide CRITICAL, move
perfdata off line 1 with -v, call NaN OK and leave with 1 or 2 on a full disk.
"""

from bothsides.base.partial_import import namedtuple, package, standing_in
from bothsides.base.types import Any
from bothsides.parse.range import Range
from bothsides.parse.text import to_number
from bothsides.plugin.finding import Figure, Reading, State

_Untyped = Any  # of nagiosplugin, which has no types
_loaded: list[_Untyped] = []  # nagiosplugin's modules `state` and `performance`, once asked for
_FRAMES = 1000  # kept at most
_frames: dict[object, tuple[str, str, Reading]] = {}  # around the value, by figure, limits, unit


def exit_code(state: State) -> int:
    """The exit code of a state, as nagiosplugin has it."""
    known = _nagiosplugin()[0]
    names = {
        State.OK: known.Ok,
        State.WARNING: known.Warn,
        State.CRITICAL: known.Critical,
        State.UNKNOWN: known.Unknown,
    }
    return int(names[state].code)


def token(reading: Reading, missing: str) -> str:
    """`label=value[uom];warn;crit;min;max`; "" where it was not measured and missing is "omit"."""
    value = to_number(reading.value)
    if value == "U" and missing == "omit":
        return ""
    figure, uom = reading.figure, "" if value == "U" else reading.figure.uom
    # by identity: to compare figures and ranges costs more than all else here
    known = (id(figure), uom, id(reading.warning), id(reading.critical))
    frame = _frames.get(known)
    if frame is None:
        if len(_frames) >= _FRAMES:
            _frames.clear()
        before, behind = _frame(figure, uom, reading.warning, reading.critical)
        _frames[known] = frame = before, behind, reading  # which keeps them, so that ids stay true
    return f"{frame[0]}{value}{frame[1]}"


def _frame(figure: Figure, uom: str, *ranges: Range | None) -> tuple[str, str]:
    """What stands before and behind the value; the same for every run of a batch."""
    limits = [_plain(limit, figure) for limit in ranges]
    bounds = ["" if bound is None else to_number(bound) for bound in (figure.low, figure.high)]
    make = _nagiosplugin()[1].Performance
    before, _, behind = str(make(figure.label, "\0", uom, *limits, *bounds)).partition("\0")
    return before, behind


def _plain(limit: Range | None, figure: Figure) -> str:
    """A plain number where it means the same: Icinga and Graphite drop ranges and draw numbers."""
    if limit is None:
        return ""
    lowest = limit.start == 0 or (
        limit.start == float("-inf") and figure.low is not None and figure.low >= 0
    )
    if lowest and not limit.inside and limit.end != float("inf"):
        return to_number(limit.end)
    start = "~" if limit.start == float("-inf") else to_number(limit.start)
    end = "" if limit.end == float("inf") else to_number(limit.end)
    return f"{'@' if limit.inside else ''}{start}:{end}"


def _nagiosplugin() -> list[_Untyped]:
    """nagiosplugin's modules `state` and `performance`, without the rest of the package.

    Its __init__ imports logging, tempfile and json for parts that are not used here: 12 ms of CPU
    in every check run, as much as bare Python itself. The two modules import re, collections and
    functools for one function each, and these cost 6 ms: such functions stand in for them.
    """
    if not _loaded:
        bare = package("nagiosplugin")
        if bare is None:
            raise ImportError("No module named 'nagiosplugin'")
        with (
            standing_in("nagiosplugin", bare),
            standing_in("re", match=_match),
            standing_in("collections", namedtuple=namedtuple),
            standing_in("functools", reduce=_reduce),
        ):
            from nagiosplugin import performance, state
        _loaded.extend((state, performance))
    return _loaded


def _match(pattern: str, text: str) -> object:
    """`re.match`, which nagiosplugin asks whether a label needs quotes; ours never do."""
    if pattern == r"^\w+$" and text.isascii() and text.replace("_", "a").isalnum():
        return True
    import re

    return re.match(pattern, text)


def _reduce(*given: _Untyped) -> _Untyped:
    """`functools.reduce`, for nagiosplugin's `worst`, which nothing here calls."""
    import functools

    return functools.reduce(*given)
