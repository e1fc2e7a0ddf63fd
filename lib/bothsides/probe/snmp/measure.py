"""Asks SNMP agents for their time, as often as it takes to be sure, and keeps every answer."""

from bothsides.analyse.clock_schedule import moved_by
from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.errors import Unable
from bothsides.base.types import TYPE_CHECKING
from bothsides.model.clock import Plan, Run
from bothsides.model.failure import Failure
from bothsides.model.local_clock import LocalClock
from bothsides.probe.net.datagrams import Conversation, converse
from bothsides.probe.net.local_clock import local_clock, wall_minus_monotonic
from bothsides.probe.net.resolve import faults_of, resolve_all
from bothsides.probe.snmp.agent import Agent
from bothsides.probe.snmp.usm import Keys

if TYPE_CHECKING:
    from datetime import tzinfo

_STEP = 0.001  # s: less is slewing, or the reading of two clocks one after the other


def measure(plan: Plan, deadline: Deadline) -> Run:
    """Asks all hosts at the same time; raises Unable where we cannot ask at all."""
    before = wall_minus_monotonic()
    local, reference, stopped = LocalClock(None), None, None
    faults: tuple[str, ...] = ()
    keys = Keys(plan.user) if plan.user is not None else None
    zone = _zone(plan.zone)
    agents = [Agent(plan, name, keys, zone, deadline) for name in plan.hosts]
    try:
        if plan.reference is None:
            local = local_clock(deadline, plan.chrony)
        else:
            from bothsides.probe.net.ntp_reference import reference as ask_reference

            reference = ask_reference(*plan.reference, plan.family, deadline)
            if reference.ahead is not None:
                for agent in agents:
                    agent.wish = moved_by(plan.wish, reference.ahead.middle)
        faults = _resolve(plan, agents, deadline)
        _ask(plan, agents, deadline)
    except Interrupted as cause:
        stopped = deadline.stop(str(cause))
    stepped = (wall_minus_monotonic() - before) / 1e9
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


def _ask(plan: Plan, agents: list[Agent], deadline: Deadline) -> None:
    """Asks all agents; their other addresses where nobody answers."""
    deadline.enter("waiting for the SNMP agent" + ("s" if len(agents) > 1 else ""))
    rest = [agent for agent in agents if agent.addresses]
    while rest:
        talks = [Conversation(agent.addresses[0], plan.port, agent.talk) for agent in rest]
        converse(talks, deadline)
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
