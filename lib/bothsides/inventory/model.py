"""The landscape as data: hosts, groups, providers, what is measured, where each value stands."""

from datetime import datetime

from bothsides.base.types import Literal, Mapping, NamedTuple
from bothsides.inventory.faults import Fault, Place

Topic = Literal["udp", "path", "https", "clock", "analysis"]
"""What is measured; `analysis` is a command that runs when packets are lost."""

TOPICS: tuple[Topic, ...] = ("udp", "path", "https", "clock", "analysis")

Value = str | int | float | bool | tuple[str, ...]
"""A value as it is used: durations in seconds, rates per second, lists as tuples."""


class Setting(NamedTuple):
    """A value and where it comes from."""

    value: Value
    place: Place | None  # None: built in
    origin: str  # [defaults], [[group]] "eu", [[server]] "web1", ... or "built in"


Settings = Mapping[str, Setting]


class Server(NamedTuple):
    """A host that measures and is measured."""

    name: str
    ip: str  # numeric address; "" for a monitor that no table describes
    place: Place
    ips: tuple[str, ...]  # more numeric addresses
    datacenter: str  # dotted, widest part first, as eu.de.fsn1; "" when not given
    groups: tuple[str, ...]  # names, in the order of the file
    extras: tuple[str, str, str]  # extra1 to extra3
    provider: str  # name of a Provider, or ""
    network: str  # name of a private address space, or ""
    role: str
    trace_ip: str  # the address whose path is measured
    monitor: str  # name of the host in Nagios or Icinga
    transport: str  # how evidence is fetched: nrpe, icinga, ssh, file or none
    through: str  # name of the server that asks it when it does not answer, or ""
    max_pps: int  # packets/s that this host may send
    disabled: bool
    contacts: tuple[str, ...]  # contact groups of the monitoring system, () for its default
    notes_url: str  # a template as of url_template, or ""
    action_url: str  # the same
    fields: Settings  # the same with their places
    settings: Mapping[Topic, Settings]  # from [defaults], [[group]] and [[server]]


class Group(NamedTuple):
    """A named set of servers."""

    name: str
    place: Place
    match: str  # an expression, or "": servers that name the group
    members: frozenset[str]  # names of servers


class Provider(NamedTuple):
    """Who owns networks: the origin of the owner map of check_mtr_path."""

    name: str
    place: Place
    role: str  # us, isp, transit, exchange, cloud, hoster, tunnel; or ""
    networks: tuple[str, ...]  # prefixes and AS numbers, as AS64500
    evidence: str  # form of the report that this provider asks for: hetzner, aws, plain
    ticket: str  # URL or mail address, or ""


class Work(NamedTuple):
    """Who measures whom by what: one [[check]], [[path]], [[https]] or [[clock]]."""

    topic: Topic
    name: str  # tells several works of one topic and pair apart, or ""
    place: Place
    origin: str  # as [[check]] 2
    source: str  # an expression: who asks
    target: str  # an expression: who is asked
    both: bool  # the other direction too
    excluded: str  # an expression: targets that are left out, or ""
    third: str  # an expression: hosts that witness, or ""
    with_self: bool  # a host that is source and target asks itself, as in mehsh
    settings: Settings


class Override(NamedTuple):
    """Values for some pairs: one [[pair]]."""

    place: Place
    origin: str  # as [[pair]] 2
    source: str  # an expression
    target: str  # an expression
    both: bool  # the other direction too
    ip: str  # the target's address between these two, or ""
    disabled: bool  # these pairs are not measured
    reason: str
    settings: Mapping[Topic, Settings]


class Link(NamedTuple):
    """How two providers are connected."""

    place: Place
    between: tuple[str, str]  # names of providers
    via: tuple[str, ...]  # exchanges or transit between them
    private: bool  # a VPN or a leased line


class Analysis(NamedTuple):
    """What is run when packets between two hosts are lost: a command, or traces of the path."""

    name: str
    place: Place
    origin: str  # as [[analysis]] "mtr"
    source: str  # an expression
    target: str  # an expression
    min_loss: float  # packets in a slice, or a fraction when `of_slice`
    of_slice: bool  # min_loss is a fraction of a slice's packets
    command: str  # for a shell, mehsh's way, or ""
    argv: tuple[str, ...]  # without a shell, or ()
    path: bool  # our own traces of the path instead of a command
    cooldown: float  # s, before the same pair is analysed again
    limit: float  # s, the longest run
    keep: float  # s, for how long output is kept


class Maintenance(NamedTuple):
    """A time in which some hosts do not alarm."""

    what: str  # an expression
    begin: datetime  # with offset
    end: datetime  # with offset
    reason: str
    place: Place
    origin: str  # as [[maintenance]] 2


class Escalation(NamedTuple):
    """Who else is notified when what is measured between two data centres stays bad."""

    place: Place
    origin: str  # as [[escalation]] 2
    between: tuple[str, str]  # prefixes of data centres, in both directions
    contacts: tuple[str, ...]  # contact groups of the monitoring system
    after: int  # number of the first notification that goes to them
    every: float  # s between two notifications


class Landscape(NamedTuple):
    """Everything that a landscape file and its includes say."""

    name: str
    timezone: str  # of local times in reports, as Europe/Berlin; or ""
    files: tuple[str, ...]  # in the order in which they were read
    texts: tuple[str, ...]  # of these files
    defaults: Mapping[Topic, Settings]
    servers: Mapping[str, Server]  # by name, in the order of the file
    groups: Mapping[str, Group]  # by name
    providers: Mapping[str, Provider]  # by name
    works: tuple[Work, ...]
    overrides: tuple[Override, ...]
    links: tuple[Link, ...]
    analyses: tuple[Analysis, ...]
    escalations: tuple[Escalation, ...]
    maintenances: tuple[Maintenance, ...]
    warnings: tuple[Fault, ...]  # doubts that do not make the landscape useless
