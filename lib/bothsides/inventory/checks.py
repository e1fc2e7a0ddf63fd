"""Checks of a whole landscape: every expression selects a host, every table has an effect."""

from bothsides.base.types import Mapping, NamedTuple
from bothsides.inventory.entry import Checked
from bothsides.inventory.faults import Faults, Place, Wrong, quoted, remedy_for
from bothsides.inventory.index import Index, Names
from bothsides.inventory.model import Analysis, Escalation, Landscape, Override, Work
from bothsides.inventory.selector import Term, Word, leaves

Source = tuple[Place, str]
"""What tells a table from all others: its place and its subject."""

_ALL_OF_IT = "write allow_empty = true if this is meant"


class _Sides(NamedTuple):
    """Who asks and who is asked by a table."""

    sources: Names
    targets: Names
    both: bool

    def directions(self) -> list[tuple[Names, Names]]:
        """Sources and targets, of both directions when they are."""
        there = (self.sources, self.targets)
        return [there, there[::-1]] if self.both else [there]


def index_of(landscape: Landscape) -> Index:
    """The index over which the landscape's expressions are evaluated."""
    members = {name: group.members for name, group in landscape.groups.items()}
    return Index(landscape.servers.values(), members, landscape.providers)


def check_selections(
    landscape: Landscape, tables: Mapping[Source, Checked], faults: Faults
) -> None:
    """Adds a fault for every expression that is broken or selects nobody."""
    checker = _Checker(landscape, tables, faults)
    sides = [checker.work(work) for work in landscape.works]
    for override in landscape.overrides:
        checker.override(override, [each for each in sides if each])
    if None not in sides:
        _twice(landscape, faults)
    for analysis in landscape.analyses:
        checker.sides(analysis, both=False)
    for escalation in landscape.escalations:
        _places(escalation, checker)
    for each in landscape.maintenances:
        checker.selected(each.what, (each.place, each.origin), "what")
    _events(landscape, faults)


def _events(landscape: Landscape, faults: Faults) -> None:
    """Adds a fault for a limit that is a word, as `change`, where no path is measured."""
    tables = [landscape.defaults, *(each.settings for each in landscape.servers.values())]
    tables += [override.settings for override in landscape.overrides]
    given = [item for table in tables for item in table.items()]
    given += [(work.topic, work.settings) for work in landscape.works]
    seen: set[tuple[object, str]] = set()
    for topic, settings in given:
        for key in ("warning", "critical") if topic != "path" else ():
            setting = settings.get(key)
            if setting is None or setting.place is None:
                continue
            items = str(setting.value).split(",")
            for item in (each for each in items if not any(map(str.isdigit, each))):
                if (setting.place, item) not in seen:
                    seen.add((setting.place, item))
                    words = f"{key}: {quoted(item)} is no limit of {topic}"
                    remedy = "write ranges as 100,5%; words are events of a [[path]]"
                    faults.add(setting.place, setting.origin, words, remedy)


class _Checker:
    """Evaluates expressions and says what is wrong with them."""

    def __init__(
        self, landscape: Landscape, tables: Mapping[Source, Checked], faults: Faults
    ) -> None:
        self.landscape, self.tables, self.faults = landscape, tables, faults
        self.index = index_of(landscape)
        self.doubted: set[Term] = set()
        # Where a server is broken, an empty selection follows from that and is not said again.
        self.whole = bool(landscape.servers) and not any(
            fault.subject.startswith(("[[server]]", "[servers]", "[[group]]"))
            for fault in faults.errors
        )

    def wrong(
        self, source: Source, key: str, words: str, remedy: str, *, doubt: bool = False
    ) -> None:
        """Adds a fault or a warning at a key of a table; at the table for the key ""."""
        place, subject = source
        table = self.tables.get(source)
        if key and table:
            place = table.place(key)
        add = self.faults.doubt if doubt else self.faults.add
        add(place, subject, f"{key}: {words}" if key else words, remedy)

    def lenient(self, source: Source) -> bool:
        """Whether an empty selection is meant, or follows from another fault."""
        table = self.tables.get(source)
        return not self.whole or (table is not None and table.flag("allow_empty"))

    def selected(self, text: str, source: Source, key: str, *, alone: bool = True) -> Names | None:
        """The hosts that an expression selects; None after a fault."""
        try:
            tree = self.index.tree(text)
            if alone and self.index.depends_on_self(text):
                raise Wrong('"self" has no meaning here', "name a host, a group or all")
        except Wrong as wrong:
            if self.landscape.servers:
                self.wrong(source, key, wrong.words, wrong.remedy)
            return None
        for leaf in leaves(tree):
            if isinstance(leaf, Term) and leaf not in self.doubted:
                self._doubt(leaf, tree is leaf, source, key)
        names = self.index.select(text)
        if names or not alone:
            return names
        if not self.lenient(source):
            remedy = _near(tree, self.index) or _ALL_OF_IT
            self.wrong(source, key, f"{quoted(text)} selects no server", remedy)
        return None

    def _doubt(self, leaf: Term, whole: bool, source: Source, key: str) -> None:
        if not whole and self.whole and not self.index.evaluate(leaf):
            self.doubted.add(leaf)
            shown = quoted(f"{leaf.attribute}:{leaf.value}")
            remedy = _near(leaf, self.index) or "take it out if no server is meant"
            self.wrong(source, key, f"{shown} selects no server", remedy, doubt=True)

    def sides(self, table: Work | Override | Analysis, *, both: bool) -> _Sides | None:
        """Who asks and who is asked by a table; None after a fault."""
        at = (table.place, table.origin)
        sources = self.selected(table.source, at, "from")
        alone = not isinstance(table, Work | Override)
        targets = self.selected(table.target, at, "to", alone=alone)
        if sources is None or targets is None:
            return None
        if not alone and self.index.depends_on_self(table.target):
            targets = frozenset().union(*(self.index.select(table.target, me) for me in sources))
        if not targets and not self.lenient(at):
            remedy = _near(self.index.tree(table.target), self.index) or _ALL_OF_IT
            self.wrong(at, "to", f"{quoted(table.target)} selects no server", remedy)
            return None
        asked = targets | sources if both else targets
        if asked - self.index.all and isinstance(table, Work):
            remedy = 'give a [[server]] the role "monitor"'
            self.wrong(at, "", "the monitor is asked, and its address is not known", remedy)
            return None
        return _Sides(sources, targets, both)

    def work(self, work: Work) -> _Sides | None:
        """Who asks and who is asked by a check; None after a fault."""
        at = (work.place, work.origin)
        sides = self.sides(work, both=work.both)
        left_out: Names = frozenset()
        if work.excluded:
            selected = self.selected(work.excluded, at, "except", alone=False)
            left_out = selected or frozenset()
        if work.third:
            self.third(work, sides)
        if sides is None:
            return None
        lonely = all(
            self._nobody(sources, targets - left_out, work.with_self)
            for sources, targets in sides.directions()
        )
        if lonely and not self.lenient(at):
            self.wrong(at, "", "no pair is left to measure", _ALL_OF_IT)
            return None
        return sides

    @staticmethod
    def _nobody(sources: Names, targets: Names, with_self: bool) -> bool:
        return not targets or (not with_self and len(sources) == 1 and sources == targets)

    def third(self, work: Work, sides: _Sides | None) -> None:
        """Checks who is to be the third between two ends."""
        at = (work.place, work.origin)
        if work.third == "any":
            return
        thirds = self.selected(work.third, at, "third")
        if not thirds or sides is None:
            return
        ends = sides.sources | sides.targets
        if len(thirds) == 1 and thirds <= ends:
            words = f"{quoted(min(thirds))} is one of the two ends"
            self.wrong(at, "third", words, "name a host that is neither")
            return
        places = {self._datacenter(name) for name in thirds}
        shared = places & {self._datacenter(name) for name in ends}
        if len(places) == 1 and shared - {""}:
            words = f"every third host is in the data centre {min(shared)} of an end"
            self.wrong(at, "third", words, "name a host that is elsewhere", doubt=True)
        bare = sorted(name for name in ends if not self._provider(name))
        if bare:
            words = f"a verdict needs providers, and {quoted(bare[0])} has none"
            self.wrong(at, "third", words, 'write provider = "..." for this server', doubt=True)

    def _datacenter(self, name: str) -> str:
        server = self.landscape.servers.get(name)
        return server.datacenter if server else ""

    def _provider(self, name: str) -> str:
        server = self.landscape.servers.get(name)
        return server.provider if server else "the monitor's"

    def override(self, override: Override, works: list[_Sides]) -> None:
        """A [[pair]] must be about pairs that are measured."""
        at = (override.place, override.origin)
        sides = self.sides(override, both=override.both)
        if sides is None or self.lenient(at):
            return
        for sources, targets in sides.directions():
            for work in works:
                for asking, asked in work.directions():
                    if sources & asking and targets & asked:
                        return
        if len(works) == len(self.landscape.works):
            remedy = "add a [[check]] for them, take the table out, or write allow_empty = true"
            self.wrong(at, "", "nothing measures these pairs", remedy)


def _places(escalation: Escalation, checker: _Checker) -> None:
    """Checks that the data centres of an escalation exist."""
    known = checker.index.attributes["dc"]
    for place in escalation.between:
        if place not in known and checker.whole:
            at = (escalation.place, escalation.origin)
            remedy = remedy_for(place, sorted(known))
            checker.wrong(at, "between", f"unknown data centre {quoted(place)}", remedy)


def _twice(landscape: Landscape, faults: Faults) -> None:
    """Doubts about a check that stands twice."""
    seen: dict[tuple[object, ...], Work] = {}
    for work in landscape.works:
        url = work.settings.get("url")
        key = (work.topic, work.name, work.source, work.target, work.both, url and url.value)
        first = seen.setdefault(key, work)
        if first is not work:
            words = f"the same as {first.origin} at {first.place}; this one holds"
            faults.doubt(work.place, work.origin, words, "take one out")


def _near(tree: object, index: Index) -> str:
    """The attribute value that is nearest to one which nobody has."""
    if isinstance(tree, Term) and tree.attribute in index.attributes:
        return remedy_for(tree.value, sorted(index.attributes[tree.attribute]))
    if isinstance(tree, Word) and tree.name in index.groups:
        return "the group has no members"
    return ""
