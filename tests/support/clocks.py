"""Made-up answers of SNMP agents, and what the check finds in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bothsides.analyse.clock import analyse
from bothsides.check.snmp_clock.figures import FIGURES
from bothsides.check.snmp_clock.judge import judge
from bothsides.check.snmp_clock.limits import Limits, LocalSync
from bothsides.model.clock import Earlier, Host, Look, Past, Plan, Run, Sample
from bothsides.model.failure import Failure
from bothsides.model.local_clock import LocalClock
from bothsides.parse.clock_value import Moment
from bothsides.parse.range import Range
from bothsides.parse.snmp import HR_SYSTEM_DATE, Source, Value
from bothsides.plugin.finding import Ranges, Reading, Remark, State

START = 1_795_210_673 * 10**9
RANGES = Ranges(FIGURES, {"offset": Range(-5, 5)}, {"offset": Range(-60, 60)})
LIMITS = Limits(RANGES)
SOURCE = Source(HR_SYSTEM_DATE, "hrSystemDate")
GOOD = LocalClock(0.0)


def sample(offset: float, grain: int = 1, fault: str = "", **more: Any) -> Sample:
    shown = START + round(offset * 1e9)
    moment = None if fault else Moment(shown, grain, "DateAndTime of 11 octets", 0)
    look = None if fault else Look(START, START + 1_000_000, shown, grain)
    known: dict[str, Any] = {"uptime": 12.5, "status": None} | more
    return Sample(
        Value("Integer32", 1), moment, look, fault, sent=START, received=START + 1_000_000, **known
    )


def host(*samples: Sample, failure: Failure | None = None, source: Source = SOURCE) -> Host:
    return Host("web1", "192.0.2.7", 161, source, samples, failure, len(samples) or 2)


def judged(
    run: Run, limits: Limits = LIMITS, earlier: Mapping[str, Sequence[Earlier]] | None = None
) -> list[Any]:
    """The findings about a run. earlier: what earlier runs found, by host name."""
    known = earlier or {}
    clocks = {(host.name, host.source.oid): known.get(host.name, ()) for host in run.hosts}
    plan = Plan(tuple(host.name for host in run.hosts))
    return list(judge(analyse(plan, run, Past(clocks)), limits))


def findings(*hosts: Host, local: LocalClock = GOOD, policy: LocalSync = "require") -> list[Any]:
    """The findings about these hosts."""
    return judged(Run("web1", hosts, local), Limits(RANGES, policy))


def states(found: list[Any]) -> dict[str, State]:
    return {
        finding.figure.label: finding.state for finding in found if isinstance(finding, Reading)
    }


def remarks(found: list[Any]) -> list[tuple[State, str]]:
    return [(finding.state, finding.words) for finding in found if isinstance(finding, Remark)]


def values(found: list[Any]) -> dict[str, float | None]:
    """The values of all figures by label."""
    return {each.figure.label: each.value for each in found if isinstance(each, Reading)}


def local_time(offset: float, zone: str = "") -> Host:
    told = sample(offset)
    moment = Moment(told.look.shown if told.look else 0, 1, "DateAndTime of 8 octets", None)
    return host(told._replace(moment=moment))._replace(zone=zone)


def named(name: str, offset: float) -> Host:
    return host(sample(offset))._replace(name=name, address=name)


def earlier(seconds: float, offset: float, shown: int = 1, uptime: float | None = None) -> Earlier:
    return Earlier(START / 1e9 - seconds, offset - 0.001, offset + 0.001, shown, uptime)
