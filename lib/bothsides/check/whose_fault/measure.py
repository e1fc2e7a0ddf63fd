"""Gathers the evidence: files and folders, other hosts, or what this host measures by itself."""

import time

from bothsides.analyse.path.ownership import Maps, Owner, name_owners
from bothsides.analyse.path.past import AsSource
from bothsides.base.deadline import Deadline, Stop
from bothsides.base.errors import Misuse, Unable
from bothsides.base.secret import Secret
from bothsides.base.types import TYPE_CHECKING, NamedTuple, Sequence
from bothsides.check.whose_fault.memory import Earlier
from bothsides.incident.case import addresses_of
from bothsides.incident.clocks import by_one_clock
from bothsides.incident.document import from_text, proof_of
from bothsides.incident.read import Recorded, documents, is_named, read_all
from bothsides.incident.record_doubts import newer_before, two_targets
from bothsides.model.evidence import VERSION, ClockDifference, Evidence
from bothsides.model.interval import Interval
from bothsides.model.verdict import Witness
from bothsides.model.whose_fault import NamedOwner, Plan, Run
from bothsides.parse import Unreadable

if TYPE_CHECKING:
    from bothsides.probe.evidence.fetch import Answer

_HERE = "(the monitor)"  # name of our own clock among those of the hosts
_WAITED = 60.0  # s; who took longer says nothing of clocks


class Past(NamedTuple):
    """What says whose addresses are."""

    maps: Maps = Maps()
    as_source: AsSource | None = None
    earlier: Earlier = Earlier()


class _Gathered(NamedTuple):
    """Documents, and what kept others away."""

    documents: list[Evidence]
    witnesses: tuple[Witness, ...]
    troubles: tuple[str, ...]
    stopped: Stop | None = None


def measure(plan: Plan, past: Past, deadline: Deadline) -> Run:
    """All evidence that can be had within the deadline."""
    if plan.evidence:
        gathered = _from_files(plan, deadline)
    else:
        gathered = _from_hosts(plan, deadline) if plan.hosts else _own_half(plan, deadline)
    if plan.mesh:
        return _of_mesh(plan, gathered)
    if plan.hosts and not _of_pair(plan, gathered.documents):
        raise Unable(f"neither {plan.start} nor {plan.target} was heard: {_missing(gathered)}")
    start, target = ends_of(plan, gathered.documents)
    timed = by_one_clock(gathered.documents, start, plan.stale)
    return Run(
        subject=f"{start} to {target}",
        start=start,
        target=target,
        documents=timed.documents,
        owners=owners_in(timed.documents, past),
        witnesses=(*timed.witnesses, *gathered.witnesses),
        troubles=gathered.troubles,
        stopped=gathered.stopped,
    )


def _of_mesh(plan: Plan, gathered: _Gathered) -> Run:
    """All pairs of all hosts."""
    if not gathered.documents:
        why = f": {_missing(gathered)}" if gathered.witnesses else ""
        raise Unable(f"the evidence holds no pair of hosts{why}")
    first = gathered.documents[0].host
    timed = by_one_clock(gathered.documents, first, plan.stale)
    return Run(
        subject="the mesh",
        start="",
        target="",
        documents=timed.documents,
        owners=(),
        witnesses=(*timed.witnesses, *gathered.witnesses),
        troubles=gathered.troubles,
        stopped=gathered.stopped,
        mesh=True,
        members=plan.members,
    )


def _from_files(plan: Plan, deadline: Deadline) -> _Gathered:
    deadline.enter("reading evidence")
    doubts: list[str] = []
    now, refused = read_all(plan.evidence, doubts)
    unread = [_named(file, words) for file, words in refused]
    sound, lying = _sound(now, plan.key)
    if not sound:
        unread += [f"the evidence of {each.name} does not count: {each.words}" for each in lying]
        nothing = (
            f"no evidence in {plan.evidence[0]}: no document of bothsides evidence, no --record"
        )
        raise Unable(unread[0] if unread else nothing)
    before, troubles = _from_before(plan, sound, deadline)
    troubles = [*(f"not read: {words}" for words in unread), *doubts, *troubles]
    joined = documents(sound, before)
    return _Gathered(joined, tuple(lying), (*troubles, *two_targets(joined)))


def _sound(
    evidence: Sequence[Evidence | Recorded], key: Secret | None
) -> tuple[list[Evidence | Recorded], list[Witness]]:
    """The evidence that counts, and the hosts whose documents do not."""
    sound: list[Evidence | Recorded] = []
    lying = []
    for each in evidence:
        if isinstance(each, Evidence) and (words := _doubt(each, key)):
            lying.append(Witness(each.host, "lying", words))
        else:
            sound.append(each)
    return sound, lying


def _from_before(
    plan: Plan, now: Sequence[Evidence | Recorded], deadline: Deadline
) -> tuple[list[Evidence | Recorded], list[str]]:
    """What --before holds, and in words what of it does not count."""
    deadline.enter("reading evidence from before")
    before, refused = read_all(plan.before)
    sound, lying = _sound(before, plan.key)
    troubles = [f"not read: {_named(file, words)}" for file, words in refused]
    troubles += [f"--before, {each.name}, does not count: {each.words}" for each in lying]
    if plan.before and not before and not refused:
        troubles.append(f"--before {plan.before[0]} holds no evidence")
    return sound, [*troubles, *newer_before(now, sound), *_nothing_before(plan, sound)]


def _named(file: str, words: str) -> str:
    """The words about a file with its name, once."""
    return words if file in words else f"{file or 'an empty path'}: {words}"


def _nothing_before(plan: Plan, before: Sequence[Evidence | Recorded]) -> list[str]:
    """Says that --before is about other hosts."""
    pairs = {
        pair
        for each in before
        for pair in (
            [(each.start, each.target)]
            if isinstance(each, Recorded)
            else [(each.host, peer.peer) for peer in each.peers]
        )
    }
    ends = {plan.start, plan.target} - {""}
    if not pairs or any(ends <= set(pair) for pair in pairs):
        return []
    names = ", ".join(sorted({name for pair in pairs for name in pair})[:4])
    return [f"--before holds nothing between {' and '.join(sorted(ends))}, only about {names}"]


def _from_hosts(plan: Plan, deadline: Deadline) -> _Gathered:
    """The documents of all hosts that the landscape names; what does not come is a witness less."""
    from bothsides.probe.evidence.fetch import fetched

    evidence: list[Evidence | Recorded] = []
    witnesses, detours = [], []
    for answer in fetched(plan.hosts, deadline, plan.icinga):
        if answer.state != "heard":
            witnesses.append(Witness(answer.name, answer.state, answer.words))
            continue
        try:
            document = from_text(answer.text)
        except Unreadable as fault:
            witnesses.append(Witness(answer.name, "missing", str(fault)))
            continue
        if words := _doubt(document, plan.key) or _foreign(document, answer.name, plan):
            witnesses.append(Witness(answer.name, "lying", words))
            continue
        if answer.instead:
            detours.append(f"{answer.name} collected no traces: {answer.instead}")
        if answer.through:
            detours.append(f"{answer.name} did not answer us: asked through {answer.through}")
        evidence.append(_by_our_clock(document._replace(host=answer.name), answer))
    before, troubles = _from_before(plan, evidence, deadline)
    return _Gathered(documents(evidence, before), tuple(witnesses), (*detours, *troubles))


def _doubt(document: Evidence, key: Secret | None) -> str:
    """Why a document does not count; "" where it is as its host wrote it."""
    return {
        "sound": "",
        "changed": "its document was changed on the way (digest)",
        "not sealed": "its document is not sealed, and --seal asks for it",
        "wrong seal": "its document was sealed with another key",
    }[proof_of(document, key)]


def _foreign(document: Evidence, name: str, plan: Plan) -> str:
    """Says that a host has answered with the document of another one that is asked, too."""
    if is_named(document.host, name) or document.host not in {each.name for each in plan.hosts}:
        return ""
    return f"its document is that of {document.host}: its bothsides evidence needs --name {name}"


def _of_pair(plan: Plan, documents: Sequence[Evidence]) -> bool:
    """Whether one of both ends was heard about the other."""
    ends = {plan.start, plan.target}
    return any({each.host, peer.peer} == ends for each in documents for peer in each.peers)


def _missing(gathered: _Gathered) -> str:
    """Why nothing came from each host."""
    return ", ".join(f"{each.name}: {each.words}" for each in gathered.witnesses) or "no words"


def _by_our_clock(document: Evidence, answer: "Answer") -> Evidence:
    """The document with the difference between its clock and ours, good to half the waiting."""
    ahead = document.at - answer.middle
    if answer.half > _WAITED:
        return document
    ours = Interval(-ahead - answer.half, -ahead + answer.half)
    return document._replace(clocks=(*document.clocks, ClockDifference(_HERE, ours)))


def _own_half(plan: Plan, deadline: Deadline) -> _Gathered:
    """What this host measures now, where nobody else is asked."""
    from bothsides.probe.evidence.own_half import measured

    deadline.enter(f"measuring {plan.address}")
    family: tuple[int, ...] = (0, 4, 6)
    half = measured(plan.target, plan.address, plan.family, deadline)  # type: ignore[arg-type]
    assert plan.family in family
    document = Evidence(VERSION, plan.start, time.time(), None, half.troubles, (half.peer,))
    return _Gathered([document], (), (), half.stopped)


def ends_of(plan: Plan, documents: Sequence[Evidence]) -> tuple[str, str]:
    """The names of both hosts; Misuse where the evidence leaves a choice."""
    pairs = [(document.host, peer.peer) for document in documents for peer in document.peers]
    fitting = [
        pair for pair in pairs if plan.start in ("", pair[0]) and plan.target in ("", pair[1])
    ] or [pair for pair in pairs if (plan.start, plan.target) == (pair[1], pair[0])]
    if not fitting:
        names = sorted({name[:60] for pair in pairs for name in pair})
        known = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        asked = " and ".join(name[:60] for name in (plan.start, plan.target) if name)
        pair_words = "between" if plan.start and plan.target else "of"
        raise Misuse(
            f"no evidence {pair_words} {asked or 'any pair'}; there is some of {known or 'nobody'}"
        )
    if plan.start and plan.target:
        return plan.start, plan.target
    if len(fitting) == 1:
        return fitting[0]
    mutual = [pair for pair in fitting if (pair[1], pair[0]) in pairs and pair[0] < pair[1]]
    if len(mutual) == 1 and not plan.start and not plan.target:
        return mutual[0]
    choice = ", ".join(f"--from {one} --to {other}" for one, other in fitting[:4])
    raise Misuse(f"which pair? {choice}")


def owners_in(documents: Sequence[Evidence], past: Past) -> tuple[NamedOwner, ...]:
    """The owners of all addresses in the documents."""
    addresses = addresses_of(documents)
    systems = past.as_source.look_up(addresses, 0.0).systems if past.as_source else {}
    owners = name_owners(addresses, past.maps, systems)
    return tuple(
        NamedOwner(address, owner.label, owner.asn, owner.role, owner.sure)
        for address, owner in owners.items()
    )


def owners_of(run: Run) -> dict[str, Owner]:
    """The owners by address, out of a run."""
    return {each.address: Owner(each.label, each.asn, each.role, each.sure) for each in run.owners}
