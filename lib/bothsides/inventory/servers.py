"""Servers and groups out of their tables: inheritance, members, clashes of names and addresses."""

import ipaddress

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.inventory import selector
from bothsides.inventory.entry import Checked, merged
from bothsides.inventory.faults import Faults, Place, Wrong, quoted
from bothsides.inventory.index import Index, Names
from bothsides.inventory.model import Group, Server, Setting, Settings, Topic

_TABLE_ONLY = frozenset({"name", "match", "allow_empty"})
"""Fields of a group that its members do not inherit."""

_NOBODY = Place("", 0)
_DEEPEST = 100  # groups that refer to each other in a row


class Layer(NamedTuple):
    """What [defaults] or a group hands down to servers."""

    fields: Settings
    topics: Mapping[Topic, Settings]


class People(NamedTuple):
    """All servers and groups, by name."""

    servers: Mapping[str, Server]
    groups: Mapping[str, Group]


def layer(checked: Checked) -> Layer:
    """What a table hands down."""
    fields = {key: value for key, value in checked.fields.items() if key not in _TABLE_ONLY}
    return Layer(fields, checked.topics)


def people(
    base: Checked | None,
    groups: Sequence[Checked],
    servers: Sequence[Checked],
    providers: Iterable[str],
    faults: Faults,
) -> People:
    """All servers with what they inherit from [defaults] and their groups, and all groups."""
    defaults = layer(base) if base else Layer({}, {})
    tables = _unique(groups, "group", faults)
    rows = _unique(servers, "server", faults)
    _ambiguous(tables, rows, faults)
    layers = {name: layer(table) for name, table in tables.items()}
    named = {name: _named_groups(row, tables, faults) for name, row in rows.items()}
    first = [_server(row, named[name], layers, defaults) for name, row in rows.items()]
    known = frozenset(providers)
    for table in (*([base] if base else []), *groups, *servers):
        _check_provider(table, known, faults)
        _check_through(table, rows, faults)
    members = _Members(tables, named, Index(first, {}, known), faults).all()
    final = {}
    for server in first:
        belongs = tuple(name for name in tables if server.name in members[name])
        if belongs != named[server.name]:
            server = _server(rows[server.name], belongs, layers, defaults)
        final[server.name] = server
    result = {
        name: Group(name, table.place(), table.text("match"), members[name])
        for name, table in tables.items()
    }
    _check_groups(tables, members, faults)
    _check_servers(final.values(), faults)
    return People(final, result)


def _unique(tables: Sequence[Checked], what: str, faults: Faults) -> dict[str, Checked]:
    """Tables by name; a name that stands twice is a fault. Names that are no names stay known."""
    result: dict[str, Checked] = {}
    for table in tables:
        raw = table.entry.values.get("name", table.entry.values.get("identifier"))
        name = table.text("name") or (raw if isinstance(raw, str) else "")
        if "name" in table.entry.values and "identifier" in table.entry.values:
            words = "name and identifier mean the same"
            faults.add(table.place("identifier"), table.entry.subject, words, "take one out")
        if name in result:
            words = f"a second {what} of this name, the first is at {result[name].place('name')}"
            faults.add(table.place("name"), table.entry.subject, words, "rename one of them")
        elif name:
            result[name] = table
    return result


def _ambiguous(
    groups: Mapping[str, Checked], servers: Mapping[str, Checked], faults: Faults
) -> None:
    for name in groups:
        if name in servers:
            place = servers[name].place("name")
            words = f"a server has this name too, at {place}"
            faults.add(groups[name].place("name"), groups[name].entry.subject, words, "rename one")


def _named_groups(
    server: Checked, groups: Mapping[str, Checked], faults: Faults
) -> tuple[str, ...]:
    """The groups that a server names, in the order of the groups."""
    named = server.texts("groups")
    for name in named:
        if name not in groups:
            place = server.place("groups")
            faults.unknown(place, server.entry.subject, "group", name, groups)
        elif named.count(name) > 1:
            words = f"the group {quoted(name)} stands twice"
            faults.add(server.place("groups"), server.entry.subject, words, "take one out")
            break
    return tuple(name for name in groups if name in named)


def _server(
    row: Checked, groups: tuple[str, ...], layers: Mapping[str, Layer], defaults: Layer
) -> Server:
    stack = [defaults, *(layers[name] for name in groups), Layer(row.fields, row.topics)]
    fields = {key: setting for each in stack for key, setting in each.fields.items()}
    topics = merged(*(each.topics for each in stack))
    name = row.text("name") or str(
        row.entry.values.get("name", row.entry.values.get("identifier", ""))
    )
    return _from_fields(name, row.place(), groups, fields, topics)


def _from_fields(
    name: str,
    place: Place,
    groups: tuple[str, ...],
    fields: dict[str, Setting],
    topics: Mapping[Topic, Settings],
) -> Server:
    def text(key: str, default: str = "") -> str:
        setting = fields.get(key)
        return str(setting.value) if setting else default

    def texts(key: str) -> tuple[str, ...]:
        setting = fields.get(key)
        return setting.value if setting and isinstance(setting.value, tuple) else ()

    extra = text("extra1")
    pps = fields.get("max_pps")
    disabled = fields.get("disabled")
    return Server(
        name=name,
        ip=text("ip"),
        place=place,
        ips=texts("ips"),
        datacenter=text("datacenter"),
        groups=groups,
        extras=(extra, text("extra2"), text("extra3")),
        provider=text("provider"),
        network=text("network"),
        role=text("role"),
        trace_ip=text("trace_ip") or (extra if _is_address(extra) else text("ip")),
        monitor=text("monitor", name),
        transport=text("transport", "nrpe"),
        through=text("through"),
        max_pps=pps.value if pps and isinstance(pps.value, int) else 2000,
        disabled=bool(disabled and disabled.value),
        contacts=texts("contacts"),
        notes_url=text("notes_url"),
        action_url=text("action_url"),
        fields=fields,
        settings=topics,
    )


def virtual_monitor(name: str, defaults: Mapping[Topic, Settings]) -> Server:
    """The monitoring host when no server has the role `monitor`: it asks and is never asked."""
    return _from_fields(name, _NOBODY, (), {}, defaults)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class _Members:
    """Works out who belongs to each group: servers that name the group, and those it matches."""

    def __init__(
        self,
        tables: Mapping[str, Checked],
        named: Mapping[str, tuple[str, ...]],
        index: Index,
        faults: Faults,
    ) -> None:
        self.tables, self.index, self.faults = tables, index, faults
        self.named: dict[str, set[str]] = {name: set() for name in tables}
        for server, groups in named.items():
            for group in groups:
                self.named[group].add(server)
        self.known: dict[str, Names] = {}
        self.open: list[str] = []

    def all(self) -> Mapping[str, Names]:
        """The members of every group."""
        # A match may speak of groups whose members are not known yet: here they have none.
        self.index.groups = {name: frozenset() for name in self.tables}
        return {name: self._of(name) for name in self.tables}

    def _of(self, name: str) -> Names:
        if name in self.known:
            return self.known[name]
        table, members = self.tables[name], frozenset(self.named[name])
        text = table.text("match")
        if text:
            self.open.append(name)
            try:
                members |= self._matched(text)
            except Wrong as wrong:
                subject = table.entry.subject
                self.faults.add(
                    table.place("match"), subject, f"match: {wrong.words}", wrong.remedy
                )
            self.open.pop()
        self.known[name] = members
        return members

    def _matched(self, text: str) -> Names:
        if len(self.open) > _DEEPEST:
            raise Wrong("groups refer to each other over too many levels", "name hosts or roles")
        tree = self.index.tree(text)
        for leaf in selector.leaves(tree):
            if not isinstance(leaf, selector.Word) or leaf.name in self.index.servers:
                continue
            if leaf.name in self.tables:
                if leaf.name in self.open:
                    way = " -> ".join([*self.open, leaf.name])
                    raise Wrong(f"groups refer to each other: {way}", "take one match out")
                self.index.groups = {**self.index.groups, leaf.name: self._of(leaf.name)}
            elif leaf.name in ("self", "monitor"):
                raise Wrong(
                    f"{quoted(leaf.name)} has no meaning in a group", "name a role or hosts"
                )
        return self.index.evaluate(tree)


def _check_groups(
    tables: Mapping[str, Checked], members: Mapping[str, Names], faults: Faults
) -> None:
    broken = {fault.place for fault in faults.errors}
    for name, table in tables.items():
        if members[name] or table.flag("allow_empty") or table.place("match") in broken:
            continue
        remedy = 'name it in "groups" of a server, give it a match, or write allow_empty = true'
        faults.add(table.place(), table.entry.subject, "a group without members", remedy)


def _check_provider(table: Checked, providers: Names, faults: Faults) -> None:
    name = table.text("provider")
    if name and name not in providers:
        faults.unknown(table.place("provider"), table.entry.subject, "provider", name, providers)


def _check_through(table: Checked, servers: Mapping[str, Checked], faults: Faults) -> None:
    name = table.text("through")
    if name and name not in servers:
        faults.unknown(table.place("through"), table.entry.subject, "server", name, servers)
    elif name and name == table.text("name"):
        words = "a server cannot be asked through itself"
        faults.add(table.place("through"), table.entry.subject, words, "name another server")


def _check_servers(servers: Iterable[Server], faults: Faults) -> None:
    addresses: dict[tuple[str, str], Server] = {}
    plain: dict[str, Server] = {}
    for server in servers:
        subject = f"[[server]] {quoted(server.name)}"
        for key, ip in (("ip", server.ip), *(("ips", ip) for ip in server.ips)):
            other = addresses.setdefault((server.network, ip), server) if ip else server
            if other is not server or (key == "ips" and ip == server.ip):
                words = f"the address {ip} belongs to {quoted(other.name)} already"
                remedy = "correct one, or tell private address spaces apart by network"
                faults.add(server.fields[key].place or server.place, subject, words, remedy)
        for carried in {server.name.replace(".", "_"), server.name}:
            other = plain.setdefault(carried, server)
            if other is not server:
                words = f"SmokePing writes this name like {quoted(other.name)}: {carried}"
                faults.add(server.place, subject, words, "rename one of them")
                break
