"""Whether an HTTPS server is reached, how long each phase takes, and whose fault it is when not."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from bothsides import cli
from bothsides.check.https_content import body_figures
from bothsides.check.https_criteria import Criteria, criteria
from bothsides.check.https_judgement import counts_limited, figures, judged
from bothsides.check.https_options import declare
from bothsides.check.https_plan import plan
from bothsides.finding import Figure, Finding, Table
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.probe.https import Run, measure
from bothsides.probe.https_plan import Plan

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


def judge(run: Run, criteria: Criteria, past: Any) -> Iterator[Finding]:
    """The state of every visit, then the figures; the most telling finding first."""
    if not all(visit.hops for visit in run.visits):  # only a record can say so
        raise Unreadable("the record holds a visit without a transfer; record it anew")
    found = _found(run, criteria, past)
    if criteria.style == "check_http":
        from bothsides.check.https_legacy import relabelled

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
            from bothsides.check.https_several import counts, tried

            yield from counts(tried(run, criteria), criteria, None)
    else:
        from bothsides.check.https_several import several

        yield from several(run, criteria, past)
    if criteria.show_body:
        yield from (Table(tuple(visit.last.body.decode("utf-8", "replace").splitlines()), 0) for visit in run.visits)
    if criteria.pictures:  # a run that nobody watches does not pay for them
        from bothsides.check.https_picture import picture

        for visit in run.visits:
            yield from picture(visit, run.now)


def printed(options: Any, figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """The figures that --perfdata-style asks for."""
    if options.perfdata_style != "check_http":
        return figures
    from bothsides.check.https_legacy import LEGACY

    return LEGACY


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: seconds of the whole, as check_http has it."""
    if len(items) > 1:
        raise cli.Misuse(f"one bare limit is the time in seconds; write the others as LABEL=RANGE: {','.join(items)[:60]}")
    return {"time": from_range(items[0], "s")}


def recall(options: Any, plan: Plan, run: Run) -> Any:
    """What is remembered of earlier runs; one without --state-dir does not even load what would."""
    if not options.state_dir:
        return None
    from bothsides.check.https_memory import recall

    return recall(options, plan, run)


def keep(options: Any, plan: Plan, run: Run, past: Any, findings: list[Finding]) -> Iterable[Finding]:
    """Adds this run to what is remembered."""
    if not options.state_dir:
        return []
    from bothsides.check.https_memory import keep
    from bothsides.check.https_several import failures, outages, tried
    from bothsides.options import limits_of

    found = tried(run, criteria(options, limits_of(CHECK, options)))
    return keep(options, plan, run, past, failures(found), outages(found))


_DOUBLED = {"-to": "-t", "-hn": "-H", "-wt": "-w", "-ct": "-c", "-nohtml": "-n"}


def libraries() -> str:
    """What --version names beside ourselves."""
    from bothsides.probe.https_transfer import library

    return str(library().version).replace("PycURL", "pycurl")


CHECK = cli.Check(
    name="HTTPS",
    summary="Is an HTTPS server reached, how long each phase takes, and whose fault if not.",
    figures=FIGURES,
    options=declare,
    plan=plan,
    measure=measure,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    short=short,
    limits=criteria,
    recall=recall,
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
    cli.main(CHECK, [_DOUBLED.get(word, word) for word in sys.argv[1:]])
