"""Asks SNMP agents for their time, as often as it takes to be sure, and keeps every answer."""

from bothsides.analyse.clock_offset import seen_from
from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import Any
from bothsides.model.clock import Plan, Run
from bothsides.model.failure import Failure
from bothsides.probe.net.datagrams import converse
from bothsides.probe.net.local_clock import LocalClock, anchor, local_clock, reference
from bothsides.probe.net.resolve import resolve_all
from bothsides.probe.snmp.agent import Agent
from bothsides.probe.snmp.usm import Keys


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Asks all hosts at the same time; raises Unable where we cannot ask at all."""
    subject = plan.hosts[0] if len(plan.hosts) == 1 else f"{len(plan.hosts)} hosts"
    before = anchor()
    local = LocalClock(None)
    keys = Keys(plan.user) if plan.user is not None else None
    zone = _zone(plan.zone)
    agents = [Agent(plan, name, keys, zone, deadline) for name in plan.hosts]
    stopped, other = None, None
    try:
        if plan.reference is None:
            local = local_clock(deadline, plan.chrony)
        else:
            other = reference(*plan.reference, plan.family, deadline)
        ahead = other.ahead.middle if other is not None and other.ahead is not None else 0.0
        for agent in agents:
            agent.wish = seen_from(plan.wish, ahead)
        _asked(plan, agents, deadline)
    except Interrupted as cause:
        stopped = deadline.stop(str(cause))
    stepped = (anchor() - before) / 1e9
    local = local._replace(stepped=stepped if abs(stepped) > 0.001 else 0.0)
    if stopped is None and deadline.left() <= 0:
        stopped = deadline.stop()
    return Run(subject, tuple(agent.host() for agent in agents), local, other, stopped)


def _asked(plan: Plan, agents: list[Agent], deadline: Deadline) -> None:
    names = resolve_all(plan.hosts, plan.family, deadline)
    for agent in agents:
        found, _ = names[agent.name]
        if isinstance(found, Failure):
            agent.failure = found
        else:
            agent.addresses = found
    deadline.enter("waiting for the SNMP agent" + ("s" if len(agents) > 1 else ""))
    rest = [agent for agent in agents if agent.addresses]
    while rest:
        converse([(agent.addresses[0], plan.port, agent.begun) for agent in rest], deadline)
        rest = [agent for agent in rest if agent.goes_on()]


def _zone(name: str) -> Any:
    """The zone of an IANA name; Unable when this machine does not know it."""
    if not name:
        return None
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Unable(
            f"no time zone {name[:40]} on this machine (package tzdata); write it as Europe/Berlin"
        ) from None
