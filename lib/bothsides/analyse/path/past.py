"""What is known of a path before it is traced, and where its next run is to be kept."""

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.baseline_classic import ClassicBaseline
from bothsides.analyse.path.ownership import Maps, Systems
from bothsides.base.types import Mapping, NamedTuple, Protocol, Sequence
from bothsides.model.path import Reflection, Run
from bothsides.parse.mtr.model import is_address


class Remembered(NamedTuple):
    """What earlier runs taught about the path to one address."""

    fixed: Baseline = Baseline()  # along flows with fixed ports
    classic: ClassicBaseline = ClassicBaseline()  # along flows that vary


class AsAnswer(NamedTuple):
    """What a source of AS numbers knows."""

    systems: Systems = {}  # every address that was ever looked up and is known
    trouble: str = ""  # why it could not be asked


class AsSource(Protocol):
    """A table or a DNS zone of AS numbers, asked once for each address."""

    def look_up(self, addresses: Sequence[str], seconds: float | None = None) -> AsAnswer:
        """The AS numbers of the addresses; `seconds`: how long the DNS may take."""
        ...


class Archive(NamedTuple):
    """The folder that keeps every run as a text report."""

    folder: str
    name: str  # first part of the files' names
    tree: bool  # NAME/TIME/SRC_to_DST.txt instead of one folder
    age: float | None  # s, older files of ours are removed; None: never


class Keeping(NamedTuple):
    """Where and how a run is kept."""

    directory: str = ""  # of the memory; "": the usual one
    learns: bool = False  # whether the memory is updated
    accept: bool = False  # whether the path in use becomes the normal one now
    owners_key: str = ""  # the memory's key of looked-up AS numbers
    owners_stamp: str = ""  # changes when these are out of date
    archive: Archive | None = None


class Past(NamedTuple):
    """All that is known before a run."""

    paths: Mapping[str, Remembered] = {}  # by address of the target
    addresses: tuple[str, ...] = ()  # addresses that the name had, the last used one first
    maps: Maps = Maps()
    as_source: AsSource | None = None  # --as-file and --asn
    directions: Mapping[str, Reflection] = {}  # losses found by check_udp_loss, by address
    trouble: str = ""  # why the memory cannot be read
    sticky: bool = False  # whether a lasting change never becomes the normal path
    keeping: Keeping | None = None  # None: this run is not kept

    def path_to(self, target: str) -> Remembered:
        """What is known about the path to an address."""
        return self.paths.get(target, Remembered())


def look_up(
    source: AsSource | None, run: Run, baseline: Baseline, seconds: float | None = None
) -> AsAnswer:
    """The AS numbers on the way of a run; `seconds`: how long the DNS may take."""
    if source is None:
        return AsAnswer()
    return source.look_up(addresses_on_the_way(run, baseline), seconds)


def addresses_on_the_way(run: Run, baseline: Baseline) -> list[str]:
    """Every address whose network matters: those that answered, and those of the known paths."""
    hosts = {result.host for result in (*run.first, *(run.second or ())) if result.host}
    hosts.add(run.target)
    for path in (baseline.normal, baseline.other):
        hosts |= {host for known in path.members.values() for host in known} if path else set()
    return sorted(host for host in hosts if is_address(host))
