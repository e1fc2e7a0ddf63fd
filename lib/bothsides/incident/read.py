"""Evidence out of files: documents of hosts, and records of the checks, one or folders of them."""

import os

from bothsides.analyse.evidence.from_https import https_evidence
from bothsides.analyse.evidence.from_path import path_evidence
from bothsides.analyse.evidence.from_udp import udp_evidence
from bothsides.base import files
from bothsides.base.errors import Unable
from bothsides.base.record import from_json
from bothsides.base.types import (
    Any,
    Callable,
    Iterable,
    Iterator,
    Literal,
    NamedTuple,
    Sequence,
    TypeVar,
)
from bothsides.incident.document import from_data, loaded
from bothsides.incident.impossible import impossible_values
from bothsides.model import https, path, udp
from bothsides.model.evidence import (
    VERSION,
    Evidence,
    HttpsEvidence,
    Look,
    OwnTrouble,
    PathEvidence,
    PeerEvidence,
    UdpEvidence,
)
from bothsides.parse import Unreadable

_JSON = ".json"
_FOREIGN = "neither a document of evidence nor a record of a check"
_BEFORE = ("before", "healthy", "memory")  # folders in a folder of evidence that are no part of it
_FEW, _SOME = 3, 0.02  # packets that could not be sent, and their share: less is no trouble
_NO_ROUTE = {"ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EHOSTDOWN"}


class Recorded(NamedTuple):
    """What one record of a check shows of one pair of hosts."""

    start: str  # name of the host that measured
    target: str  # name of its peer
    address: str  # of the peer; "": not known
    look: Look
    troubles: tuple[OwnTrouble, ...] = ()


def names_of(file: str, known: Iterable[str] = ()) -> tuple[str, str] | None:
    """FROM and TO of a file's name `FROM-to-TO.ANYTHING.json`; None where it has no such form.

    known: names of hosts, which may have dots: TO is the longest of them that fits, else it ends
    at its first dot.
    """
    start, dash, rest = os.path.basename(file).partition("-to-")
    fitting = [name for name in known if rest == name or rest.startswith(f"{name}.")]
    target = max(fitting, key=len, default=rest.partition(".")[0])
    return (start, target) if dash and start and target else None


def from_text(text: str, names: tuple[str, str] | None) -> Evidence | Recorded:
    """A document, or a record of a check; raises Unreadable and nothing else.

    names: of the pair as the file's name tells them, which a record needs.
    """
    data = loaded(text)
    if not isinstance(data, dict):
        raise Unreadable(_FOREIGN)
    if isinstance(data.get("check"), str) and "run" in data:
        return _from_record(data, names)
    if "version" in data and "peers" in data:
        return from_data(data)
    raise Unreadable(_FOREIGN)


def _from_record(data: dict[str, Any], names: tuple[str, str] | None) -> Recorded:
    check = data["check"]
    if check not in _READERS:
        raise Unreadable(f"a record of {str(check)[:40]}: none of {', '.join(_READERS)}")
    if names is None:
        raise Unreadable("a record does not say between whom it is: name it FROM-to-TO.json")
    try:
        address, look, troubles = _READERS[check](data.get("plan"), data["run"])
    except Unreadable:
        raise
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, RuntimeError) as fault:
        raise Unreadable(f"a record with values that do not fit: {str(fault)[:80]}") from None
    for impossible in impossible_values(look):
        raise Unreadable(f"a record with values that do not fit: {impossible}")
    return Recorded(*names, address, look, troubles)


_Read = tuple[str, Look, tuple[OwnTrouble, ...]]


def _of_udp(plan: object, run: object) -> _Read:
    asked: udp.Plan = from_json(udp.Plan, plan, "plan")
    measured: udp.Run = from_json(udp.Run, run, "run")
    evidence = udp_evidence(asked, measured)
    address = measured.targets[0].address if measured.targets else ""
    troubles: tuple[OwnTrouble, ...] = ()
    if evidence is not None and evidence.failure and evidence.failure.blame in ("local", "dns"):
        troubles = (OwnTrouble("route", evidence.failure.words),)
    elif evidence is not None and evidence.unsent:
        faults = {packet.fault for packet in measured.targets[0].packets if packet.fault}
        troubles = tuple(_unsent(evidence, faults))
    return address, Look(udp=evidence), troubles


def _unsent(evidence: UdpEvidence, faults: set[str]) -> Iterator[OwnTrouble]:
    """The trouble of a host that could not send all, or some of its packets."""
    why = ", ".join(sorted(faults))
    every = evidence.sent + evidence.unsent
    if not evidence.sent:
        kind: Literal["send", "route"] = "route" if faults & _NO_ROUTE else "send"
        yield OwnTrouble(kind, f"no UDP packet could be sent ({why})")
    elif evidence.unsent >= max(_FEW, _SOME * every) and not faults & _NO_ROUTE:
        yield OwnTrouble("send", f"{evidence.unsent} of {every} packets could not be sent ({why})")


def _of_path(plan: object, run: object) -> _Read:
    asked: path.Plan = from_json(path.Plan, plan, "plan")
    measured: path.Run = from_json(path.Run, run, "run")
    troubles: tuple[OwnTrouble, ...] = ()
    if measured.failure and measured.failure.blame in ("local", "dns"):
        troubles = (OwnTrouble("route", measured.failure.words),)
    return measured.target, Look(path=path_evidence(asked, measured)), troubles


def _of_https(plan: object, run: object) -> _Read:
    measured: https.Run = from_json(https.Run, run, "run")
    evidence = https_evidence(measured)
    troubles: tuple[OwnTrouble, ...] = ()
    if evidence is not None and evidence.blame == "local" and evidence.phase == "dns":
        troubles = (OwnTrouble("resolver", evidence.words),)
    return "", Look(https=evidence), troubles


def _of_clock(plan: object, run: object) -> _Read:
    """A record of check_snmp_clock holds no evidence about the way."""
    return "", Look(), ()


_READERS: dict[str, Callable[[object, object], _Read]] = {
    "check_udp_loss": _of_udp,
    "check_mtr_path": _of_path,
    "check_https": _of_https,
    "check_snmp_clock": _of_clock,
}


def files_of(path: str) -> Iterator[str]:
    """The file itself, or every .json file of a folder.

    Its subfolders count only where the folder has no such file of its own: a folder for each host.
    """
    if not os.path.isdir(path):
        yield path
        return
    mine = list(_json_files(path))
    yield from mine
    if not mine:
        for name in sorted(os.listdir(path)):
            below = os.path.join(path, name)
            if os.path.isdir(below) and name not in _BEFORE:
                yield from _json_files(below)


def _json_files(folder: str) -> Iterator[str]:
    for name in sorted(os.listdir(folder)):
        whole = os.path.join(folder, name)
        if name.endswith(_JSON) and not os.path.isdir(whole):
            yield whole


def read_all(
    paths: Iterable[str], doubts: list[str] | None = None
) -> tuple[list[Evidence | Recorded], list[tuple[str, str]]]:
    """All evidence of files and folders, and for each file that is none its name and why.

    doubts: gets in words which documents are of another host than the names of their files say.
    """
    evidence: list[Evidence | Recorded] = []
    refused: list[tuple[str, str]] = []
    listed = [(given, file) for given in paths for file in _listed(given, refused)]
    pairs = (names_of(file) for _, file in listed)
    starts = frozenset(pair[0] for pair in pairs if pair is not None)
    for path_given, file in listed:
        names = names_of(file, starts)
        try:
            evidence.append(read := _read(file, names))
        except Unable as fault:
            if os.path.isdir(path_given) and names is None and str(fault).endswith(_FOREIGN):
                continue  # a folder may hold other files
            refused.append((file, str(fault)))
            continue
        doubt = _doubt(file, names, read)
        if doubt and doubts is not None:
            doubts.append(doubt)
    return evidence, refused


def _doubt(file: str, names: tuple[str, str] | None, read: Evidence | Recorded) -> str:
    """Says that a document is of another host than the file's name tells; else ""."""
    if names is None or isinstance(read, Recorded) or is_named(read.host, names[0]):
        return ""
    host = read.host
    return f"{file} is a document of {host}, not of {names[0]}: it counts as that of {host}"


def is_named(host: str, name: str) -> bool:
    """Whether both are names of one host; one of them may have its domain."""
    return host == name or host.startswith(f"{name}.") or name.startswith(f"{host}.")


def _listed(path: str, refused: list[tuple[str, str]]) -> list[str]:
    """The files of a path; a folder that cannot be read is refused."""
    try:
        return list(files_of(path))
    except OSError as fault:
        refused.append((path, f"cannot read the folder: {fault.strerror or fault}"))
        return []


def _read(file: str, names: tuple[str, str] | None) -> Evidence | Recorded:
    return files.parsed(file, lambda text: from_text(text, names))


def documents(
    now: Sequence[Evidence | Recorded], before: Sequence[Evidence | Recorded] = ()
) -> list[Evidence]:
    """One document for each host, records of one pair put together."""
    healthy: dict[tuple[str, str], Look] = {}
    for start, peer in pairs_of(before):
        key = start, peer.peer
        healthy[key] = _over(healthy.get(key, Look()), peer.now)
    hosts: dict[str, dict[str, PeerEvidence]] = {}
    heads: dict[str, Evidence] = {each.host: each for each in now if isinstance(each, Evidence)}
    for start, peer in pairs_of(now):
        known = hosts.setdefault(start, {}).get(peer.peer)
        hosts[start][peer.peer] = peer if known is None else _together(known, peer)
    troubles: dict[str, list[OwnTrouble]] = {}
    for each in now:
        if isinstance(each, Recorded):
            troubles.setdefault(each.start, []).extend(each.troubles)
    made = []
    for start, peers in hosts.items():
        whole = tuple(
            peer._replace(before=_over(peer.before, healthy.get((start, name), Look())))
            for name, peer in peers.items()
        )
        head = heads.get(start, Evidence(VERSION, start, _newest(whole), None, (), ()))
        own = tuple(dict.fromkeys((*head.troubles, *troubles.get(start, ()))))
        made.append(head._replace(troubles=own, peers=whole))
    return made


def pairs_of(evidence: Iterable[Evidence | Recorded]) -> Iterator[tuple[str, PeerEvidence]]:
    """What each document or record shows of each pair: the name of the host, and of its peer."""
    for each in evidence:
        if isinstance(each, Recorded):
            yield each.start, PeerEvidence(each.target, each.address, each.look)
        else:
            yield from ((each.host, peer) for peer in each.peers)


def _together(one: PeerEvidence, other: PeerEvidence) -> PeerEvidence:
    return PeerEvidence(
        one.peer,
        one.address or other.address,
        _over(one.now, other.now),
        _over(one.before, other.before),
        one.arrived or other.arrived,
        (*one.collected, *other.collected),
    )


def _over(one: Look, other: Look) -> Look:
    """Both looks as one; of two measurements of one kind the newer one counts."""
    return Look(
        _newer(one.udp, other.udp), _newer(one.path, other.path), _newer(one.https, other.https)
    )


_PartT = TypeVar("_PartT", UdpEvidence, PathEvidence, HttpsEvidence)


def _newer(one: _PartT | None, other: _PartT | None) -> _PartT | None:
    if one is None or other is None:
        return one or other
    return other if other.at > one.at else one


def _newest(peers: Iterable[PeerEvidence]) -> float:
    times = [part.at for peer in peers for part in peer.now if part is not None]
    return max(times, default=0.0)
