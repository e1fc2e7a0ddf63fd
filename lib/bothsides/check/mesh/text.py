"""The words of check_mesh: what a pair, a data centre or the prober itself has lost or lacks."""

import time

from bothsides.analyse.mesh import Analysis, Pair, Total, is_far
from bothsides.base.types import Iterator, Literal, Sequence
from bothsides.model.mesh import CLOCK, OVERFLOW, SHORT, PairWindow, Run
from bothsides.parse.text import counted, to_number, to_words

Mark = Literal[".", "o", "b", "X", "?", "m"]
"""A pair in the grid: well, loss out, back, both or unknown way, not judged, in maintenance."""

LEGEND = ". ok  o loss out  b loss back  X both or unknown  ? not judged  m maintenance"
_CLEAR = 0.8  # share of the loss on one way that names this way
_DATACENTERS = 40  # lines of the grid; of more, only those with trouble are shown
_COLUMNS = 40  # marks of a line
_WIDEST = 24  # characters of a data centre's name in the grid


def loss(sent: int, lost: int, out: int, back: int) -> str:
    """Losses with their ways: `lost 72/2400 (3 %: 70 out, 2 back)`."""
    if not lost:
        return f"lost 0/{sent}"
    share = f"{_percent(lost, sent)} %"
    rest = lost - out - back
    if rest == lost:
        return f"lost {lost}/{sent} ({share}, way unknown)"
    unknown = f", {rest} unknown" if rest else ""
    return f"lost {lost}/{sent} ({share}: {out} out, {back} back{unknown})"


def _percent(part: int, whole: int) -> str:
    """A share in percent with two digits that count, never 0 or 100 where it is neither."""
    share = 100 * part / whole
    text = f"{share:.2g}" if share < 99 else f"{share:.4g}"
    return text if part == whole or float(text) < 100 else "99.9"


def pair(analysis: Analysis, peer: Pair) -> str:
    """A pair: `web1 to db1: lost 72/2400 (3 %: 70 out, 2 back), 14:02:05 to 14:02:40`."""
    seen = peer.seen
    lost = loss(seen.sent, seen.lost, seen.out, seen.back)
    return f"{analysis.run.subject} to {seen.name}: {lost}{_when(analysis, (seen,))}"


def group(analysis: Analysis, total: Total) -> str:
    """Many pairs that all lose: `web1 to all 4 hosts of us.east: lost ...`."""
    number = len(total.pairs)
    who = f"all {number} hosts of {total.prefix}" if total.prefix else f"all {number} hosts"
    lost = loss(total.sent, total.lost, total.out, total.back)
    when = _when(analysis, [each.seen for each in total.pairs])
    return f"{analysis.run.subject} to {who}: {lost}{when}"


def _when(analysis: Analysis, seen: Sequence[PairWindow]) -> str:
    """Since when, or from when to when, in UTC; nothing for less than a minute of slices."""
    run = analysis.run
    begins = [each.first_bad for each in seen if each.first_bad]
    if not begins:
        return ""
    first, last = min(begins), max(each.last_bad for each in seen) + run.length
    since = time.strftime("%H:%M:%S", time.gmtime(first))
    if last >= run.closed:
        return f", since {since} UTC"
    return f", {since} to {time.strftime('%H:%M:%S', time.gmtime(last))} UTC"


def well(analysis: Analysis) -> str:
    """All pairs are well."""
    run, total = analysis.run, analysis.total
    if not analysis.number:
        return f"{run.subject}: no host is probed"
    lost = loss(total.sent, total.lost, total.out, total.back)
    one = analysis.pairs[0].seen.name if analysis.number == 1 else ""
    one = one or counted(analysis.number, "host")
    slices = max([each.seen.slices // each.number for each in analysis.pairs])
    seconds = slices * run.length
    return f"{run.subject} to {one}: {lost} in {to_words(seconds)}"


def trouble(run: Run, peer: Pair) -> str:
    """Why a pair cannot be judged."""
    seen = peer.seen
    who = f"{run.subject} to {seen.name}"
    if peer.trouble == "new":
        since = to_words(dict(run.added)[seen.name])
        return f"{who}: added {since} ago, its first slice is not complete yet"
    if peer.trouble == "none":
        age = max(0.0, (run.now or 0.0) - run.started)
        began = f", udp_mesh was started {to_words(age)} ago" if age < 3 * run.length else ""
        return f"{who}: no slice in the window yet{began}"
    return f"{who}: {seen.suspect} of {seen.slices} slices {causes(seen.flags)}"


def gaps(analysis: Analysis) -> Iterator[str]:
    """Slices of the window that are missing because the prober was started meanwhile."""
    run = analysis.run
    if all(each.trouble == "new" for each in analysis.pairs):
        return
    seen = max([each.seen.slices // each.number for each in analysis.pairs], default=0)
    if seen < run.expected and run.started > run.closed - analysis.plan.window - 2 * run.length:
        since = time.strftime("%H:%M:%S", time.gmtime(run.started))
        missing = f"{run.expected - seen} of {run.expected} slices are missing"
        yield f"udp_mesh was started at {since} UTC: {missing}"


def causes(flags: int) -> str:
    """Why slices are suspect."""
    known = (
        (SHORT, "this host did not send what was due"),
        (CLOCK, "its clock was set"),
        (OVERFLOW, "its sockets dropped replies"),
    )
    named = [words for bit, words in known if flags & bit]
    return f"are suspect: {', '.join(named)}" if named else "are suspect"


def held(run: Run, peer: Pair) -> str:
    """A pair in maintenance, with its real figures."""
    seen = peer.seen
    lost = loss(seen.sent, seen.lost, seen.out, seen.back)
    return f"{run.subject} to {seen.name}: MAINTENANCE, {lost}; {seen.maintenance}"


def mark(peer: Pair, bad: bool) -> Mark:
    """The sign of a pair in the grid."""
    seen = peer.seen
    if not bad and not peer.trouble and not seen.maintenance:
        return "."
    if seen.maintenance:
        return "m"
    if peer.trouble:
        return "?"
    if seen.out >= _CLEAR * seen.lost:
        return "o"
    return "b" if seen.back >= _CLEAR * seen.lost else "X"


def grid(analysis: Analysis, bad: set[str], every: bool) -> Iterator[str]:
    """A line for each data centre, a sign for each pair, by name.

    every: also the data centres where all is well, however many there are.
    """
    rows: dict[str, list[str]] = {}
    for peer in analysis.pairs:
        if peer.seen.name:
            sign = mark(peer, peer.seen.name in bad)
            rows.setdefault(peer.seen.datacenter or "no-datacenter", []).append(sign)
    for well in analysis.run.well:  # between them stand those of which nothing is to be said
        name = well.datacenter or "no-datacenter"
        signs = rows.pop(name, [])
        marks = ["."] * (well.number + len(signs))
        for place, known in zip(well.places, signs, strict=False):
            marks[place : place + 1] = known
        rows[name] = marks
    shown = rows
    if len(rows) > _DATACENTERS and not every:
        shown = {name: marks for name, marks in rows.items() if set(marks) != {"."}}
    width = min(_WIDEST, max(map(len, shown), default=0))
    for datacenter, marks in shown.items():
        for place in range(0, len(marks), _COLUMNS):
            name = datacenter[:width] if not place else ""
            yield f"{name:<{width}}  {''.join(marks[place : place + _COLUMNS])}"
    if len(shown) < len(rows):
        yield f"{len(rows) - len(shown)} of {len(rows)} data centres are all right"
    yield LEGEND


def table(pairs: Sequence[Pair]) -> Iterator[str]:
    """A line for each pair with its figures."""
    yield f"{'host':<20} {'sent':>6} {'lost':>6} {'out':>6} {'back':>6} {'late':>5} {'rtt':>20}"
    for peer in pairs:
        seen = peer.seen
        low, mean, high = (to_number(each / 1000) for each in seen[-3:])
        times = f"{low}/{mean}/{high} ms" if seen.sent > seen.lost else "-"
        remark = " far end restarted or dropped requests" if is_far(peer) else ""
        yield (
            f"{seen.name:<20} {seen.sent:>6} {seen.lost:>6} {seen.out:>6} {seen.back:>6}"
            f" {seen.late:>5} {times:>20}{remark}"
        )
