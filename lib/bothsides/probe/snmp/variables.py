"""Which variables an agent is asked for, and how that changes with what it does not have."""

from bothsides.model.clock import Plan
from bothsides.parse.snmp import (
    HR_SYSTEM_DATE,
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    SYS_UPTIME,
    UCD_VERSION_DATE,
    Oid,
    Source,
)
from bothsides.probe.snmp.message import Response

_FIRST_CHOICE = Source(HR_SYSTEM_DATE, "hrSystemDate")
_SECOND_CHOICE = Source(UCD_VERSION_DATE, "versionCDate")
_NO_SUCH_NAME = 2  # error-status (RFC 3416)


class Variables:
    """What one agent is asked for: the time, and what tells how old its value may be."""

    def __init__(self, plan: Plan) -> None:
        self.source = plan.source or _FIRST_CHOICE
        self._chosen = plan.source is not None
        self._version = plan.version
        self._restarts = plan.restarts
        self.kept: float | None = None  # s for which values are kept at most, by earlier runs
        self._without: set[Oid] = set()  # variables that this agent does not have, besides the time
        self._strict = False  # whether it refuses everything for a variable beside the wanted one

    @property
    def may_be_kept(self) -> bool:
        """Whether net-snmp keeps the value for a while: extend and exec."""
        return bool(self.source.extend) or self.source.executed

    @property
    def may_be_passed(self) -> bool:
        """Whether it could come from a `pass` line: it is no object that is known here."""
        return not self.source.known and not self.may_be_kept

    @property
    def asks_beside_first(self) -> bool:
        """Whether `beside` needs a query of its own: version 1 would refuse both for one."""
        return self._version == "1" and self.may_be_passed

    def wanted(self, request: int) -> tuple[Oid, ...]:
        """All that is asked in one packet, to be true at the same time; the clock is last."""
        wanted = [SYS_UPTIME, HR_SYSTEM_UPTIME] if self._restarts else [SYS_UPTIME]
        if self.source.extend:
            wanted += [self.source.column(2, 1, 5), self.source.column(3, 1, 4)]
        if self.may_be_kept:
            wanted += [IN_PACKETS, *self.source.described]
        if self.may_be_passed and self._version != "1" and not self._strict:
            wanted.append(self.beside(request))
        return (*(oid for oid in wanted if oid not in self._without), self.source.oid)

    def beside(self, request: int) -> Oid:
        """A variable below the wanted one that nobody has asked for before.

        `pass` of net-snmp keeps the output of its last command for 30 s. Asked for something else
        just before, it has to run its command for the wanted variable again.
        """
        return (*self.source.oid, request)

    def adapted(self, response: Response, oids: tuple[Oid, ...]) -> bool:
        """Whether something else is to be asked for after this response."""
        if response.error == _NO_SUCH_NAME:
            if 1 <= response.place < len(oids):  # all is refused for one: do without that one
                refused = oids[response.place - 1]
                if refused[:-1] == self.source.oid:
                    self._strict = True  # version 2c by version 1's rules
                else:
                    self._without.add(refused)
                return True
            return self._took_second_choice()
        return response.error == 0 and response.values[-1].missing and self._took_second_choice()

    def _took_second_choice(self) -> bool:
        """Without hrSystemDate, the agent's version table may have the time."""
        if not self._chosen and self.source == _FIRST_CHOICE:
            self.source = _SECOND_CHOICE
            return True
        return False

    def gave_up(self) -> None:
        """No choice has the time: the first one is named."""
        if not self._chosen:
            self.source = _FIRST_CHOICE
