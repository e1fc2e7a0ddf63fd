"""Which peers are in maintenance now: by the landscape, and by flags in the state directory."""

from datetime import UTC, datetime

from bothsides.base.types import Sequence
from bothsides.inventory import files
from bothsides.inventory.checks import index_of
from bothsides.inventory.faults import Wrong
from bothsides.inventory.maintenance import Flag
from bothsides.inventory.model import Maintenance
from bothsides.mesh.roster import Roster
from bothsides.parse import Unreadable


class Held:
    """The maintenance of every peer, read again once a slice."""

    def __init__(self, directory: str) -> None:
        """directory: where the file of flags is."""
        self.directory = directory
        self.why: dict[str, str] = {}  # by the peer's name
        self.trouble = ""  # why the flags cannot be read

    def read(self, roster: Roster, now: float) -> None:
        """Finds out who is held now, s since 1970. Maintenance of this host holds all its peers."""
        moment = datetime.fromtimestamp(now, UTC)
        self.trouble = ""
        flags: Sequence[Flag] = ()
        try:
            flags = files.read_flags(self.directory)
        except Unreadable as fault:
            self.trouble = f"maintenance flags: {fault}"
        except OSError as fault:
            self.trouble = f"maintenance flags: {fault.strerror}"
        index = index_of(roster.mesh.landscape)
        why: dict[str, str] = {}
        planned: list[Maintenance | Flag] = [*roster.mesh.landscape.maintenances, *flags]
        for each in planned:
            if not each.begin <= moment < each.end:
                continue
            try:
                names = index.select(each.what)
            except Wrong:  # of hosts that are no longer in the landscape
                names = frozenset((each.what,))
            owner = each.owner if isinstance(each, Flag) else str(each.place)
            end = each.end.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            words = f"{each.reason or 'no reason given'} ({owner}, until {end})"
            chosen = [far.name for far in roster.fars if roster.host in names or far.name in names]
            why.update(dict.fromkeys(chosen, words))
        self.why = why
