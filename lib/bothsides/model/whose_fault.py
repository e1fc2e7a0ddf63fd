"""Whose fault: which evidence is to be joined, and what was heard."""

from bothsides.base.deadline import Stop
from bothsides.base.secret import Secret
from bothsides.base.types import Literal, Mapping, NamedTuple
from bothsides.model.evidence import Evidence
from bothsides.model.verdict import Witness

Provider = Literal["plain", "hetzner", "aws"]
"""Whose demands on evidence the report names."""

PROVIDERS: tuple[Provider, ...] = ("plain", "hetzner", "aws")

NEEDED: Mapping[Provider, int] = {"plain": 200, "hetzner": 200, "aws": 50}
"""Packets of a trace, by each protocol and in each direction, that are enough."""


class Through(NamedTuple):
    """A host that asks another one in our place."""

    name: str
    address: str


class Collect(NamedTuple):
    """Long traces that a host is to make."""

    provider: Provider  # who asks for them
    peer: str  # name of the host to trace


class Asked(NamedTuple):
    """A host whose evidence is fetched, and how."""

    name: str
    transport: Literal["nrpe", "icinga", "ssh", "file", "none", "here"]
    address: str  # to ask; a file's name for `file`, the host's name in Icinga for `icinga`
    through: Through | None = None  # who asks it when it does not answer us
    collect: Collect | None = None  # what is asked for besides; None: its usual document
    argv: tuple[str, ...] = ()  # the command line, for `here`


class IcingaApi(NamedTuple):
    """Icinga's API, which starts a service of a host when it is asked to."""

    url: str  # https://HOST:5665
    user: str
    password: Secret
    ca_file: str = ""  # PEM; "" for the certificates that libcurl trusts by itself


class MeshHost(NamedTuple):
    """Where a host of the mesh stands."""

    name: str
    datacenter: str  # "": not known
    provider: str  # "": not known


class Plan(NamedTuple):
    """Which pair is judged, by whose evidence."""

    start: str  # name of the host that checks; "": as the evidence says
    target: str  # name of the host that is checked; "": as the evidence says
    evidence: tuple[str, ...] = ()  # files and folders
    before: tuple[str, ...] = ()  # the same from when all was well
    hosts: tuple[Asked, ...] = ()  # whose evidence is fetched
    address: str = ""  # that this host measures by itself, where nothing else is known
    family: int = 0  # 4, 6 or 0 for either
    stale: float = 900.0  # s, by which evidence may be older than the newest
    mesh: bool = False  # whether all pairs are judged, not one
    members: tuple[MeshHost, ...] = ()  # where the hosts of the mesh stand
    icinga: IcingaApi | None = None  # by which hosts with the transport `icinga` are asked
    key: Secret | None = None  # with which every document must be sealed; None: none need be


class NamedOwner(NamedTuple):
    """Whose an address is, as the files said when the evidence was read."""

    address: str
    label: str  # "": not known
    asn: int  # 0: not known
    role: str
    sure: bool


class Run(NamedTuple):
    """All that was heard."""

    subject: str  # "A to B"
    start: str  # name of the host that checks
    target: str  # name of the host that is checked
    documents: tuple[Evidence, ...]  # of each host, by one clock
    owners: tuple[NamedOwner, ...]
    witnesses: tuple[Witness, ...]  # every host that was asked
    troubles: tuple[str, ...] = ()  # what could not be read, who had to be asked through others
    stopped: Stop | None = None  # why it ended early
    mesh: bool = False  # whether all pairs are judged; `start` and `target` are empty then
    members: tuple[MeshHost, ...] = ()  # where the hosts of the mesh stand
