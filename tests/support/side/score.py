"""Reads whom a check names, and holds it against the truth. The reader is strict.

A label counts as named wherever it stands in the text of a problem, except in the list of networks
that a healthy path ends with, and in words that acquit. A single wrong side beside right ones is no
mistake ("one of two"), a text without any right side is one.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from tests.support.side.checks import Said
from tests.support.side.faults import Direction, Truth
from tests.support.side.table import FAR_END, MONITOR, World, node_of, owner_of, role_of

PATH = "the path"
Mark = Literal[
    "right",
    "one of two",
    "only the path",
    "wrong",
    "does not say",
    "missed",  # quiet about a large fault
    "false alarm",
    "unseen",  # quiet about a fault that is below the limits
    "quiet",  # and rightly so
]
MARKS: tuple[Mark, ...] = get_args(Mark)

_FAR_END = re.compile(
    r"blame: (?:server|tls|close)\b|reflector (?:is )?not running|connection refused"
    r"|before the target|\btarget host\b"
    r"|(?<!\bat the )(?<!from the )(?<!to the )(?<!by the )\b(?:far end|remote host)\b"
)
_MONITOR = re.compile(
    r"blame: (?:local|config|dns)\b|(?<!from )\bthis (?:host|machine)\b|\bthe monitor\b"
    r"|\bour (?:own )?resolver\b|\bown firewall\b|\bno way out\b|\blocal route\b"
    r"|own lack of a route|\bcannot send to\b|\bno way from here\b"
)
_PATH = re.compile(r"blame: path\b|\bon the path\b|\bpath or far end\b|\bfar end or path\b")
_ACQUITTED = re.compile(
    r"[^,;.()]*(?:\bacquit\w*|\bruled out\b|\bno fault of\b|\bnot the fault of\b"
    r"|\b(?:is|are) fine\b)[^,;]*"
)
_UNKNOWN_WAY = re.compile(
    r"direction of loss unknown:[^\n]*|ask the (?:other|far) end[^\n;]*",
)
_EITHER_WAY = re.compile(r"the last router that answers is [^\n]*, or answers on the way back")
_CARRIED = re.compile(r"inside (?:the|a) tunnel|carriers? (?:is|are) not seen")
_AT_HOP = re.compile(
    r"(?:hop \d+ \(|prohibited by |rejected by |reported by |, said |exceeded at )$"
)
_COUNTS = re.compile(r"\((?:[0-9.]+ %: )?(\d+) out, (\d+) back\)")
_BOUNDS = re.compile(r"way out: (\d+) to (\d+), on the way back: (\d+) to (\d+)")
_OUT = re.compile(r"on the (?:way out|forward path)|\blost forward\b")
_BACK = re.compile(r"on the (?:way back|return path)|\blost on return\b")


class Reading(NamedTuple):
    """What one check's words say. sides: labels, `far end`, `monitor`, `the path`."""

    alarm: bool
    sides: frozenset[str]
    direction: Direction | Literal["not said"]


class Score(NamedTuple):
    """How one reading compares with the truth; direction: right, wrong or not said."""

    mark: Mark
    direction: Literal["right", "wrong", "not said"]


def read(world: World, said: Said) -> Reading:
    """Whom a check's line 1 and long output name."""
    text = _problem(world, said)
    sides = _labels(world, text) | _addresses(world, said, text)
    if _FAR_END.search(text):
        sides.add(FAR_END)
    if _MONITOR.search(text):
        sides.add(MONITOR)
    if _PATH.search(text):
        sides.add(PATH)
    if _CARRIED.search(text):
        sides = {side for side in sides if _is_tunnel(world, side)} or {PATH}
    return Reading(said.code != 0, frozenset(sides), _direction(text))


def _problem(world: World, said: Said) -> str:
    """The part of the output that speaks of a problem."""
    lines = [said.line, *said.text.splitlines()[1:]]
    subject = f" - {world.end(said.target).address}:"
    kept = [lines[0].replace(subject, " -", 1)]
    kept += [line for line in lines[1:] if not line.startswith("[OK]") or "turns off" in line]
    text = "\n".join(kept)
    if said.code == 0:  # a healthy line lists the networks of the path
        text = "\n".join(line for line in kept[1:] if "turns off" in line)
    listed = "|".join(re.escape(owner.label) for owner in world.owners)
    text = re.sub(rf", (?:(?:{listed})\?? )+(?:{listed})\??(?=$|[,;\n])", "", text)
    text = _EITHER_WAY.sub("path or far end", text)  # no router is accused, nor a direction named
    return _ACQUITTED.sub("", _UNKNOWN_WAY.sub("", text))


def _labels(world: World, text: str) -> set[str]:
    """The labels of the owner map that stand in a text."""
    named = set()
    for owner in world.owners:
        if re.search(rf"(?<![\w-]){re.escape(owner.label)}(?![\w-])", text):
            named.add(owner.label)
    return named


def _addresses(world: World, said: Said, text: str) -> set[str]:
    """The sides of addresses that stand without a label, and of the target where it is a hop."""
    named = set()
    own, target = world.end(said.start).address, world.end(said.target).address
    for address, before, rest in _mentions(world, text):
        if address == target:
            if _AT_HOP.search(before):
                named.add(FAR_END)
        elif address != own and not _labels(world, rest.partition(")")[0].partition(",")[0]):
            side = owner_of(world).get(node_of(world, address))
            if side:
                named.add(side)
    return named


def _mentions(world: World, text: str) -> Iterator[tuple[str, str, str]]:
    """The world's addresses in a text, each with the text before it and behind it."""
    known = {held for link in world.links for held in (link.address, link.peer)}
    known |= {end.address for end in world.ends}
    for address in known:
        for found in re.finditer(rf"(?<![\w.:]){re.escape(address)}(?!\w|\.\d|:[0-9a-f]*:)", text):
            yield address, text[: found.start()], text[found.end() :]


def _is_tunnel(world: World, side: str) -> bool:
    return any(owner.label == side and owner.role == "tunnel" for owner in world.owners)


def _is_ours(world: World, side: str) -> bool:
    return any(owner.label == side and owner.role == "us" for owner in world.owners)


def _direction(text: str) -> Direction | Literal["not said"]:
    """The direction that counts, bounds or words name."""
    counts = _COUNTS.search(text)
    if counts:
        out, back = int(counts[1]), int(counts[2])
        return _named_way((out, out), (back, back))
    bounds = _BOUNDS.search(text)
    if bounds:
        numbers = [int(number) for number in bounds.groups()]
        return _named_way((numbers[0], numbers[1]), (numbers[2], numbers[3]))
    ways = bool(_OUT.search(text)), bool(_BACK.search(text))
    if not any(ways):
        return "not said"
    return "both" if all(ways) else "out" if ways[0] else "back"


def _named_way(out: tuple[int, int], back: tuple[int, int]) -> Direction | Literal["not said"]:
    """One way when it surely has more than 5 times the other's losses."""
    if out[0] > 5 * back[1]:
        return "out"
    if back[0] > 5 * out[1]:
        return "back"
    return "both" if out[0] and back[0] else "not said"


def scored(world: World, reading: Reading, truth: Truth) -> Score:
    """The mark of a reading, and whether its direction is right."""
    direction: Literal["right", "wrong", "not said"] = "not said"
    if reading.direction != "not said" and truth.effect in ("loss", "silence", "loop"):
        direction = "right" if reading.direction == truth.direction else "wrong"
    return Score(_mark(world, reading, truth), direction)


def _mark(world: World, reading: Reading, truth: Truth) -> Mark:
    sides, culprits = reading.sides, truth.culprits
    if not culprits:
        if reading.alarm:
            return "false alarm"
        return "wrong" if sides else "quiet"
    if not reading.alarm and not sides:
        return "missed" if truth.plain else "unseen"
    if not sides:
        return "does not say"
    if PATH in sides or all(_is_tunnel(world, side) for side in sides):
        if PATH not in sides and all(_is_ours(world, side) for side in culprits):
            return "wrong"  # a tunnel does not carry the faults of its own ends' networks
        return _vague_mark({side for side in sides if not _is_tunnel(world, side)}, truth)
    if sides <= culprits:
        return "right"
    if sides & culprits or _spanned(world, sides, truth):
        return "one of two"
    return "wrong"


def _vague_mark(sides: set[str], truth: Truth) -> Mark:
    """The mark of `the path`, `path or far end` and a tunnel whose carriers nobody sees.

    A host's own fault is not the path; a fault of its link is.
    """
    rest = sides - {PATH}
    if rest & truth.culprits:
        return "one of two"
    if rest - {FAR_END, MONITOR}:  # "path or far end or this host" accuses nobody
        return "wrong"
    hosts = {FAR_END, MONITOR}
    return "wrong" if all(span <= hosts for span in truth.spans) else "only the path"


def _spanned(world: World, sides: frozenset[str], truth: Truth) -> bool:
    """Whether the sides enclose the fault: the neighbours of an exchange, a ring, a new way."""
    if truth.effect in ("change", "loop"):
        return any(sides & span for span in truth.spans)
    labels = {owner.label for owner in world.owners}
    for span in truth.spans:
        exchanges = {side for side in span if side in labels and role_of(world, side) == "exchange"}
        if exchanges & truth.culprits and span - exchanges <= sides:
            return True
    return False
