"""Whose fault: which evidence is to be joined, and what was heard."""

from bothsides.base.deadline import Stop
from bothsides.base.types import Literal, NamedTuple
from bothsides.model.evidence import Evidence
from bothsides.model.verdict import Witness


class Asked(NamedTuple):
    """A host whose evidence is fetched, and how."""

    name: str
    transport: Literal["nrpe", "icinga", "ssh", "file", "none"]
    address: str  # to ask; a file's name for `file`
    through: str = ""  # name of another host that asks in its place when it cannot be reached


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
    troubles: tuple[str, ...] = ()  # what could not be read, and why
    stopped: Stop | None = None  # why it ended early
    mesh: bool = False  # whether all pairs are judged; `start` and `target` are empty then
    members: tuple[MeshHost, ...] = ()  # where the hosts of the mesh stand
