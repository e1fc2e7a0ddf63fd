"""Asks SNMP agents for their time, as often as it takes to be sure, and keeps every answer."""

from bothsides.analyse.clock_schedule import moved_by
from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import TYPE_CHECKING
from bothsides.model.clock import Past, Plan, Run
from bothsides.model.failure import Failure
from bothsides.model.local_clock import LocalClock, Reference
from bothsides.probe.net.datagrams import converse
from bothsides.probe.net.kernel_socket import refuse_foreign
from bothsides.probe.net.local_clock import Timeline, local_clock, wall_minus_monotonic
from bothsides.probe.net.resolve import faults_of, resolve_all
from bothsides.probe.snmp.agent import Agent
from bothsides.probe.snmp.usm import Keys

if TYPE_CHECKING:
    from datetime import tzinfo

_NO_PAST = Past()
_STEP = 0.001  # s: less is slewing, or the reading of two clocks one after the other


def measure(plan: Plan, deadline: Deadline, past: Past = _NO_PAST) -> Run:
    """Asks all hosts at the same time; raises Unable where we cannot ask at all."""
    refuse_foreign(plan.local_address)
    timeline = Timeline()
    local, stopped = LocalClock(None), None
    reference: Reference | None = None
    faults: tuple[str, ...] = ()
    keys = Keys(plan.user) if plan.user is not None else None
    zone = _zone(plan.zone)
    agents = [Agent(plan, name, keys, zone, deadline, timeline) for name in plan.hosts]
    if past.mode != "off":
        for agent in agents:
            agent.remember(past)
    try:
        local, reference = _clocks(plan, deadline, timeline)
        if reference is not None and reference.ahead is not None:
            for agent in agents:
                agent.wish = moved_by(plan.wish, reference.ahead.middle)
        faults = _resolve(plan, agents, deadline)
        _ask(agents, deadline, timeline)
    except Interrupted as cause:
        stopped = deadline.stop(str(cause))
    stepped = (wall_minus_monotonic() - timeline.shift) / 1e9
    if stopped is None and deadline.left() <= 0:
        stopped = deadline.stop()
    return Run(
        subject=plan.hosts[0] if len(plan.hosts) == 1 else f"{len(plan.hosts)} hosts",
        hosts=tuple(agent.host() for agent in agents),
        local=local._replace(stepped=stepped if abs(stepped) > _STEP else 0.0),
        reference=reference,
        stopped=stopped,
        resolver=faults,
    )


def _clocks(
    plan: Plan, deadline: Deadline, timeline: Timeline
) -> tuple[LocalClock, Reference | None]:
    """Our own clock, and the one that is taken instead.

    Where nobody knows how good ours is, the time servers that this host is configured for do.
    """
    if plan.reference is not None:
        from bothsides.probe.net.ntp_reference import reference

        return LocalClock(None), reference(*plan.reference, plan.family, deadline, timeline)
    local = local_clock(deadline, plan.chrony)
    if local.synchronised or not plan.chrony:
        return local, None
    from bothsides.probe.net.ntp_configured import configured_reference

    ntp, why = configured_reference(plan.family, deadline, timeline)
    return (local, ntp) if ntp else (local._replace(account=f"{local.account}, {why}"), None)


def _resolve(plan: Plan, agents: list[Agent], deadline: Deadline) -> tuple[str, ...]:
    """Fills in every agent's addresses; what is wrong with our resolver."""
    resolved = resolve_all(plan.hosts, plan.family, deadline)
    for agent in agents:
        addresses = resolved[agent.name].answer
        if isinstance(addresses, Failure):
            agent.failure = addresses
        else:
            agent.addresses = addresses
    return faults_of(resolved.values())


def _ask(agents: list[Agent], deadline: Deadline, timeline: Timeline) -> None:
    """Asks all agents; their other addresses where nobody answers."""
    deadline.enter("waiting for the SNMP agent" + ("s" if len(agents) > 1 else ""))
    rest = [agent for agent in agents if agent.addresses]
    while rest:
        converse([agent.conversation() for agent in rest], deadline, timeline)
        rest = [agent for agent in rest if agent.try_next_address()]


def _zone(name: str) -> "tzinfo | None":
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
