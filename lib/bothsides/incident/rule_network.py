"""R2 and R3: packets of every kind are lost between both hosts; which network loses them."""

from bothsides.base.types import Literal, Sequence
from bothsides.incident.case import Case, View
from bothsides.incident.conclusion import (
    NOTHING,
    Conclusion,
    confidence_of,
    covered,
    from_joint,
    named,
    placed,
    suspects_of,
    words_of,
)
from bothsides.incident.counts import (
    Counts,
    State,
    by_kind,
    directional,
    doubtful,
    is_silent,
    states,
)
from bothsides.incident.joint import Joint, explained
from bothsides.incident.pairs import Which
from bothsides.incident.routers import UNSEEN, networks_of
from bothsides.incident.rule_udp import said_itself
from bothsides.model.verdict import Fault, Kind, Place, Step, Suspect, Way

_ONE_OF_TWO = 0.75
"""Likelihood from which one side, or two together, are named for loss both ways, or where nobody
knows which way loses: it may be two faults of others."""
_PROVED = 0.99  # likelihood of two faults from which they are taken for proved
_LATELY = 2.0  # s
_FRESH = 90.0  # s before the evidence within which a request must have arrived


def lost_packets(case: Case) -> Conclusion:
    """The fault behind lost UDP packets, if both hosts' packets are concerned."""
    out = directional(case, case.start, case.target)
    back = directional(case, case.target, case.start)
    there, here = states(out, back)
    if there == "silent":
        return _silence(case)
    ways: dict[tuple[bool, bool], tuple[Which, Way]] = {
        (True, True): ("both", "both"),
        (True, False): ("out", "out"),
        (False, True): ("back", "back"),
    }
    which: Which = "either"
    way: Way = ""
    if "lossy" in (there, here):
        which, way = ways[there == "lossy", here == "lossy"]
    elif "unknown" not in (there, here) or not _lossy(case):
        return NOTHING
    if way in ("out", "back") and (found := _of_one_kind(case, out, back, way)) is not None:
        return found
    joint = explained(case, which)
    result = _conclusion(case, joint, way, _words(case, out, back, there, here), "R3", "loss")
    blind: dict[Which, tuple[Way, ...]] = {"either": ("out", "back"), "both": ("out", "back")}
    return _unless_blind(case, blind.get(which, ()), result)


def _of_one_kind(case: Case, out: Counts, back: Counts, way: Way) -> Conclusion | None:
    """Loss by what packets are: a limit or a filter, which no trace of other packets shows."""
    ends = (case.start, case.target) if way == "out" else (case.target, case.start)
    if not by_kind(case, *ends):
        return None
    view = case.view(*ends)
    sides = networks_of(view.way.line if view is not None and view.way else (), UNSEEN)
    every = dict.fromkeys((*(case.host(name) for name in ends), *sides))
    suspects = suspects_of(case, [(side, 1 / len(every)) for side in every])
    words = (
        f"{_words(case, out, back, 'lossy', 'lossy')}; on the same way requests or replies are"
        " hardly lost: something limits or filters the other kind, no trace shows where"
    )
    fault = Fault("loss", way, suspects, "none", words, "R3")
    settle = (f"the counters of firewalls and of limits of UDP between {ends[0]} and {ends[1]}",)
    return Conclusion((fault,), (Step("R3", "one kind of packets", words),), (), settle)


def few_lost(case: Case) -> Conclusion:
    """Losses of one direction that may be chance, and may be none."""
    ways: tuple[tuple[str, str, Way], ...] = (
        (case.start, case.target, "out"),
        (case.target, case.start, "back"),
    )
    for start, target, way in ways:
        counts = directional(case, start, target)
        if doubtful(counts):
            words = (
                f"{start} to {target} lost {round(counts.lost.low)} of {counts.sent} packets:"
                " too few to tell a fault from chance"
            )
            fault = Fault("few", way, (), "none", words, "R9")
            settle = (f"check_udp_loss with more packets between {case.start} and {case.target}",)
            return Conclusion((fault,), (Step("R9", "few losses", words),), (), settle)
    return NOTHING


def _lossy(case: Case) -> bool:
    """Whether any view lost packets, though no direction is proved."""
    return any(
        view is not None and view.now.udp is not None and view.now.udp.lost >= 6
        for view in (case.there, case.here)
    )


def _words(case: Case, out: Counts, back: Counts, there: State, here: State) -> str:
    parts = []
    for counts, state, start, target in (
        (out, there, case.start, case.target),
        (back, here, case.target, case.start),
    ):
        if state in ("lossy", "unknown") and counts.sent:
            low, high = round(counts.lost.low), round(counts.lost.high)
            number = f"{low}" if low == high else f"{low} to {high}"
            parts.append(f"{start} to {target} lost {number} of {counts.sent} packets")
    return "; ".join(parts) or "packets are lost, direction not known"


def _silence(case: Case) -> Conclusion:
    """R2: nothing is answered, either way."""
    alive = (
        _arrives(case.there) or _arrived_lately(case.here),
        _arrives(case.here) or _arrived_lately(case.there),
    )
    if not _unreached(case):
        return NOTHING  # other packets pass: a matter of UDP alone
    which: Which = "either"
    way: Way = ""
    if alive[0] and not alive[1]:
        which, way = "back", "back"
    elif alive[1] and not alive[0]:
        which, way = "out", "out"
    joint = explained(case, which, alive, dead=True)
    words = f"no reply to any packet between {case.start} and {case.target}"
    if way:
        arrived = case.start if way == "back" else case.target
        words += f"; requests of {arrived} arrive, so the way {way} is dead"
    result = _conclusion(case, joint, way, words, "R2", "silence")
    return _unless_blind(case, (way,) if way else ("out", "back"), result)


def _unless_blind(case: Case, ways: Sequence[Way], result: Conclusion) -> Conclusion:
    """Nobody is named where a way that may be at fault was never seen whole."""
    blind = [
        (start, target)
        for way, view, start, target in (
            ("out", case.there, case.start, case.target),
            ("back", case.here, case.target, case.start),
        )
        if way in ways and not _seen_whole(view)
    ]
    if not blind:
        return result
    steps = [
        Step("R2", "not seen", f"the way from {start} to {target} was never seen whole")
        for start, target in blind
    ]
    faults = tuple(fault._replace(confidence="none") for fault in result.faults)
    settle = tuple(f"check_mtr_path from {start} to {target}, now and when all is well"
                   for start, target in blind)  # fmt: skip
    return result._replace(faults=faults, steps=(*result.steps, *steps), settle=settle)


def _seen_whole(view: View | None) -> bool:
    """Whether the routers up to the target are known, from now or from before."""
    if view is None or view.way is None:
        return False
    path = view.now.path
    return view.way.usual or (path is not None and path.length > 0)


def _arrives(view: View | None) -> bool:
    """Whether requests of the view's host arrive at its peer now."""
    if (
        view is None
        or view.arrived is None
        or not view.arrived.known
        or not is_silent(view.now.udp)
    ):
        return False
    sent = view.now.udp
    last = view.arrived_at - view.arrived.last
    return sent is not None and last >= sent.at - _FRESH


def _arrived_lately(view: View | None) -> bool:
    """Whether requests of the view's peer arrived at its host while it was traced."""
    path = view.now.path if view is not None else None
    return path is not None and path.arrived is not None and path.arrived < _LATELY


def _unreached(case: Case) -> bool:
    """Whether no packet of any kind was answered by the other end."""
    for view in (case.there, case.here):
        if view is None:
            continue
        path, https, udp = view.now.path, view.now.https, view.now.udp
        if udp is not None and (udp.host_lives or said_itself(view, udp)):
            return False
        if path is not None and (path.length or path.echoes > path.echoes_lost):
            return False
        if https is not None and https.connected:
            return False
    return True


def _conclusion(
    case: Case, joint: Joint | None, way: Way, words: str, rule: str, kind: Kind
) -> Conclusion:
    if joint is None:
        step = Step(rule, "no trace", f"{words}; no path was ever traced, so no place is known")
        fault = Fault(kind, way, (), "none", words, rule)
        return Conclusion((fault,), (step,), (), ("check_mtr_path from both ends",))
    suspects = from_joint(case, joint)
    proved = joint.proved
    places = placed(f"{case.start} to {case.target}", joint.out)
    places += placed(f"{case.target} to {case.start}", joint.back)
    if way == "both" and joint.two >= _ONE_OF_TWO:
        split = _two_faults(case, joint, words, rule, places)
        if joint.two >= _PROVED or all(fault.named for fault in split.faults):
            return split
    faults = []
    if len(proved) > 1:
        for side in proved:
            mine = tuple(suspect for suspect in suspects if suspect.code == side)
            faults.append(Fault(kind, way, mine, "likely", words, rule, places))
    else:
        if proved:
            suspects = tuple(sorted(suspects, key=lambda suspect: suspect.code != proved[0]))
        confidence = "likely" if len(proved) == 1 else confidence_of(suspects)
        unsure = way == "both" or (kind == "loss" and not way)
        if unsure and confidence == "open" and suspects[0].share < _ONE_OF_TWO:
            confidence = "none"
        if kind == "loss" and not joint.traced:
            confidence = "none"  # a trace against the loss shows where replies are lost, not whose
        faults.append(Fault(kind, way, suspects, confidence, words, rule, places))
    title = {"out": "one way", "back": "one way", "both": "both ways"}.get(way, "direction unknown")
    steps = (Step(rule, title, f"{words}: {_ranked(suspects) or named(proved)}"),)
    return Conclusion(tuple(faults), steps, (), _unknown(case, suspects, places))


def _two_faults(
    case: Case, joint: Joint, words: str, rule: str, places: Sequence[Place]
) -> Conclusion:
    """Two different faults, one on each way, each with suspects of its own."""
    parts = words.split("; ")
    share = max(joint.both.values())
    faults, every = [], list[Suspect]()
    ways: tuple[Literal["out", "back"], ...] = ("out", "back")
    for number, way in enumerate(ways):
        start, target = (case.start, case.target)[:: -1 if number else 1]
        suspects = covered(case, joint.one_of_two(way))
        confidence = confidence_of(suspects)
        if confidence == "likely" and joint.two < _PROVED:
            confidence = "open"
        if confidence == "open" and suspects[0].share < _ONE_OF_TWO:
            confidence = "none"
        if (joint.two < _PROVED and share < _ONE_OF_TWO) or not joint.along[number]:
            confidence = "none"
        mine = tuple(place for place in places if place.view == f"{start} to {target}")
        faults.append(Fault("loss", way, suspects, confidence, parts[number], rule, mine))
        every += suspects
    likely = f"{joint.two:.0%}" if joint.two < _PROVED else "more than 99 %"
    steps = [
        Step(rule, "two faults", f"one on each way ({likely}): no side explains both"),
        *(Step(rule, "one way", f"{each.words}: {_ranked(each.suspects)}") for each in faults),
    ]
    return Conclusion(tuple(faults), tuple(steps), (), _unknown(case, every, places))


def _ranked(suspects: Sequence[Suspect]) -> str:
    """The likeliest suspects with their shares."""
    return ", ".join(f"{words_of(each.code)} {each.share:.0%}" for each in suspects[:5])


def _unknown(case: Case, suspects: Sequence[Suspect], places: Sequence[Place]) -> tuple[str, ...]:
    """What would settle it where a network that nobody knows is among the suspects."""
    unknown = any(suspect.code == UNSEEN for suspect in suspects)
    return _whose(case, places) if unknown else ()


def _whose(case: Case, places: Sequence[Place]) -> tuple[str, ...]:
    """What would tell whose the routers without an owner are: those near the loss first."""
    ways = [view.way for view in (case.there, case.here) if view is not None and view.way]
    strangers = dict.fromkeys(
        hop.address for way in ways for hop in way.line[:-1] if hop.address and not hop.label
    )
    if not strangers:
        return ()
    around = "/".join(f"{place.after}/{place.before}" for place in places).split("/")
    near = [address for address in dict.fromkeys(around) if address in strangers]
    shown = ", ".join((near or [*strangers])[:3])
    return (f"a map of owners (--map or --as-file) that has the routers {shown}",)
