"""Whether an HTTPS server is reached, how long each phase takes, and whose fault it is when not."""

import sys

from bothsides.base.errors import Misuse
from bothsides.base.types import Any, Iterable, Iterator, Mapping, NamedTuple, NoReturn, Sequence
from bothsides.check.https.content import body_figures
from bothsides.check.https.judge import counts_limited, figures, judged
from bothsides.check.https.limits import Criteria, criteria
from bothsides.check.https.options import declare
from bothsides.check.https.plan import plan
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.plugin.check import Check
from bothsides.plugin.finding import Figure, Finding, Table, Target
from bothsides.plugin.main import run
from bothsides.probe.https.measure import Run, measure
from bothsides.probe.https.plan import Plan

FIGURES = (
    Figure("time", "s", "from the name look-up to the last octet, all phases"),
    Figure("size", "B", "octets of headers and body that came"),
    Figure("time_dns", "s", "name look-up"),
    Figure("time_connect", "s", "TCP connection (QUIC: with its handshake)"),
    Figure("time_proxy", "s", "from the connection to the proxy's answer to CONNECT"),
    Figure("time_tls", "s", "TLS handshake, but for our reading of trusted certificates"),
    Figure("time_server", "s", "from the handshake to the first octet of the answer"),
    Figure("time_transfer", "s", "from the first octet to the last"),
    Figure("time_redirect", "s", "requests before the last one, when following redirects"),
    Figure("cert_days", "", "days until the server's certificate expires", None),
    Figure("chain_days", "", "days until the first certificate of the chain expires", None),
    Figure("http_status", "", "status code of the last answer"),
    Figure("tcp_rtt", "s", "round trip of the connection as the kernel knows it"),
    Figure("tcp_retrans", "", "segments of the connection that had to be sent again"),
    Figure("addresses", "", "addresses tried"),
    Figure("addresses_ok", "", "of them, those that answered"),
    Figure("tries", "", "visits made, with --state-dir also the window's"),
    Figure("failed", "", "of them, those that failed"),
)


class Analysis(NamedTuple):
    """What was asked, what happened, and what is remembered."""

    plan: Plan
    run: Run
    past: Any
    options: Any


def analyse(plan: Plan, run: Run, past: Any) -> Analysis:
    """All that is known, for the judge."""
    return Analysis(plan, run, recall(past, plan, run), past)


def judge(analysis: Analysis, criteria: Criteria) -> Iterator[Finding]:
    """The state of every visit, then the figures; the most telling finding first."""
    run, past = analysis.run, analysis.past
    if not all(visit.hops for visit in run.visits):  # only a record can say so
        raise Unreadable("the record holds a visit without a transfer; record it anew")
    found = _found(run, criteria, past)
    if criteria.style == "check_http":
        from bothsides.check.https.legacy_perfdata import relabelled

        found = relabelled(found, run, criteria)
    yield from found
    if criteria.body_figures:
        yield from body_figures(run.visits[-1:], {figure.label for figure in FIGURES})


def _found(run: Run, criteria: Criteria, past: Any) -> Iterator[Finding]:
    few = criteria.addresses_wanted > 1 and any(visit.address for visit in run.visits)
    if len(run.visits) == 1 and run.planned == 1 and not past and not few:
        yield from judged(run.visits[0], run.now, criteria)
        yield from figures(run.visits, run.now, criteria)
        if counts_limited(criteria):
            from bothsides.check.https.many import counts, tried

            yield from counts(tried(run, criteria), criteria, None)
    else:
        from bothsides.check.https.many import several

        yield from several(run, criteria, past)
    if criteria.show_body:
        yield from (
            Table(tuple(visit.last.body.decode("utf-8", "replace").splitlines()), 0)
            for visit in run.visits
        )
    if criteria.pictures:  # a run that nobody watches does not pay for them
        from bothsides.check.https.picture import picture

        for visit in run.visits:
            yield from picture(visit, run.now)


def printed(options: Any, figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """The figures that --perfdata-style asks for."""
    if options.perfdata_style != "check_http":
        return figures
    from bothsides.check.https.legacy_perfdata import LEGACY

    return LEGACY


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: seconds of the whole, as check_http has it."""
    if len(items) > 1:
        raise Misuse(
            f"one bare limit is the time in seconds; write the others as LABEL=RANGE: {','.join(items)[:60]}"
        )
    return {"time": from_range(items[0], "s")}


def recall(options: Any, plan: Plan, run: Run) -> Any:
    """What is remembered of earlier runs; one without --state-dir does not even load what would."""
    if not options.state_dir:
        return None
    from bothsides.check.https.memory import recall

    return recall(options, plan, run)


def keep(analysis: Analysis, targets: Sequence[Target]) -> Iterable[Finding]:
    """Adds this run to what is remembered."""
    options, run = analysis.options, analysis.run
    if not options.state_dir:
        return []
    from bothsides.check.https.many import failures, outages, tried
    from bothsides.check.https.memory import keep
    from bothsides.plugin.command_line import limits_of

    found = tried(run, criteria(options, limits_of(CHECK, options)))
    return keep(options, analysis.plan, run, analysis.past, failures(found), outages(found))


_DOUBLED = {"-to": "-t", "-hn": "-H", "-wt": "-w", "-ct": "-c", "-nohtml": "-n"}


def libraries() -> str:
    """What --version names beside ourselves."""
    from bothsides.probe.https.transfer import library

    return str(library().version).replace("PycURL", "pycurl")


CHECK = Check(
    name="HTTPS",
    summary="Is an HTTPS server reached, how long each phase takes, and whose fault if not.",
    figures=FIGURES,
    options=declare,
    plan=lambda options, criteria: plan(options),
    measure=lambda plan, past, deadline: measure(plan, deadline),
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    limits=criteria,
    recall=lambda options, plan: options,
    keep=keep,
    examples=(
        "-H www.example.org",
        "https://www.example.org:8443/health -w 1 -c 5",
        "-H www.example.org -u /login -s Welcome -e 200 -f follow",
        "-H www.example.org -C 30,14",
        "-H www.example.org -w time_connect=0.2 -w time_tls=500ms",
    ),
    libraries=libraries,
    printed=printed,
)


def main() -> NoReturn:
    """The check as a process, under the doubled letters too that check_http still understands."""
    run(CHECK, [_DOUBLED.get(word, word) for word in sys.argv[1:]])
