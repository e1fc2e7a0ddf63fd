"""Who asks whom: the directed pairs of a landscape, made when they are asked for.

    mesh = Mesh(read(text))
    for pair in mesh.asked_by("web1"):
        print(pair.target.name, mesh.effective(pair)["rate"].value)

A mesh of 1000 hosts has a million pairs, so nothing here holds more than those of one host.
"""

from bothsides.base.types import Iterator, NamedTuple
from bothsides.inventory.checks import index_of
from bothsides.inventory.index import MONITOR, Names
from bothsides.inventory.keys import BUILT_IN, OF_TARGET, PORTS
from bothsides.inventory.model import (
    TOPICS,
    Landscape,
    Override,
    Server,
    Setting,
    Settings,
    Topic,
    Work,
)
from bothsides.inventory.servers import virtual_monitor

_REMEMBERED = 10000  # pairs whose values are kept


Kinds = dict[Topic, dict[tuple[str, str], dict[str, Work]]]
"""What a host asks: by topic, by name and URL of the work, by target."""


class Pair(NamedTuple):
    """One host measures another in one way."""

    source: Server
    target: Server
    work: Work
    overrides: tuple[Override, ...]  # those that hold for this pair, in the order of the file

    @property
    def address(self) -> str:
        """The target's address between these two."""
        ip = self.target.ip
        for override in self.overrides:
            ip = override.ip or ip
        return ip

    @property
    def trace_address(self) -> str:
        """The address whose path is measured."""
        chosen = any(override.ip for override in self.overrides)
        return self.address if chosen else self.target.trace_ip


class Mesh:
    """The pairs of a landscape, with the values that hold for them."""

    def __init__(self, landscape: Landscape) -> None:
        self.landscape = landscape
        self.index = index_of(landscape)
        self.servers = {name: each for name, each in landscape.servers.items() if not each.disabled}
        if self.index.monitors == {MONITOR} and MONITOR not in landscape.servers:
            self.servers[MONITOR] = virtual_monitor(MONITOR, landscape.defaults)
        self._on = frozenset(self.servers)
        self._asking = [self._select(work.source) for work in landscape.works]
        self._asked = [self._fixed(work) for work in landscape.works]
        self._overriding = [
            (self._select(each.source), self._select(each.target)) for each in landscape.overrides
        ]
        self._speaking = {topic: self._speakers(topic) for topic in TOPICS}
        self._values: dict[tuple[object, ...], Settings] = {}

    def sources(self) -> list[str]:
        """The names of the hosts that ask somebody, sorted."""
        asking: set[str] = set()
        for number, work in enumerate(self.landscape.works):
            asking |= self._asking[number]
            if work.both:
                asking |= self._asked[number] or self._on
        works = range(len(self.landscape.works))
        return [name for name in sorted(asking) if any(self._targets(work, name) for work in works)]

    def asked_by(self, name: str) -> Iterator[Pair]:
        """What a host asks, by topic and name of the target. Nothing for an unknown host."""
        return self._pairs(name, self._on)

    def all(self) -> Iterator[Pair]:
        """Every pair, by name of the source, topic and name of the target."""
        for name in sorted(self.servers):
            yield from self.asked_by(name)

    def asking(self, name: str) -> Iterator[Pair]:
        """The pairs in which a host is asked, by name of the source."""
        for source in sorted(self.servers):
            yield from self._pairs(source, frozenset((name,)))

    def between(self, source: str, target: str) -> list[Pair]:
        """Everything that one host asks another."""
        return list(self._pairs(source, frozenset((target,))))

    def effective(self, pair: Pair) -> Settings:
        """The values that hold for a pair, each with its place.

        Later wins: built in, [defaults], [[group]], [[server]], then the check, then [[pair]].
        What describes the far end (keys.OF_TARGET) comes from the target, the rest from the source.
        """
        topic = pair.work.topic
        far = pair.target.name if pair.target.name in self._speaking[topic] else ""
        key = (pair.source.name, far, id(pair.work), *map(id, pair.overrides))
        if key not in self._values:
            if len(self._values) > _REMEMBERED:
                self._values.clear()
            result = dict(_base(pair.source, pair.target, topic))
            result.update(pair.work.settings)
            for override in pair.overrides:
                result.update(override.settings.get(topic, {}))
            if topic == "udp" and "port" not in result:
                port = PORTS[str(result["protocol"].value)]
                result["port"] = Setting(port, result["protocol"].place, "built in")
            self._values[key] = result
        return self._values[key]

    def ordinary(self, pair: Pair) -> bool:
        """Whether all values of a pair come from its check, its source and [defaults]."""
        return not pair.overrides and pair.target.name not in self._speaking[pair.work.topic]

    def thirds(self, pair: Pair) -> list[Server]:
        """The hosts that can witness between the two ends, by name."""
        if not pair.work.third:
            return []
        everybody = pair.work.third == "any"
        names = self._on if everybody else self._select(pair.work.third)
        ends = {pair.source.name, pair.target.name, MONITOR if everybody else ""}
        return [self.servers[name] for name in sorted(names - ends)]

    def _select(self, text: str) -> Names:
        return self.index.select(text) & self._on

    def _fixed(self, work: Work) -> Names | None:
        """The targets of a work; None when they depend on who asks."""
        return None if self.index.depends_on_self(work.target) else self._select(work.target)

    def _pairs(self, name: str, wanted: Names) -> Iterator[Pair]:
        """What a host asks some of the others."""
        source = self.servers.get(name)
        if source is None:
            return
        overrides = self._overrides_of(name)
        for target, work in self._asked_in_order(name, wanted):
            held: tuple[Override, ...] = ()
            if overrides:
                held = tuple(each for each, targets in overrides if target in targets)
            if not held or not any(override.disabled for override in held):
                yield Pair(source, self.servers[target], work, held)

    def _asked_in_order(self, name: str, wanted: Names) -> Iterator[tuple[str, Work]]:
        """Whom a host asks by which check, by topic and target; the last check of a kind holds."""
        kinds: Kinds = {}
        for number, work in enumerate(self.landscape.works):
            targets = self._targets(number, name) & wanted
            if targets:
                url = work.settings.get("url")
                kind = (work.name, str(url.value) if url else "")
                known = kinds.setdefault(work.topic, {}).setdefault(kind, {})
                known.update(dict.fromkeys(targets, work))
        return _in_order(kinds)

    def _targets(self, number: int, name: str) -> Names:
        work, fixed = self.landscape.works[number], self._asked[number]
        targets: Names = frozenset()
        if name in self._asking[number]:
            here = self.index.select(work.target, name) & self._on if fixed is None else fixed
            targets = here
        if work.both and fixed is None:
            targets |= frozenset(
                each
                for each in self._asking[number]
                if name in self.index.select(work.target, each)
            )
        elif work.both and fixed is not None and name in fixed:
            targets |= self._asking[number]
        if work.excluded:
            targets -= self.index.select(work.excluded, name)
        return targets if work.with_self else targets - {name}

    def _overrides_of(self, name: str) -> list[tuple[Override, Names]]:
        result = []
        for override, (sources, targets) in zip(
            self.landscape.overrides, self._overriding, strict=True
        ):
            held = targets if name in sources else frozenset()
            if override.both and name in targets:
                held |= sources
            if held:
                result.append((override, held))
        return result

    def _speakers(self, topic: Topic) -> Names:
        """The hosts whose settings are not those that [defaults] give to all."""
        usual = (None, self.landscape.defaults.get(topic))
        settings = ((name, each.settings.get(topic)) for name, each in self.servers.items())
        return frozenset(name for name, own in settings if not any(own is each for each in usual))


def _in_order(kinds: Kinds) -> Iterator[tuple[str, Work]]:
    """Targets and works by topic, target and kind."""
    for topic in sorted(kinds):
        if len(kinds[topic]) == 1:  # as usual, and then no kind has to be compared
            (known,) = kinds[topic].values()
            yield from ((target, known[target]) for target in sorted(known))
            continue
        rows = ((target, kind) for kind, known in kinds[topic].items() for target in known)
        yield from ((target, kinds[topic][kind][target]) for target, kind in sorted(rows))


def _base(source: Server, target: Server, topic: Topic) -> Settings:
    """Built-in values and those of the two ends."""
    result = {
        name: Setting(value, None, "built in") for name, value in BUILT_IN.get(topic, {}).items()
    }
    mine, theirs = source.settings.get(topic, {}), target.settings.get(topic, {})
    result.update({name: each for name, each in mine.items() if name not in OF_TARGET})
    result.update({name: each for name, each in theirs.items() if name in OF_TARGET})
    return result
