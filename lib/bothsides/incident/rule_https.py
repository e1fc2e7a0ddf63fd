"""R6: HTTPS fails or is slow, and nothing that was found before explains it."""

from bothsides.base.types import Iterator, NamedTuple
from bothsides.incident.case import Case, View
from bothsides.incident.conclusion import (
    NOTHING,
    Conclusion,
    confidence_of,
    covered,
    suspects_of,
    together,
)
from bothsides.incident.counts import directional, is_silent
from bothsides.incident.families import within
from bothsides.incident.places import links
from bothsides.incident.routers import UNSEEN, networks_of
from bothsides.incident.rule_own import Own
from bothsides.incident.shared import Third, passing
from bothsides.incident.witnesses import same_entry, to_target
from bothsides.model.evidence import HttpsEvidence
from bothsides.model.verdict import Fault, Step

_SLOW = 1.0  # s, below which nothing is slow
_SLOWER = 4.0  # times as slow as before
_FEW_LOST = 50  # packets of which at most one is lost where a server is slow for no other reason
_LARGE = 3000  # octets of an answer that needs packets of full size
_MUTE = 0.95  # how likely a server hangs that acknowledges all and sends nothing
_HIT, _SPARED = 0.97, 0.02  # how likely a view fails that passes a hole for large packets, or not


_LARGER = "ask again with large packets (check_udp_loss --size 1400) and from a third host"


class _Seen(NamedTuple):
    """HTTPS to one host, by everybody who asked."""

    failing: tuple[View, ...]
    well: tuple[View, ...]


def https_trouble(case: Case, own: Own, harmed: frozenset[str]) -> Conclusion:
    """Faults of the web servers of both ends, or of what only large packets meet.

    harmed: names of hosts whose packets are lost between both ends, which explains slow requests.
    """
    parts = []
    for view in (case.there, case.here):
        if view is None or view.start in own.cut_off or view.target in own.cut_off:
            continue
        if view.start in own.no_names or not _fails(view, harmed=False):
            continue
        assert view.now.https is not None
        alike = within(case, view.now.https.family)
        mine = alike.views[view.start, view.target]
        if _fails(view, bool(harmed)):
            parts.append(_of_view(alike, mine, bool(harmed)))
        else:
            parts.append(_for_others(alike, mine))
    return together(parts)


def _for_others(case: Case, view: View) -> Conclusion:
    """A server that fails for hosts that lose nothing, too: another fault than the loss."""
    clear = [other for other in to_target(case, view) if _small_pass(other)]
    asked = [(other, https) for other in clear if (https := other.now.https) and _asked(https)]
    failing = [
        (other, https) for other, https in asked if _fails(other, harmed=False) and not https.resent
    ]
    if not failing or len(failing) < len(asked):
        return NOTHING
    (first, https), *more = failing
    if not more and not https.mute:
        return NOTHING  # one host alone, which may meet a hole for large packets
    words = f"HTTPS from {first.start}, which loses nothing, to {view.target}"
    seen = _Seen(tuple(other for other, _ in more), ())
    return _host_or_network(case, first, seen, f"{words}: {https.words or _slow(https)}")


def _fails(view: View, harmed: bool) -> bool:
    """Whether a request failed, or took far longer than before, for no reason that is known."""
    https = view.now.https
    if https is None or not _asked(https):
        return False
    if harmed:
        return https.answer == "refused" or https.phase == "content"
    if https.phase:
        return True
    before = view.before.https
    usual = before.total if before is not None and not before.phase else 0.2
    slow = https.total > max(_SLOW, _SLOWER * usual)
    return slow and https.slowest in ("server", "transfer") and not https.resent


def _asked(https: HttpsEvidence) -> bool:
    """Whether a request went out; a refusal that looks local may be a router's word."""
    return https.answer == "unreachable" or https.blame not in ("local", "config", "dns")


def _of_view(case: Case, view: View, harmed: bool) -> Conclusion:
    https = view.now.https
    assert https is not None
    seen = _everybody(case, view, harmed)
    words = f"HTTPS from {view.start} to {view.target}: {https.words or _slow(https)}"
    if https.answer == "refused" or https.phase == "content":
        return _server(case, view, seen, words, said=True)
    if https.resent and https.phase in ("tls", "server", "transfer"):
        if _resends_more(case, view):
            return NOTHING  # the hole that the other end's own packets meet
        return _hole(case, view, seen, words)
    if https.phase == "connect":
        return _not_connected(case, view, seen, words)
    if (https.phase == "tls" and not https.status) or https.phase == "server":
        return _stalled(case, view, seen, words)
    if not _answers_pass(case, view):
        return _undecided(case, view, f"{words}; its packets may be lost", case.host(view.target))
    return _server(case, view, seen, words, said=False)


def _answers_pass(case: Case, view: View) -> bool:
    """Whether packets of the server reach the asking host, which does not see them sent again."""
    counts = directional(case, view.target, view.start)
    return counts.sent > 0 and counts.lost.high * _FEW_LOST <= counts.sent


def _slow(https: HttpsEvidence) -> str:
    return f"{https.total:.1f} s, mostly {https.slowest}"


def _everybody(case: Case, view: View, harmed: bool) -> _Seen:
    failing: list[View] = []
    well: list[View] = []
    for other in to_target(case, view):
        https = other.now.https
        if https is None or not _asked(https):
            continue
        (failing if _fails(other, harmed) else well).append(other)
    return _Seen(tuple(failing), tuple(well))


def _server(case: Case, view: View, seen: _Seen, words: str, said: bool) -> Conclusion:
    """The server's own answer, or none that the way explains."""
    host = case.host(view.target)
    if seen.well:
        names = ", ".join(other.start for other in seen.well)
        return _undecided(case, view, f"{words}; {names} has no trouble with it", host)
    suspects = suspects_of(case, [(host, 1.0)])
    by = ", ".join(other.start for other in seen.failing)
    account = f"{words}" + (f"; the same from {by}" if by else "")
    settled = said and any(same_entry(view, other) is False for other in seen.failing)
    fault = Fault("service", "", suspects, "certain" if settled else "likely", account, "R6")
    return Conclusion((fault,), (Step("R6", "web server", account),))


def _not_connected(case: Case, view: View, seen: _Seen, words: str) -> Conclusion:
    """TCP does not get through, other packets do."""
    host = case.host(view.target)
    if seen.well or not seen.failing:
        account = words + ("; others connect" if seen.well else "; nobody else has asked")
        return _undecided(case, view, account, host if not seen.well else "")
    return _host_or_network(case, view, seen, words)


def _host_or_network(case: Case, view: View, seen: _Seen, words: str) -> Conclusion:
    """From everybody: the host, or the network in front of it."""
    host = case.host(view.target)
    network = view.way.line[-2].sides if view.way is not None and view.way.length > 1 else ()
    alone = any(same_entry(view, other) is False for other in seen.failing)
    parts = [(host, 1.0)]
    if network and not alone:
        parts = [(host, 0.8), *((side, 0.2 / len(network)) for side in network)]
    suspects = suspects_of(case, parts)
    by = ", ".join(other.start for other in seen.failing)
    account = f"{words}; the same from {by}" if by else words
    fault = Fault("service", "", suspects, confidence_of(suspects), account, "R6")
    return Conclusion((fault,), (Step("R6", "web server", account),))


def _stalled(case: Case, view: View, seen: _Seen, words: str) -> Conclusion:
    """A stall without packets sent again here: a server that hangs, or lost large answers."""
    host = case.host(view.target)
    if seen.failing and not seen.well:
        return _host_or_network(case, view, seen, words)
    opposite = case.view(view.target, view.start)
    if opposite is not None and _resends(opposite):
        return NOTHING  # the same hole, which the other end's own packets meet
    if _mute(case, view) and not seen.well:
        return _mute_server(case, view, words)
    return _undecided(case, view, words, host if not seen.well else "")


def _mute(case: Case, view: View) -> bool:
    """Whether the server sent not one packet of an answer, though it got all and packets pass.

    Of an answer whose large packets are lost, the small last one comes.
    """
    https = view.now.https
    return https is not None and bool(https.mute) and _answers_pass(case, view)


def _mute_server(case: Case, view: View, words: str) -> Conclusion:
    """The server, as far as no network on the way back drops all packets with data."""
    sides = networks_of(view.way.line if view.way is not None else (), UNSEEN)
    parts = [(case.host(view.target), _MUTE), *((side, (1 - _MUTE) / len(sides)) for side in sides)]
    suspects = suspects_of(case, parts)
    account = f"{words}; not one packet of an answer came"
    fault = Fault("service", "", suspects, confidence_of(suspects), account, "R6")
    step = Step("R6", "web server", account)
    return Conclusion((fault,), (step,), (), (f"HTTPS to {view.target} from a third host",))


def _resends(view: View) -> bool:
    https = view.now.https
    return https is not None and bool(https.phase) and bool(https.resent)


def _undecided(case: Case, view: View, words: str, host: str) -> Conclusion:
    """Cannot tell: the host, or a network of the way."""
    sides = networks_of(view.way.line if view.way is not None else (), UNSEEN)
    hosts = tuple(code for code in (host, case.host(view.start) if not host else "") if code)
    parts = [(code, 0.4) for code in hosts] + [(side, 0.6 / len(sides)) for side in sides]
    suspects = suspects_of(case, parts)
    fault = Fault("service", "", suspects, "none", words, "R6")
    settle = (_LARGER,)
    return Conclusion((fault,), (Step("R6", "HTTPS only", words),), (), settle)


def _resends_more(case: Case, view: View) -> bool:
    """Whether the other end sends again far more: its own large packets get lost, not ours."""
    opposite, https = case.view(view.target, view.start), view.now.https
    theirs = opposite.now.https if opposite is not None else None
    if theirs is None or https is None or not theirs.phase:
        return False
    return (theirs.resent or 0) >= max(3, 2 * (https.resent or 0))


def _hole(case: Case, view: View, seen: _Seen, words: str) -> Conclusion:
    """Own packets are sent again and again though small ones pass: large ones get lost."""
    if view.way is None or not _small_pass(view):
        return _undecided(case, view, words, "")
    ends = view.start, view.target
    exchanges = frozenset(hop.address for hop in view.way.line if hop.role == "exchange")
    witnesses = [*_large_to(case, view, seen), *_large_from(case, view)]
    weights: dict[str, float] = {}
    for link in links(case, *ends, view.way):
        if not link.whole:
            continue
        likely = link.prior
        for third, lost in witnesses:
            chance = passing(link, third, ends, exchanges)
            fails = _HIT * chance + _SPARED * (1 - chance)
            likely *= fails if lost else 1 - fails
        for side, part in link.sides:
            weights[side] = weights.get(side, 0.0) + likely * part
    suspects = covered(case, weights)
    account = (
        f"{words}, while small packets pass: large packets from {view.start} are lost on the way"
    )
    fault = Fault("service", "", suspects, confidence_of(suspects), account, "R6")
    settle = (f"check_udp_loss --size 1400 from {view.start} and from a third host",)
    return Conclusion((fault,), (Step("R6", "large packets", account),), (), settle)


def _large_to(case: Case, view: View, seen: _Seen) -> Iterator[tuple[Third, bool]]:
    """Other hosts' large packets to the same target, and whether they are lost."""
    counts = directional(case, view.start, view.target)
    for other in (*seen.failing, *seen.well):
        yield Third(other.start, other.target, counts, other.way, None), _resends(other)


def _large_from(case: Case, view: View) -> Iterator[tuple[Third, bool]]:
    """The large answers of the same host to others, and whether they are lost."""
    counts = directional(case, view.start, view.target)
    for other in case.views.values():
        https = other.now.https
        if other.target != view.start or other.start == view.target or https is None:
            continue
        stalls = https.phase in ("tls", "server", "transfer") and not (https.resent or 0) > 2
        if not (stalls or (not https.phase and https.bytes_in > _LARGE)):
            continue
        mine = case.view(view.start, other.start)
        way = mine.way if mine is not None else None
        yield Third(view.start, other.start, counts, way, None, other.way), stalls


def _small_pass(view: View) -> bool:
    udp = view.now.udp
    return (
        udp is not None and udp.sent > 0 and not is_silent(udp) and udp.lost * _FEW_LOST <= udp.sent
    )
