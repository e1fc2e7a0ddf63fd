"""What the analysis of a path means by the limits: events first, then every figure."""

from bothsides.analyse.path.analysis import Analysis
from bothsides.analyse.path.baseline import FLAPS, usual_loss, usual_rtt
from bothsides.analyse.path.delay_memory import growth, least_of_target
from bothsides.analyse.path.hops import hop_figures
from bothsides.base.types import Iterator, Mapping
from bothsides.check.mtr_path.figures import FIGURES
from bothsides.check.mtr_path.limits import Event, Limits, Relative
from bothsides.check.mtr_path.text import table, turn_words, verdict_words
from bothsides.parse.ip_owners import to_number, to_span
from bothsides.parse.mtr.model import is_address
from bothsides.parse.text import to_words
from bothsides.plugin.finding import (
    Figure,
    Finding,
    Part,
    Reading,
    Remark,
    State,
    Table,
    Target,
    alone,
    worst,
)
from bothsides.plugin.text import TEXT

_EVENTS: Mapping[str, Event] = {
    "changed": "change",
    "known": "known",
    "reshuffled": "reshuffled",
    "sibling": "sibling",
}
_UNMEASURED = ("rta", "pl", "rtmax", "rtmin", "as_hops")  # figures without a state of their own


def judge(analysis: Analysis, limits: Limits) -> Iterator[Finding]:
    """What the run says about the path, the most important first."""
    run = analysis.run
    yield from alone(Target(run.host, run.target, tuple(_findings(analysis, limits))))
    yield from (Remark(State.OK, words) for words in run.resolver)


def _findings(analysis: Analysis, limits: Limits) -> Iterator[Part]:
    run = analysis.run
    if run.failure is not None:
        yield Remark(State.UNKNOWN, run.failure.words)
        return
    yield from _broken(analysis, limits)
    if analysis.reached and not analysis.length and not analysis.echoes.times:
        yield Remark(State.UNKNOWN, "the path is not seen: only the reflector answers, no hop does")
    yield from _changes(analysis, limits)
    if analysis.trouble:
        yield Remark(State.UNKNOWN, analysis.trouble)
    yield from _refused_flows(analysis)
    yield from _policy(analysis, limits)
    if run.stopped is not None and analysis.reached:
        words = f"out of time while {run.stopped.stage}, after {run.stopped.after:.1f} s"
        yield Remark(State.UNKNOWN, words, late=True)
    yield from _readings(analysis, limits)
    yield Table(tuple(table(analysis)), 1)


def _broken(analysis: Analysis, limits: Limits) -> Iterator[Remark]:
    """Why the target is not reached, if it is not."""
    refusal, loop = analysis.faults.refusal, analysis.faults.loop
    if analysis.reached:
        return
    from bothsides.check.mtr_path import place_text  # a sound path needs none of it

    if refusal is not None:
        yield Remark(limits.state("prohibited"), place_text.refusal_words(analysis))
        note = place_text.refusal_note(analysis)
        if note:
            yield Remark(State.OK, note)
    elif loop:
        yield Remark(limits.state("loop"), place_text.loop_words(analysis))
    state = limits.state("unreached")
    if state is not State.OK or not (refusal or loop):
        late = analysis.run.stopped is not None
        yield Remark(state, place_text.unreached_words(analysis), late=late)
        stop = place_text.stop_words(analysis)
        if stop and not (refusal or loop):
            yield Remark(State.OK, stop)


def _refused_flows(analysis: Analysis) -> Iterator[Remark]:
    """That a router refuses the probes of the flows, while the target answers echo requests."""
    target = analysis.run.target
    refusing = (each.host for each in analysis.run.first if each.kind == "refused")
    host = next((host for host in refusing if host != target), "")
    if host and analysis.reached:
        words = f"{host} refuses the UDP probes, so the path behind it is not seen"
        yield Remark(State.OK, f"{words}; the target answers echo requests")


def _changes(analysis: Analysis, limits: Limits) -> Iterator[Remark]:
    """Whether and where the path changed."""
    verdict, run = analysis.verdict, analysis.run
    addresses = analysis.past.addresses
    if addresses and run.target not in addresses:
        words = f"{run.host} has another address: {run.target}, was {addresses[0]}"
        yield Remark(limits.state("target"), words)
    event = _EVENTS.get(verdict.word)
    state = limits.state(event) if event else State.OK
    if verdict.word == "changed" and analysis.other_networks:
        state = worst((state, limits.state("as-change")))
    if analysis.reached or verdict.word == "changed":
        room = TEXT - len(f"MTR_PATH {state.value} - {run.subject}: ")
        yield Remark(state, verdict_words(analysis, room))
    if verdict.switches > FLAPS:
        words = f"the path changed {verdict.switches} times in 24 h"
        yield Remark(limits.state("flapping"), words)
    inside = turn_words(analysis) if verdict.word in ("changed", "known", "promoted") else ""
    if inside:
        yield Remark(State.OK, f"the path turns off {inside}")
    for ttl in verdict.quiet:
        yield Remark(limits.state("quiet"), f"hop {ttl} has stopped answering")


def _policy(analysis: Analysis, limits: Limits) -> Iterator[Remark]:
    """What --expect-as, --forbid-as and --via demand and the path does not fulfil."""
    policy = limits.policy
    passed = [owner.asn for owner in analysis.networks if owner.asn]
    fulfilled = [number for number in passed if number in policy.expected]
    missing = policy.expected and fulfilled != list(policy.expected)
    forbidden = [number for number in policy.forbidden if number in passed]
    for number in forbidden:
        yield Remark(limits.state("policy"), f"the path passes AS{number}, which is forbidden")
    unsure = missing or (policy.forbidden and not forbidden)
    if unsure and (analysis.trouble or not passed):
        words = "whose hops they are is not known, so --expect-as and --forbid-as are not judged"
        yield Remark(State.UNKNOWN, words)
    elif missing:
        wanted, actual = (
            " ".join(f"AS{number}" for number in numbers) for numbers in (policy.expected, passed)
        )
        yield Remark(limits.state("policy"), f"expected {wanted}, but it passes {actual}")
    hosts = {host for routers in analysis.routers.values() for host in routers}
    for net in policy.via if analysis.reached else ():
        if not any(to_span(net).holds(*to_number(host)) for host in hosts if is_address(host)):
            yield Remark(limits.state("policy"), f"the path does not pass {net}")


def _readings(analysis: Analysis, limits: Limits) -> Iterator[Remark | Reading]:
    words = _figure_words(analysis)
    yield from _remarks_on_loss(analysis)
    for figure in FIGURES:
        value: float | None = getattr(analysis.figures, figure.label)
        yield _limited(figure, value, words.get(figure.label, ""), analysis, limits)
    if limits.perf_hops:
        yield from _by_hop(analysis)


def _remarks_on_loss(analysis: Analysis) -> Iterator[Remark]:
    """What is known of a loss beside its figure."""
    loss = analysis.faults.loss
    if loss is None:
        return
    from bothsides.check.mtr_path.place_text import limited_words, remembered_words, span_words

    if loss.limited:
        yield Remark(State.OK, limited_words(analysis))
    remembered = remembered_words(analysis)
    if remembered:
        yield Remark(State.OK, remembered)
    placed = span_words(analysis)
    if placed:
        yield Remark(State.OK, placed)


def _figure_words(analysis: Analysis) -> dict[str, str]:
    """The figures that are named in words when a limit is exceeded."""
    rta, loss = analysis.figures.rta, analysis.figures.pl
    slower = lossy = ""
    if analysis.faults.slower is not None or analysis.faults.loss is not None:
        from bothsides.check.mtr_path.place_text import loss_words, slower_words

        slower, lossy = slower_words(analysis), loss_words(analysis)
    return {
        "rta": "" if rta is None else f"rta {to_words(rta)}{slower}",
        "pl": "" if loss is None else f"{loss:.3g} % loss{lossy}",
        "hops": f"{analysis.length} hops",
    }


def _is_slower(analysis: Analysis, limit: Relative | None) -> bool:
    """Whether the least round trip has grown by the same limit, or nothing is known of it."""
    delays, now = analysis.baseline.delays.target, least_of_target(analysis.run)
    grown = growth(delays, now)
    if not grown or now is None or limit is None:
        return grown is None
    return limit.range(now - grown, 0.0).alerts(now)


def _by_hop(analysis: Analysis) -> Iterator[Reading]:
    """Delay and loss of every hop for graphs; a label never holds an address."""
    for hop in hop_figures(analysis.run):
        yield Reading(Figure(f"h{hop.ttl:02d}_rta", "s", ""), hop.rta, "")
        yield Reading(Figure(f"h{hop.ttl:02d}_pl", "%", "", 0.0, 100.0), hop.loss, "")


def _limited(
    figure: Figure, value: float | None, words: str, analysis: Analysis, limits: Limits
) -> Reading:
    """The reading with its ranges, those relative to the usual value included."""
    limited = analysis.faults.loss is not None and analysis.faults.loss.limited
    if (value is None and figure.label in _UNMEASURED) or (limited and figure.label == "pl"):
        return Reading(figure, None, words)
    reading = limits.ranges.reading(figure.label, value, words)
    warning, critical = limits.relative.get(figure.label, (None, None))
    if warning is None and critical is None:
        return reading
    usual = usual_rtt(analysis.baseline)
    if figure.label == "pl":
        loss = usual_loss(analysis.baseline)
        usual = None if loss is None else (loss, 0.0)
    if usual is not None and warning is not None:
        reading = reading._replace(warning=warning.range(*usual))
    if usual is not None and critical is not None:
        reading = reading._replace(critical=critical.range(*usual))
    if figure.label == "rta" and not _is_slower(analysis, warning or critical):
        return reading._replace(certain=State.OK)  # a mean grows by chance
    return reading
