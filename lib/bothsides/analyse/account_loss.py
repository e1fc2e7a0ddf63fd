"""Loss by direction from what a reflector of ours says it had received of a flow.

Without such an account the reflector's numbers tell how many packets arrived; the account tells
which. It holds beside duplicates, restarts and new NAT ports, and for a flow of which nothing
returned, since another flow can ask about it.
"""

from bothsides.analyse.one_way_loss import OneWayLoss
from bothsides.base.types import Container, Literal, Mapping, NamedTuple, Sequence
from bothsides.model.interval import Interval
from bothsides.model.udp import FlowAccount, Packet, TargetRun

NewCount = Literal["restarted", "evicted", "rebound", "unknown"]
"""Why the reflector began to count a flow again: it was restarted, had no room for the flow any
more, or saw it come from another port; unknown without an account."""

_MARGIN = 0.05  # s, by which the two hosts' ideas of an instant may differ here


Answered = Mapping[tuple[int, int], float]
"""When the first reply to each answered packet was read, s since the start of the run, by flow and
sequence number."""


class AtReflector(NamedTuple):
    """What the reflector's own host did to the packets of one target."""

    over_rate: int  # packets that it refused because they were over its rate
    overflow: int  # datagrams that its sockets dropped meanwhile, whoever sent them


def losses_by_account(
    packets: Sequence[Packet],
    answered: Answered,
    account: FlowAccount,
    ports_kept: bool,
) -> OneWayLoss | None:
    """The losses of one flow; None when the account is about something else.

    packets: of the flow, in the order of sending; ports_kept: whether the reflector sees our
    own source ports.
    """
    lost = [packet for packet in packets if (packet.flow, packet.sequence) not in answered]
    if not account.known:
        restarted = account.uptime < account.at - account.took - _MARGIN
        if restarted or account.evicted or (account.by_port and not ports_kept):
            return None
        return OneWayLoss(Interval(len(lost), len(lost)), Interval(0, 0))
    born = account.at - account.age
    if born < -_MARGIN:
        return None  # it remembers packets of an earlier run by the same port
    anew = _began_anew(packets, answered, account)
    forward = backward = 0
    for packet in lost:
        if packet.sequence in account.arrived:
            backward += packet.sequence not in account.refused  # else its reply was not sent
        elif not account.first <= packet.sequence < account.end:
            continue
        elif packet.sequence >= account.forgotten and not (anew and packet.at <= born):
            forward += 1
    return OneWayLoss(
        Interval(forward, len(lost) - backward), Interval(backward, len(lost) - forward)
    )


def _began_anew(packets: Sequence[Packet], answered: Answered, account: FlowAccount) -> bool:
    """Whether the reflector had noted packets of this flow before the account begins."""
    asked = account.at - account.took  # the reflector answered after that
    if account.uptime < asked - _MARGIN or account.evicted:
        return True
    born = asked - account.age
    return any(
        read < born - _MARGIN
        for packet in packets
        if (read := answered.get((packet.flow, packet.sequence))) is not None
    )


def at_reflector(target: TargetRun, answered: Container[tuple[int, int]]) -> AtReflector | None:
    """What the reflector's host refused and dropped; None without an account."""
    if not target.accounts:
        return None
    refused = sum(
        (account.flow, sequence) not in answered and sequence not in account.arrived
        for account in target.accounts
        for sequence in account.refused
    )
    overflow = max(account.overflow for account in target.accounts)
    return AtReflector(over_rate=refused, overflow=overflow)


def new_count(target: TargetRun) -> NewCount:
    """Why the reflector began to count again, where it did."""
    accounts = target.accounts
    if any(account.uptime < account.at - account.took - _MARGIN for account in accounts):
        return "restarted"
    if any(account.evicted for account in accounts):
        return "evicted"
    if any(account.ports > 1 for account in accounts):
        return "rebound"
    return "unknown"
