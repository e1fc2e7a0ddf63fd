"""Which variables an agent is asked for, and how that changes with what it does not have."""

from bothsides.model.clock import Plan
from bothsides.parse import Unreadable
from bothsides.parse.ntp_status import CISCO_STATUS, NTP_STATUS
from bothsides.parse.snmp import (
    CISCO_CLOCK,
    HR_SYSTEM_DATE,
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    SYS_OBJECT_ID,
    SYS_UPTIME,
    UCD_VERSION_DATE,
    Oid,
    Response,
    Source,
    Value,
    from_oid,
)

_FIRST_CHOICE = Source(HR_SYSTEM_DATE, "hrSystemDate")
_SECOND_CHOICE = Source(UCD_VERSION_DATE, "versionCDate")
_NO_SUCH_NAME = 2  # error-status (RFC 3416)


class Variables:
    """What one agent is asked for: the time, and what tells how old its value may be."""

    def __init__(self, plan: Plan) -> None:
        self.source = plan.source or _FIRST_CHOICE
        self.kept: float | None = None  # s for which values are kept at most, by earlier runs
        self.time_format = plan.time_format
        self.system: Oid = ()  # sysObjectID, once it is known
        self._first = self.source  # what is named where nothing has the time
        self._chosen = plan.source is not None
        self._automatic = plan.automatic
        self._thorough = plan.automatic  # whether to ask for all that NTP says of itself
        self._asks_system = plan.automatic  # whether to ask for sysObjectID
        self._version = plan.version
        self._restarts = plan.restarts
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
        if self._asks_product_alone():
            return SYS_UPTIME, SYS_OBJECT_ID
        wanted = [SYS_UPTIME, HR_SYSTEM_UPTIME] if self._restarts else [SYS_UPTIME]
        if self._asks_system and not self.system:
            wanted.append(SYS_OBJECT_ID)
        wanted += self._of_ntp()
        if self.source.extend:
            wanted += [self.source.column(2, 1, 5), self.source.column(3, 1, 4)]
        if self.may_be_kept:
            wanted += [IN_PACKETS, *self.source.described]
        if self.may_be_passed and self._version != "1" and not self._strict:
            wanted.append(self.beside(request))
        if self.source.date:
            wanted.append(self.source.date)
        return (*(oid for oid in wanted if oid not in self._without), self.source.oid)

    def _asks_product_alone(self) -> bool:
        """Whether the product is to be asked for first: version 1 tells none beside what misses."""
        unknown = not self.system and SYS_OBJECT_ID not in self._without
        return self._version == "1" and self._asks_system and unknown

    def _of_ntp(self) -> tuple[Oid, ...]:
        """What the host's own NTP says of itself; version 1 refuses all for one that is missing."""
        if self.source.oid == CISCO_CLOCK:
            return CISCO_STATUS
        if self._version == "1" or not self.source.known:
            return ()
        return NTP_STATUS if self._thorough else NTP_STATUS[:1]

    def beside(self, request: int) -> Oid:
        """A variable below the wanted one that nobody has asked for before.

        `pass` of net-snmp keeps the output of its last command for 30 s. Asked for something else
        just before, it has to run its command for the wanted variable again.
        """
        return (*self.source.oid, request)

    def adapted(self, response: Response, oids: tuple[Oid, ...]) -> bool:
        """Whether something else is to be asked for after this response."""
        alone = oids[-1] == SYS_OBJECT_ID != self.source.oid
        values = dict(zip(response.names, response.values, strict=False))
        self._learn(values.get(SYS_OBJECT_ID))
        if response.error == _NO_SUCH_NAME:
            if alone:
                self._without.add(SYS_OBJECT_ID)
                return True
            if 1 <= response.place < len(oids):  # all is refused for one: do without that one
                return self._did_without(oids[response.place - 1])
            return self._took_another()
        if response.error:
            return False
        if alone:
            self._took_that_of_the_product()
            return True
        if self._automatic and self.system and self._took_that_of_the_product():
            return True
        return response.values[-1].missing and self._took_another()

    def _learn(self, value: Value | None) -> None:
        """Keeps the product that the agent names."""
        if value is not None and isinstance(value.data, bytes):
            try:
                self.system = from_oid(value.data.decode("ascii", "replace"))
            except Unreadable:
                self._without.add(SYS_OBJECT_ID)
        elif value is not None:
            self._without.add(SYS_OBJECT_ID)

    def _did_without(self, refused: Oid) -> bool:
        """Goes on without a variable that the agent does not have; False for half of the time."""
        if refused == self.source.date:
            return self._took_another()
        if refused[:-1] == self.source.oid:
            self._strict = True  # version 2c by version 1's rules
        else:
            self._without.add(refused)
        return True

    def _took_that_of_the_product(self) -> bool:
        """Asks where agents of this product show their time, once."""
        from bothsides.parse.snmp_vendors import clock_of

        if not self._automatic:
            return False
        self._automatic = False
        better = clock_of(self.system)
        if better is None or better == self.source:
            return False
        self.source = better
        return True

    def _took_another(self) -> bool:
        """Goes on with the next place where the time may be; False where there is none.

        What nobody has is asked for with sysObjectID beside it once, for advice that fits.
        """
        if not self._chosen and self.source not in (_FIRST_CHOICE, _SECOND_CHOICE):
            self.source = _FIRST_CHOICE  # that of the product is missing
            return True
        if not self._chosen and self.source == _FIRST_CHOICE:
            self.source = _SECOND_CHOICE
            self._asks_system = self._version != "1"
            return True
        if not self._asks_system and SYS_OBJECT_ID not in self._without:
            self._asks_system = True
            return True
        return False

    def gave_up(self) -> None:
        """No choice has the time: the first one is named."""
        self.source = self._first
