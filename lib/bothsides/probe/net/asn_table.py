"""AS numbers of addresses, from a table file (pyasn, iptoasn, gz, mmdb) and by DNS."""

from itertools import chain, islice

from bothsides.analyse.path.ownership import Systems, is_special
from bothsides.analyse.path.past import AsAnswer
from bothsides.base.errors import Unable
from bothsides.base.files import refuse_pipe
from bothsides.base.types import Iterable, Sequence
from bothsides.parse.ip_owners import find_owners, is_row, to_number

_FIRST = 1000  # lines of a table of which one has to be a row of it
_DNS = 1.0  # seconds that the DNS may take
_LONGEST = 1 << 16  # characters of the first line
_NO_TABLE = "{} is no table of AS numbers: write PREFIX, tab, NUMBER in each line"


class AsTable:
    """Asks a table and the DNS once for each address, and remembers the answers.

    A run asks while it measures. A replay does not measure; there the analysis is the first to ask.
    """

    def __init__(self, path: str, dns: bool, known: Systems, seconds: float) -> None:
        self._path = path  # the table's file; "" without one
        self._dns = dns
        self._seconds = seconds  # that the DNS may take when the caller names no time
        self._systems = dict(known)
        self._asked: set[str] = set()  # addresses for which the DNS was asked
        self._trouble = ""

    def look_up(self, addresses: Sequence[str], seconds: float | None = None) -> AsAnswer:
        """The AS numbers of the addresses; `seconds`: how long the DNS may take, at most one."""
        wanted = [address for address in addresses if address not in self._systems]
        if self._path and wanted and not self._trouble:
            try:
                self._systems |= dict.fromkeys(wanted, (0, "")) | from_table(self._path, wanted)
            except Unable as fault:
                self._trouble = str(fault)
        if self._dns:
            self._ask_dns(addresses, self._seconds if seconds is None else seconds)
        return AsAnswer(self._systems, self._trouble)

    def _ask_dns(self, addresses: Sequence[str], seconds: float) -> None:
        unknown = [
            address
            for address in addresses
            if not self._systems.get(address, (0, ""))[0]
            and address not in self._asked
            and not is_special(address)
        ]
        self._asked.update(unknown)
        if unknown and seconds > 0:
            from bothsides.probe.net.cymru import origins

            self._systems |= origins(unknown, min(_DNS, seconds))


def from_table(path: str, addresses: Sequence[str]) -> dict[str, tuple[int, str]]:
    """AS numbers and names of addresses in a table of any usual kind; Unable: cannot be read."""
    try:
        refuse_pipe(path)
        if path.endswith(".mmdb"):
            return _from_mmdb(path, addresses)
        if path.endswith(".gz"):
            import gzip

            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as packed:
                return _from_lines(path, packed, addresses)
        with open(path, encoding="utf-8", errors="replace") as file:
            line = file.readline(_LONGEST)
            if len(line) == _LONGEST:  # /dev/zero has no second one
                raise Unable(_NO_TABLE.format(path))
            return _from_lines(path, chain((line,) if line else (), file), addresses)
    except (OSError, EOFError) as fault:
        raise Unable(f"cannot read {path}: {getattr(fault, 'strerror', None) or fault}") from None


def _from_lines(
    path: str, lines: Iterable[str], addresses: Sequence[str]
) -> dict[str, tuple[int, str]]:
    numbers = {address: to_number(address) for address in addresses}
    rest = iter(lines)
    first = list(islice(rest, _FIRST))
    owners = find_owners(chain(first, rest), numbers.values())
    if not owners and first and not any(map(is_row, first)):
        raise Unable(_NO_TABLE.format(path))
    return {
        address: (owners[key].asn, owners[key].label)
        for address, key in numbers.items()
        if key in owners
    }


def _from_mmdb(path: str, addresses: Sequence[str]) -> dict[str, tuple[int, str]]:
    try:
        import maxminddb
    except ImportError:
        raise Unable(f"{path} needs maxminddb; run pip install maxminddb") from None
    systems = {}
    try:
        with maxminddb.open_database(path) as database:
            six = database.metadata().ip_version == 6
            for address in addresses:
                row = database.get(address.partition("%")[0]) if six or ":" not in address else None
                number = row.get("autonomous_system_number") if isinstance(row, dict) else None
                if isinstance(row, dict) and isinstance(number, int):
                    name = str(row.get("autonomous_system_organization", ""))
                    systems[address] = (number, name)
    except maxminddb.InvalidDatabaseError as fault:
        raise Unable(f"cannot read {path}: {fault}") from None
    return systems
