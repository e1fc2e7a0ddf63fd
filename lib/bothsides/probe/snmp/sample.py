"""One response of an agent as a sample of its clock."""

from bothsides.base.types import TYPE_CHECKING, Mapping
from bothsides.model.clock import Look, Sample
from bothsides.parse import Unreadable
from bothsides.parse.clock_value import Moment, from_value
from bothsides.parse.ntp_status import from_values
from bothsides.parse.snmp import (
    HR_SYSTEM_UPTIME,
    IN_PACKETS,
    MIKROTIK_DATE,
    SYS_UPTIME,
    Oid,
    Source,
    Value,
    to_integer,
)
from bothsides.probe.snmp.variables import Variables

if TYPE_CHECKING:
    from datetime import tzinfo

# time(2) changes its second up to a tick late: 4 ms at 250 Hz; in the agent itself 7.3 ms were seen
# in a VM, where a program that has just been started is told 4 ms at most.
_COARSE_AGENT, _COARSE_PROGRAM = 10_000_000, 5_000_000  # ns
_COARSE_TENTHS = 20_000_000  # ns: tenths come from Windows, whose clock changes every 15.6 ms
# NETSNMP_DS_AGENT_CACHE_TIMEOUT, which `exec` obeys whatever snmpd.conf(5) says
_EXEC_CACHE = 5.0  # s
_PROGRAM, _DATE = 1.0, 0.3  # s that a program may run which makes a kept value, and that date may


def to_sample(
    variables: Variables,
    values: Mapping[Oid, Value],
    refused: bool,
    sent: int,
    received: int,
    queries: int,
    zone: "tzinfo | None",
    oldest: int = 0,
) -> Sample:
    """What a response shows.

    refused: by error-status; queries: of ours, up to now; oldest: ns since 1970, when the value may
    have been made at the earliest, where that is before `sent`.
    """
    source = variables.source
    value = _timed(values.get(source.oid, Value("noSuchName")), source, values)
    moment, fault = None, ""
    if value.missing or refused:
        variables.gave_up()
        source = variables.source
        fault = "noSuchName" if refused else value.kind
    else:
        try:
            form = source.order, variables.time_format
            moment = from_value(value, source.oid, zone, received, *form)
        except Unreadable as why:
            fault = _why(source.oid, value, str(why))
    uptime, running = (_ticks(values.get(oid)) for oid in (SYS_UPTIME, HR_SYSTEM_UPTIME))
    status = to_integer(values.get(source.column(3, 1, 4))) if source.extend else None
    look = None
    if moment is not None:
        look = _look(variables, moment, values, oldest or sent, received, queries)
    return Sample(
        value=value,
        moment=moment,
        look=look,
        fault=fault,
        uptime=uptime,
        status=status,
        sent=sent,
        received=received,
        running=running,
        line=" ".join(_text(values.get(oid)) for oid in source.described).strip(),
        ntp=from_values(values),
    )


def _timed(value: Value, source: Source, values: Mapping[Oid, Value]) -> Value:
    """The value with the date in front of it where that stands in a variable of its own."""
    if not source.date or value.missing:
        return value
    date = values.get(source.date, Value("noSuchName"))
    if not isinstance(date.data, bytes) or not isinstance(value.data, bytes):
        return date if date.missing else value
    return Value(value.kind, date.data.strip() + b" " + value.data.strip())


def _look(
    variables: Variables,
    moment: Moment,
    values: Mapping[Oid, Value],
    sent: int,
    received: int,
    queries: int,
) -> Look:
    """What the sample proves about the clock."""
    source = variables.source
    slack = 0
    if moment.grain >= 10**9:
        slack = _COARSE_AGENT if source.known else _COARSE_PROGRAM
    elif moment.grain >= 10**8:
        slack = _COARSE_TENTHS
    cache, date = _cache(variables, values), _is_date(variables, values)
    live = source.known or (bool(source.extend) and not cache and date)
    return Look(
        sent=sent,
        received=received,
        shown=moment.ns,
        grain=moment.grain,
        slack=slack,
        cache=cache,
        packets=to_integer(values.get(IN_PACKETS)),
        asked=queries,
        live=live,
        unsure=not live and not cache,
        kept=variables.kept,
        program=_DATE if date else _PROGRAM,
    )


def _is_date(variables: Variables, values: Mapping[Oid, Value]) -> bool:
    """Whether the line of snmpd.conf runs date(1), which keeps nothing and runs no time."""
    words = " ".join(_text(values.get(oid)) for oid in variables.source.described).split()
    named = words[1:] if variables.source.executed else words
    return bool(named) and named[0].rpartition("/")[2] == "date"


def _cache(variables: Variables, values: Mapping[Oid, Value]) -> float:
    """For how long the agent keeps this value, seconds, as far as it is known."""
    if variables.source.extend:
        seconds = to_integer(values.get(variables.source.column(2, 1, 5)))
        return _EXEC_CACHE if seconds is None else float(max(0, seconds))
    return _EXEC_CACHE if variables.may_be_kept else 0.0


def _text(value: Value | None) -> str:
    if value is None or not isinstance(value.data, bytes):
        return ""
    return value.data.decode("ascii", "replace")


def _ticks(value: Value | None) -> float | None:
    """Seconds of a value in hundredths of them."""
    number = to_integer(value)
    return None if number is None else number / 100


def _why(oid: Oid, value: Value, why: str) -> str:
    """Why a value is no time, with a remedy where one is known."""
    if oid == MIKROTIK_DATE and value.data == 0:
        return "it is 0, which is no time from a GPS receiver; use hrSystemDate"
    return why
