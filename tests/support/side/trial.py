"""A laboratory: a world's network with its daemons, in which faults are tried one by one."""

import contextlib
import json
import math
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.leftovers import folder_prefix
from tests.support.side.build import Net, built
from tests.support.side.checks import CHECKS, Checks, Said, waves
from tests.support.side.far_ends import FarEnds, Taps, serving
from tests.support.side.faults import Fault, truth_for
from tests.support.side.harms import Filter, Ground, dropped, harmed
from tests.support.side.routing import direct_links
from tests.support.side.score import MARKS, Reading, Score, read, scored
from tests.support.side.table import World, exchanges_text, map_text


class Row(NamedTuple):
    """One check of one view during one fault: what it said, how that was read and scored."""

    fault: Fault
    said: Said
    reading: Reading
    score: Score
    dropped: int | None = None  # packets that the fault's filters dropped; None: it has none
    along: bool = False  # whether the fault is on the way out of this view, and no carrier hides it


class Laboratory(NamedTuple):
    """A built world with daemons, checks and counters."""

    world: World
    net: Net
    ends: FarEnds
    checks: Checks
    taps: Taps
    folder: Path

    @property
    def ground(self) -> Ground:
        """What harms act on."""
        return Ground(self.net, self.ends)


@contextlib.contextmanager
def laboratory(world: World) -> Iterator[Laboratory]:
    """The network of a world, its daemons running, nothing learnt yet."""
    folder = Path(tempfile.mkdtemp(prefix=folder_prefix("side")))
    folder.chmod(0o755)
    try:
        with built(world) as net, serving(net, folder) as ends:
            yield Laboratory(world, net, ends, Checks(net, folder), Taps(net), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tried(
    lab: Laboratory,
    fault: Fault,
    views: Sequence[tuple[str, str]] = (),
    records: Path | None = None,
    checks: Sequence[str] = CHECKS,
) -> list[Row]:
    """The checks of all views during a fault, scored; the memory is that of the healthy network."""
    lab.checks.restore()
    rows = []
    for wave in waves(views or lab.world.views):
        told, gone = _through(lab, fault, wave, records, checks)
        rows += [row_of(lab.world, fault, said)._replace(dropped=gone) for said in told]
    return rows


def row_of(world: World, fault: Fault, said: Said) -> Row:
    """One output, read and scored."""
    reading = read(world, said)
    truth = truth_for(world, fault, (said.start, said.target), said.check)
    along = bool(truth.culprits) and truth.direction == "out"
    if along:
        near = direct_links(world, said.start, said.target)
        ends = {said.start, said.target}
        along = any(place.at in near or place.at in ends for place in fault.places)
    return Row(fault, said, reading, scored(world, reading, truth), along=along)


def _through(
    lab: Laboratory,
    fault: Fault,
    views: Sequence[tuple[str, str]],
    records: Path | None,
    checks: Sequence[str],
) -> tuple[list[Said], int | None]:
    """Runs the checks while the fault acts, which may begin or end meanwhile; what was dropped."""
    if not fault.begins and fault.ends is None:
        with harmed(lab.ground, fault.harms):
            return lab.checks.run(views, checks, records), counted(lab, fault)
    done = threading.Event()
    counts: list[int | None] = []

    def act() -> None:
        time.sleep(fault.begins)
        with harmed(lab.ground, fault.harms):
            done.wait(None if fault.ends is None else fault.ends - fault.begins)
            counts.append(counted(lab, fault))

    actor = threading.Thread(target=act)
    actor.start()
    try:
        said = lab.checks.run(views, checks, records)
    finally:
        done.set()
        actor.join()
    return said, counts[0] if counts else None


def counted(lab: Laboratory, fault: Fault) -> int | None:
    """How many packets the filters of a fault that acts now have dropped; None without filters."""
    nodes = {harm.node for harm in fault.harms if isinstance(harm, Filter)}
    return sum(dropped(lab.net, node) for node in nodes) if nodes else None


def truth_json(world: World, fault: Fault) -> dict[str, Any]:
    """The truth about a fault as the recorder writes it."""
    return {
        "world": world.name,
        "name": fault.name,
        "kind": fault.kind,
        "effect": fault.effect,
        "harmful": fault.harmful,
        "side": [place.side for place in fault.places],
        "places": [
            {
                "at": place.at,
                "side": place.side,
                "sides": list(place.sides),
                "pairs": list(place.pairs),
                "checks": list(place.hits),
                "views": list(place.views),
            }
            for place in fault.places
        ],
        "share": fault.share if fault.harmful else 0,
        "begins": fault.begins,
        "ends": fault.ends,
        "ends_of_world": {end.name: end.address for end in world.ends},
        "views": [f"{start}>{target}" for start, target in world.views],
    }


def recorded(
    lab: Laboratory,
    folder: Path,
    faults: Sequence[Fault],
    until: float = math.inf,
) -> Iterator[tuple[Fault, list[Row]]]:
    """Tries faults and writes a folder for each: truth.json, before/ and the fault's records.

    A folder that has truth.json is whole and left as it is. until: no fault begins later
    (monotonic).
    """
    _begin(lab, folder)
    for number, fault in enumerate(faults, 1):
        home = folder / f"{number:03d}-{_plain(fault.name)}"
        if (home / "truth.json").exists() or time.monotonic() > until:
            continue
        home.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder / "healthy", home / "before", dirs_exist_ok=True)
        (home / "owners.map").write_text(map_text(lab.world))
        (home / "exchanges.txt").write_text(exchanges_text(lab.world))
        rows = tried(lab, fault, (), home)
        (home / "truth.json").write_text(json.dumps(truth_json(lab.world, fault), indent=1) + "\n")
        yield fault, rows


def _begin(lab: Laboratory, folder: Path) -> None:
    """Learns and records the healthy network, or takes the memory of a folder that has it."""
    kept = lab.folder / "kept"
    if (folder / "memory").exists():
        shutil.copytree(folder / "memory", kept, dirs_exist_ok=True)
        return
    lab.checks.learn()
    before = folder / "healthy"
    before.mkdir(parents=True, exist_ok=True)
    lab.checks.restore()
    for wave in waves(lab.world.views):
        lab.checks.run(wave, CHECKS, before)
    shutil.copytree(kept, folder / "memory", dirs_exist_ok=True)


def _plain(name: str) -> str:
    """A name as a file name."""
    return "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")


def table(rows: Sequence[Row]) -> list[str]:
    """Marks by check, and directions where they were named."""
    lines = [f"{'':<16}" + "".join(f"{mark:>14}" for mark in MARKS) + f"{'direction':>14}"]
    for check in CHECKS:
        mine = [row for row in rows if row.said.check == check]
        marks = Counter(row.score.mark for row in mine)
        ways = Counter(row.score.direction for row in mine)
        told = f"{ways['right']} of {ways['right'] + ways['wrong']}"
        cells = [*(marks[mark] for mark in MARKS), told]
        lines.append(f"{check:<16}" + "".join(f"{cell:>14}" for cell in cells))
    return lines


def placed(rows: Sequence[Row], check: str) -> tuple[int, int]:
    """Alarms about faults that a check can place itself: right or one of two, and all of them."""
    mine = [row for row in rows if row.said.check == check and row.along and row.reading.alarm]
    return sum(row.score.mark in ("right", "one of two") for row in mine), len(mine)


def complaints(rows: Sequence[Row]) -> list[str]:
    """Every wrong accusation, false alarm, miss and wrong direction, with the words."""
    found = []
    for row in rows:
        if row.score.mark in ("wrong", "false alarm", "missed") or row.score.direction == "wrong":
            way = " (direction)" if row.score.direction == "wrong" else ""
            place = f"{row.said.start}>{row.said.target} {row.said.check}"
            found.append(f"{row.score.mark}{way}: [{row.fault.name}] {place}: {row.said.line}")
    return found


def unproved(rows: Sequence[Row]) -> list[str]:
    """The harmful faults whose filters dropped no packet of anybody: their label is not true."""
    most: dict[str, int] = {}
    for row in rows:
        if row.fault.harmful and row.dropped is not None:
            most[row.fault.name] = max(most.get(row.fault.name, 0), row.dropped)
    return [name for name, number in most.items() if not number]


def contradictions(lab: Laboratory, fault: Fault) -> list[str]:
    """Where the taps of A and B contradict a fault's label.

    A way that loses and should not, or none.
    """
    lab.taps.reset()
    views = lab.world.views[:2]
    with harmed(lab.ground, fault.harms):
        lab.checks.run(views, ("check_udp_loss",))
        time.sleep(2 * sum(link.ms for link in lab.world.links) / 1000)  # the last are on their way
    found = []
    for view in views:
        taps = lab.taps.passed(*view)
        truth = truth_for(lab.world, fault, view, "check_udp_loss")
        for way, lost, left in (("out", taps.out, taps.sent), ("back", taps.back, taps.answered)):
            told = truth.direction in (way, "both")
            expected = min(fault.share, 0.5) * left
            if (lost and not told) or (told and not lost and expected >= 10):
                found.append(f"{fault.name}: {view[0]}>{view[1]}, {taps}, not {truth.direction}")
    return found


def hold_strictly(rows: Sequence[Row]) -> None:
    """The one place that says what the checks must reach: no wrong side, no false alarm."""
    marks = Counter(row.score.mark for row in rows)
    ways = Counter(row.score.direction for row in rows)
    words = "\n".join([*table(rows), *complaints(rows)])
    assert (marks["wrong"], marks["false alarm"], ways["wrong"]) == (0, 0, 0), words
