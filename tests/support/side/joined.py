"""Scores the joined verdict against the truth about a fault, as the laboratory writes both.

exact: the true sides and nobody else; open: the true side named, others not excluded; second: a
wrong side likelier, the true one not excluded; cannot tell: nobody named; missed: nothing seen of a
fault; wrong: somebody named who is not at fault, and the true side excluded. A link between two
networks is never exact by itself: the network at its other end is not excluded, as a filter of
either router looks the same from outside (`Scored.within` counts those).

`also` holds UNKNOWN where a network may be at fault that shows no address with an owner. So that a
true side is not excluded which is in no map, or none of whose routers shows itself between A and B;
it does not stand for a network that the ways show.
"""

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from bothsides.analyse.path.ownership import Maps, name_owners
from bothsides.base.record import from_json, to_json
from bothsides.check.whose_fault.measure import owners_of
from bothsides.incident.case import Case, addresses_of, joined_case
from bothsides.incident.join import verdict
from bothsides.incident.read import documents, read_all
from bothsides.model.verdict import FAR_END, MONITOR, NONE, UNKNOWN, Verdict
from bothsides.model.whose_fault import NamedOwner, Run
from bothsides.parse.ip_owners import from_exchanges, from_map

Mark = Literal["exact", "open", "second", "cannot tell", "missed", "wrong"]
MARKS: tuple[Mark, ...] = get_args(Mark)
Truth = Mapping[str, Any]  # truth.json of one fault

_CODES = {"host A": MONITOR, "host B": FAR_END}  # of a verdict, for sides of the laboratory
KEPT = Path(__file__).parents[2] / "data/side"


class Scored(NamedTuple):
    """One fault, what was said about it, and the mark."""

    world: str
    name: str
    truth: Truth
    verdict: Verdict
    mark: Mark

    @property
    def harmful(self) -> bool:
        """Whether packets or services between A and B suffer."""
        return bool(culprits(self.truth))

    @property
    def within(self) -> bool:
        """Whether a side is named, and nobody is left open but the ends of the faulty links."""
        ends = {_CODES.get(side, side) for place in self.truth["places"] for side in place["sides"]}
        named = bool(self.verdict.side) and self.mark != "wrong"
        return named and {*self.verdict.side, *self.verdict.also} <= ends


def culprits(truth: Truth) -> frozenset[str]:
    """The sides that are at fault between A and B, by the codes of a verdict."""
    if str(truth["kind"]).startswith("only "):
        return frozenset()
    return frozenset(_CODES.get(side, side) for side in truth["side"])


def mark_of(truth: Truth, said: Verdict, shown: Collection[str] | None = None) -> Mark:
    """The mark of one verdict. A fault's neighbour on the same link counts as a second one.

    shown: labels that the ways between A and B show; None: all, so that UNKNOWN is nobody's.
    """
    guilty, side, also = culprits(truth), set(said.side), set(said.also)
    if UNKNOWN in also and shown is not None:
        also |= {code for code in guilty - {MONITOR, FAR_END} if code not in shown}
    if not guilty:
        return "exact" if side == {NONE} else "wrong" if side else "cannot tell"
    if side == {NONE}:
        return "missed"
    if not side:
        return "cannot tell"
    if side == guilty and not also:
        return "exact"
    if side <= guilty:
        return "open"
    return "second" if guilty <= side | also or (guilty & side and guilty & also) else "wrong"


def scored(world: str, name: str, truth: Truth, case: Case) -> Scored:
    """The verdict about a case, and its mark."""
    said = verdict(case)
    return Scored(world, name, truth, said, mark_of(truth, said, labels_shown(case)))


def labels_shown(case: Case) -> frozenset[str]:
    """The networks that have an address on the ways between both hosts."""
    ways = [view.way for view in (case.there, case.here) if view is not None and view.way]
    addresses = {address for way in ways for flow in way.flows.values() for address in flow}
    return frozenset(case.owners[each].label for each in addresses if each in case.owners)


def recorded_run(folder: Path) -> Run:
    """A folder of the recorder as check_whose_fault reads it."""
    now, refused = read_all([str(folder)])
    assert not refused, refused
    before, _ = read_all([str(folder / "before")])
    found = documents(now, before)
    maps = Maps(
        from_map((folder / "owners.map").read_text()),
        from_exchanges((folder / "exchanges.txt").read_text()),
    )
    owners = name_owners(addresses_of(found), maps, {})
    named = tuple(NamedOwner(address, *owner) for address, owner in owners.items())
    return Run("A to B", "A", "B", tuple(found), named, ())


def case_of(run: Run) -> Case:
    """The case of a run."""
    return joined_case(run.start, run.target, run.documents, owners_of(run))


def folders(root: Path) -> Iterator[tuple[str, Truth, Run]]:
    """Every fault below a folder of the recorder."""
    for folder in sorted(root.glob("[0-9]*")):
        truth = json.loads((folder / "truth.json").read_text())
        yield folder.name, truth, recorded_run(folder)


def keep(root: Path, world: str, every: int = 1) -> None:
    """Writes a world's faults as tests/data/side/WORLD.json.gz, every so many of them."""
    rows = [
        {"name": name, "truth": truth, "run": _small(to_json(run))}
        for number, (name, truth, run) in enumerate(folders(root))
        if number % every == 0
    ]
    text = json.dumps(rows, separators=(",", ":")).encode()
    KEPT.mkdir(exist_ok=True)
    (KEPT / f"{world}.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


def _small(data: Any) -> Any:
    """Times to the microsecond."""
    if isinstance(data, float):
        return round(data, 6)
    if isinstance(data, dict):
        return {key: _small(value) for key, value in data.items()}
    return [_small(value) for value in data] if isinstance(data, list) else data


def kept(world: str) -> Iterator[tuple[str, Truth, Run]]:
    """The faults of a world that are kept with the tests."""
    rows = json.loads(gzip.decompress((KEPT / f"{world}.json.gz").read_bytes()))
    for row in rows:
        yield row["name"], row["truth"], from_json(Run, row["run"])


def all_scored(world: str, faults: Iterable[tuple[str, Truth, Run]]) -> list[Scored]:
    """Every fault of a world with its mark."""
    return [scored(world, name, truth, case_of(run)) for name, truth, run in faults]


def table(rows: Sequence[Scored]) -> list[str]:
    """Marks of harmful and harmless faults by world."""
    lines = [f"{'':<22}" + "".join(f"{mark:>13}" for mark in MARKS) + f"{'of':>8}"]
    for world in dict.fromkeys(row.world for row in rows):
        for words, harmful in (("harmful", True), ("harmless", False)):
            mine = [row for row in rows if row.world == world and row.harmful is harmful]
            marks = Counter(row.mark for row in mine)
            cells = "".join(f"{marks[mark]:>13}" for mark in MARKS)
            lines.append(f"{world + ' ' + words:<22}{cells}{len(mine):>8}")
    return lines


def definitions(rows: Sequence[Scored]) -> str:
    """How many are exact: strictly, the harmless ones counted too, and up to a link's two ends."""
    harmful = [row for row in rows if row.harmful]
    counts = (
        ("exact", sum(row.mark == "exact" for row in harmful), len(harmful)),
        ("with the harmless ones", sum(row.mark == "exact" for row in rows), len(rows)),
        ("up to the link", sum(row.within for row in harmful), len(harmful)),
    )
    return ", ".join(f"{words} {part} of {whole}" for words, part, whole in counts)


def complaints(rows: Sequence[Scored]) -> list[str]:
    """Every wrong side, and every "certain" that is not right."""
    return [
        f"{row.mark}: {row.world} {row.name}: {list(row.truth['side'])}, said {row.verdict.side},"
        f" not excluded {row.verdict.also}, {row.verdict.confidence}"
        for row in rows
        if row.mark == "wrong"
        or (row.verdict.confidence == "certain" and row.mark not in ("exact", "open"))
    ]
