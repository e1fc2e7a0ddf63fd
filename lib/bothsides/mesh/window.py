"""What the prober answers to a check: the window of every pair that was asked for, as JSON.

A request is one line of JSON, `{"window": 60, "select": "dc:us"}`, and has one line for an answer.
Any script may ask as check_mesh does. Keys of a request; all of them are optional:

    window  s that are summed up, at most 3600; 60 without it
    select  an expression of the landscape that selects far ends; all without it
    pairs   "odd": rows of those pairs alone of which there is something to say, and `well`
    slices  true: the single slices of every pair, by its name

Keys of an answer: `v` (the form, 1), `error` alone when nothing is answered, else `host`, `now`,
`started`, `closed` (end of the last slice), `length` (s of a slice), `expected` (slices of the
window), `stalled` (s), `notes`, `added` (by name, s since a reload has brought a pair whose first
slice is not due yet), `columns` and `pairs` (rows of `PairWindow`), for "odd" also `well` (rows of
`Well`), and with `slices` these (rows of `Slice`). Times are s since 1970.
"""

import json
import time
from functools import reduce
from itertools import groupby
from operator import attrgetter, mul, or_

from bothsides import __version__
from bothsides.base.types import Any, Iterator, Mapping, Sequence
from bothsides.inventory.faults import Wrong
from bothsides.mesh.prober import HOUR, Prober
from bothsides.mesh.ring import sums
from bothsides.model.mesh import PairWindow, Slice, Well

FORM = 1
"""The form of the answer; a check refuses another one."""

_AT_ONCE = 20  # pairs whose sums are made in one go, over an hour at the most
_USUAL = 1000  # and over the usual window

_datacenter = attrgetter("datacenter")

Question = Mapping[str, Any]  # Any: JSON


def question(data: bytes) -> Question:
    """A request: the window in s, who is selected, and how much is wanted of whom.

    slices: single slices too; odd: rows of those pairs alone of which there is anything to say, and
    sums by data centre of the others. Raises ValueError for what is no request.
    """
    try:
        asked = json.loads(data)
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(asked, dict):
        raise ValueError("not an object")
    window = asked.get("window", 60.0)
    if not isinstance(window, int | float) or not 0 < window <= HOUR:
        raise ValueError(f"window: more than 0 and at most {HOUR:g} s")
    if not isinstance(asked.get("select", ""), str):
        raise ValueError("select: an expression")
    return {
        "window": float(window),
        "select": asked.get("select", ""),
        "slices": asked.get("slices") is True,
        "odd": asked.get("pairs") == "odd",
    }


def refusal(words: str) -> bytes:
    """An answer that says why there is no window."""
    return json.dumps({"v": FORM, "error": words}).encode() + b"\n"


def answered(
    prober: Prober, asked: Question, started: float, notes: list[str], held: Mapping[str, str]
) -> Iterator[bytes]:
    """The answer, in the end; an empty piece first wherever the loop may go on meanwhile.

    started: of the process, s since 1970; notes: its own trouble; held: by peer, the maintenance.
    """
    try:
        names = _selected(prober, str(asked["select"]))
    except (Wrong, RecursionError) as fault:
        yield refusal(str(fault) if isinstance(fault, Wrong) else "select: too deep")
        return
    if asked["window"] < prober.roster.length:
        words = f"window: {asked['window']:g} s is shorter than a slice, {prober.roster.length:g} s"
        yield refusal(words)
        return
    usual = asked["window"] == prober.roster.window and not asked["slices"]
    rows: list[tuple[object, ...]] = []
    slices: dict[str, list[Slice]] = {}
    for place, name in enumerate(names):
        kept = prober.peers.get(name)
        if kept is None:  # gone by a reload
            continue
        far = kept.peer.far
        about = (name, far.address, far.datacenter, held.get(name, ""), kept.peer.alive)
        if usual:
            rows.append((*about, *prober.window(kept)))
            if place % _USUAL == _USUAL - 1:
                yield b""
            continue
        since = kept.ring.since(prober.closed - asked["window"], round(HOUR))
        rows.append((*about, *sums(since)))
        slices[name] = since if asked["slices"] else []
        if place % _AT_ONCE == _AT_ONCE - 1:
            yield b""
    answer = {**_head(prober, asked["window"]), "started": started, "notes": notes, "pairs": rows}
    if asked["odd"]:
        odd, well = apart([PairWindow._make(row) for row in rows], prober.roster.host)
        answer |= {"pairs": odd, "well": well}
    if asked["slices"]:
        answer["slices"] = slices
    yield json.dumps(answer, separators=(",", ":")).encode() + b"\n"


def apart(rows: Sequence[PairWindow], host: str) -> tuple[list[PairWindow], list[Well]]:
    """The pairs of which there is something to say, and the others summed up by data centre.

    A single pair is not summed up: its name is said.
    """
    if len(rows) < 2:
        return list(rows), []
    odd: list[PairWindow] = []
    well: list[Well] = []
    for datacenter, members in groupby(rows, key=_datacenter):
        places: list[int] = []
        plain: list[PairWindow] = []
        for place, row in enumerate(members):
            if row.lost or row.suspect or row.maintenance or not row.sent or row.name == host:
                places.append(place)
                odd.append(row)
            else:
                plain.append(row)
        well.append(_well(datacenter, plain, tuple(places)))
    return odd, well


def _well(datacenter: str, rows: Sequence[PairWindow], places: tuple[int, ...]) -> Well:
    if not rows:
        return Well(datacenter, 0, places, *[0] * 10)
    columns = dict(zip(PairWindow._fields, zip(*rows, strict=True), strict=True))
    sent = columns["sent"]
    return Well(
        datacenter=datacenter,
        number=len(rows),
        places=places,
        slices=sum(columns["slices"]),
        sent=sum(sent),
        late=sum(columns["late"]),
        duplicated=sum(columns["duplicated"]),
        reordered=sum(columns["reordered"]),
        unsent=sum(columns["unsent"]),
        flags=reduce(or_, columns["flags"]),
        rtt_min=min(columns["rtt_min"]),
        rtt_mean=sum(map(mul, sent, columns["rtt_mean"])) // sum(sent),
        rtt_max=max(columns["rtt_max"]),
    )


def _head(prober: Prober, window: float) -> dict[str, object]:
    """What is said about the window as a whole."""
    since, length = prober.closed - window, prober.roster.length
    young = prober.young(time.monotonic())
    stalled = [min(late, end - since) for end, late in prober.stalls if end > since]
    return {
        "v": FORM,
        "version": __version__,
        "host": prober.roster.host,
        "now": time.time(),
        "length": length,
        "expected": max(1, round(window / length)),
        "closed": prober.closed,
        "stalled": round(sum(stalled), 3),
        "added": {name: round(since, 3) for name, since in young.items()},
        "columns": PairWindow._fields,
    }


def _selected(prober: Prober, expression: str) -> list[str]:
    """The names of the peers that an expression selects, by data centre. Raises Wrong."""
    names = list(prober.peers)
    if expression:
        roster = prober.roster
        chosen = roster.mesh.index.select(expression, roster.host)
        names = [name for name in names if name in chosen]
        if not names:
            raise Wrong(f"{expression!r} selects none of the hosts that {roster.host} asks")
    datacenters = {name: prober.peers[name].peer.far.datacenter for name in names}
    return sorted(names, key=lambda name: (datacenters[name], name))
