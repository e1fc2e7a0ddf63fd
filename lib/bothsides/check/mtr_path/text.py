"""The sentences and the table of check_mtr_path."""

from bothsides.analyse.path.analysis import Analysis
from bothsides.analyse.path.baseline import LEARNING, Baseline, usual_rtt
from bothsides.analyse.path.compare import Turn
from bothsides.analyse.path.hops import HopSummary
from bothsides.analyse.path.ownership import Owner, is_network
from bothsides.base.types import Iterator, Sequence
from bothsides.check.mtr_path.limits import FLOOR
from bothsides.parse.text import counted, to_whole_words, to_words

_REMARKS = {
    "sibling": "a balanced hop has a new member",
    "readdressed": "a router answers from another address",
    "tunnelled": "a tunnel hides or shows hops",
}
_LINE = 160  # characters of line 1 that a pager shows


def owner_of(analysis: Analysis, address: str) -> str:
    """Who most likely operates the router with an address; "" when it is not known."""
    bare = address.partition("/")[0]
    owners = analysis.faults.operators.get(bare)
    if owners is not None:
        return owner_words(owners[:1])
    return label_of(analysis, bare)


def label_of(analysis: Analysis, address: str) -> str:
    """The network that an address belongs to; "" when it is not known."""
    owner = analysis.owners.get(address.partition("/")[0], Owner())
    return str(owner) if is_network(owner) else ""


def owner_words(owners: Sequence[Owner]) -> str:
    """The networks that may operate a router."""
    return either([str(owner) for owner in owners])


def either(names: Sequence[str]) -> str:
    """One name, `A or B`, or `A, B or C`; "" without any."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def labelled(analysis: Analysis, address: str) -> str:
    """The address with its network."""
    return f"{address} {owner_of(analysis, address)}".strip()


def router_at(analysis: Analysis, ttl: int) -> str:
    """The router of most flows at a hop; "" for a silent one."""
    return next(iter(analysis.routers.get(ttl, ())), "")


def verdict_words(analysis: Analysis, room: int = _LINE) -> str:
    """The verdict in words, within so many characters: the least important parts go first."""
    verdict, turn = analysis.verdict, analysis.verdict.turn
    word = verdict.word
    if turn is not None and word in ("changed", "promoted", "known", "unconfirmed"):
        return _fitting(list(_change_parts(analysis, turn)), room)
    parts = [counted(analysis.length, "hop")]
    if not analysis.length:
        parts = ["no hop answers"]
    passed = " ".join(str(owner) for owner in analysis.networks)
    if word == "learning":
        parts.append(_learning_words(analysis))
    elif word == "reshuffled":
        moved = len(verdict.comparison.turns)
        parts.append(
            f"{moved} of {verdict.comparison.flows} flows changed places among known routers"
        )
    elif verdict.switched:
        parts.append("back on the normal path")
    elif word == "sibling" and turn is not None and not analysis.run.fixed:
        parts.append(f"{turn.new} at hop {turn.ttl} is new: a parallel path, or another one")
    else:
        parts.append(f"unchanged for {to_whole_words(analysis.run.at - verdict.since)}")
    if word in _REMARKS and not (word == "sibling" and not analysis.run.fixed):
        parts.append(_REMARKS[word])
    spared = [(0, ", ".join(parts)), (1, rtt_words(analysis))]
    return _fitting([*spared, (2, f", {passed}" if passed else "")], room)


def _learning_words(analysis: Analysis) -> str:
    run = analysis.run
    runs = analysis.baseline.runs if run.fixed else analysis.classic.runs
    return f"learning {min(runs + 1, LEARNING)}/{LEARNING}" if run.took else "a report"


def _change_parts(analysis: Analysis, turn: Turn) -> Iterator[tuple[int, str]]:
    """The parts of the sentence on a change, each with its rank: the highest is left out first."""
    verdict = analysis.verdict
    fronts = {
        "promoted": "new normal path: ",
        "known": "on an earlier path: ",
        "unconfirmed": "not confirmed: ",
    }
    yield 0, fronts.get(verdict.word, "")
    common = router_at(analysis, turn.common)
    if common:
        yield 0, f"same until hop {turn.common} ({labelled(analysis, common)}), then "
    else:
        yield 0, f"different from hop {turn.ttl} on: "
    old, new = (address.partition("/")[0] or "a silent hop" for address in (turn.old, turn.new))
    yield 0, f"{old} became {new}"
    names = label_of(analysis, old), label_of(analysis, new)
    if any(names) and names[0] != names[1]:
        yield 1, f" ({names[0] or 'unknown'} to {names[1] or 'unknown'})"
    elif any(names):
        yield 1, f" ({names[0]})"
    entered = [str(owner) for owner in analysis.entered if str(owner) not in names]
    if entered:
        yield 1, f", now by {' and '.join(entered)}"
    yield 1, f", {_share_words(analysis, turn)} flows"
    if turn.longer:
        yield 3, f", {turn.longer:+d} hop{'s' * (abs(turn.longer) > 1)}"
    yield 2, rtt_words(analysis)
    if not verdict.switched:
        yield 4, f", since {to_whole_words(analysis.run.at - verdict.since)}"


def _share_words(analysis: Analysis, turn: Turn) -> str:
    """How many of the usual flows leave the path; of all flows, when only others do."""
    usual = {result.flow for result in analysis.run.first if result.ttl == 1}
    turned = {turn.flow for turn in analysis.verdict.comparison.turns}
    there = {flow for flow, hops in analysis.walk.flows.items() if turn.ttl in hops}
    if turned & usual:
        return f"{len(turned & usual)} of {len(usual)}"
    return f"{len(turned)} of {len(there | turned)}"


def _fitting(parts: Sequence[tuple[int, str]], room: int) -> str:
    """The parts with the lowest ranks that fit into the room."""
    text = ""
    for spared in (9, 4, 3, 2, 1):
        text = "".join(words for rank, words in parts if rank < spared)
        if len(text) <= room:
            return text
    return text


def turn_words(analysis: Analysis) -> str:
    """In which network the path turns off, or between which."""
    turn = analysis.verdict.turn
    if turn is None:
        return ""
    common = owner_of(analysis, router_at(analysis, turn.common))
    new = label_of(analysis, router_at(analysis, turn.ttl))
    if common and new:
        return f"inside {new}" if common == new else f"between {common} and {new}"
    return f"near {common or new}" if common or new else ""


def rtt_words(analysis: Analysis) -> str:
    """The round trip, and what it was when it has changed beyond noise."""
    now, usual = analysis.figures.rta, usual_rtt(analysis.baseline)
    if now is None:
        return ""
    if usual is not None and abs(now - usual[0]) > max(FLOOR, 0.1 * usual[0], 3 * usual[1]):
        return f", rtt {_milliseconds(usual[0])} to {_milliseconds(now)} ms"
    return f", rta {to_words(now)}"


def _milliseconds(seconds: float) -> str:
    """Milliseconds with at least two digits, as few as possible."""
    value = seconds * 1e3
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def table(analysis: Analysis) -> Iterator[str]:
    """The path hop by hop: network, loss, delays, routers with their flows, and which are new."""
    run = analysis.run
    source, target = run.source or "unknown", run.target or run.host
    yield f"path from {source} to {target}, by {run.engine}, {run.took:.1f} s"
    heads = f"{'best':>8} {'mean':>8} {'worst':>8}"
    yield f"{'hop':>3} {'owner':<16} {'loss':>5} {heads}  router (flows)"
    for hop in analysis.hops:
        loss = f"{100 * hop.lost / hop.sent:.0f}%" if hop.sent else "-"
        delays = " ".join(_delay(time) for time in (hop.best, hop.mean, hop.worst))
        first, *others = _router_lines(analysis, hop)
        owner = str(analysis.owners.get(hop.hosts[0], Owner()))[:16] if hop.hosts else ""
        labels = f"  MPLS {hop.mpls.partition(',')[0]}" if hop.mpls else ""
        yield f"{hop.ttl:3d} {owner:<16} {loss:>5} {delays}  {first}{labels}"
        yield from (f"{'':49}{line}" for line in others)


def _router_lines(analysis: Analysis, hop: HopSummary) -> list[str]:
    lines = []
    for host, flows in hop.flows.items():
        numbers = ",".join(map(str, flows))
        lines.append(f"{host} ({numbers}){_mark(analysis.baseline, hop.ttl, host)}")
    return lines or ["*"]


def _delay(time: float | None) -> str:
    return f"{'-':>8}" if time is None else f"{time * 1e3:8.1f}"


def _mark(baseline: Baseline, ttl: int, host: str) -> str:
    path = baseline.normal
    return " new" if path is not None and ttl in path.members and not path.knows(host, ttl) else ""
