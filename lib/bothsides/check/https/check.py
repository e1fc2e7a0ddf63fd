"""check_https: is an HTTPS server reached, how long does each phase take, whose fault if not.

What a run sees of one request, in the order of libcurl's marks:

    name look-up | TCP | proxy's CONNECT | TLS | request and wait | transfer
    time_dns  time_connect  time_proxy  time_tls  time_server       time_transfer

    $ check_https https://localhost:18443/ -v
    HTTPS OK - https://localhost:18443/: 200 OK in 7.82 ms, 153 B | time=0.007817s;;;0 ...
    https://localhost:18443/  HTTP/1.1 200 OK
      dns           74.2 us  #
      connect        190 us  #
      tls            5.8 ms   ##################################
      server        1.74 ms                                     ##########
      transfer        19 us                                               #
      total         7.82 ms

Options: what to ask (-H -u -j -P -k), what to expect (-e -s -r --json -m -M -f), certificates and
TLS (-C -S --refuse-tls -J), the way (-x --source --all-addresses), several tries (--urls --repeat
--state-dir). All of them: options.py; what they become: plan.py (what is asked of whom), limits.py
(what the answer is held against). The run is made by probe/https, what it proves by
analyse/https.py; judge.py holds that against the limits.
"""

import sys

from bothsides.analyse.https import Analysis, analyse, figures_of
from bothsides.base.errors import Misuse
from bothsides.base.types import Iterable, Mapping, NoReturn, Sequence
from bothsides.check import around, deliveries
from bothsides.check.https.figures import FIGURES
from bothsides.check.https.judge import judge
from bothsides.check.https.limits import Limits, limits
from bothsides.check.https.options import declare
from bothsides.check.https.plan import plan
from bothsides.model.https import Past, Plan, Run
from bothsides.parse.range import Range, from_range
from bothsides.plugin.check import Check
from bothsides.plugin.finding import Figure, Finding, Target
from bothsides.plugin.main import run
from bothsides.plugin.parser import Namespace
from bothsides.probe.https.measure import measure


def printed(options: Namespace, figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """The figures that --perfdata-style asks for."""
    if options.perfdata_style != "check_http":
        return figures
    from bothsides.check.https.legacy_perfdata import LEGACY

    return LEGACY


def short(items: Sequence[str]) -> Mapping[str, Range]:
    """A bare item of -w and -c: seconds of the whole, as check_http has it."""
    if len(items) > 1:
        words = "one bare limit is the time in seconds; write the others as LABEL=RANGE"
        raise Misuse(f"{words}: {','.join(items)[:60]}")
    return {"time": from_range(items[0], "s")}


def recall(options: Namespace, plan: Plan) -> Past:
    """What is remembered of earlier runs; without --state-dir nothing is, nor loaded for it."""
    if not options.state_dir:
        return Past()
    from bothsides.check.https.memory import remembered

    return remembered(options, plan)


def _without(analysis: Analysis, limits: Limits, names: frozenset[str]) -> Iterable[Finding]:
    """The judgement without the visits of some URLs."""
    left = tuple(each for each in analysis.visits if str(each.visit.url) not in names)
    together = figures_of([each.visit for each in left], analysis.now) if left else None
    without = analysis._replace(visits=left, planned=len(left), together=together)
    return judge(without, limits)


def keep(analysis: Analysis, targets: Sequence[Target]) -> Iterable[Finding]:
    """Adds this run to what is remembered."""
    if analysis.past.mode != "rw" or analysis.past.problem:
        return []
    from bothsides.check.https.memory import remember

    return remember(analysis, targets)


# check_http's options with two letters and one dash.
_DOUBLED = {"-to": "-t", "-hn": "-H", "-wt": "-w", "-ct": "-c", "-nohtml": "-n"}


def libraries() -> str:
    """What --version names beside ourselves."""
    from bothsides.base.curl import library

    return str(library().version).replace("PycURL", "pycurl")


CHECK: Check[Plan, Run, Past, Analysis, Limits] = Check(
    name="HTTPS",
    summary="Is an HTTPS server reached, how long each phase takes, and whose fault if not.",
    figures=FIGURES,
    options=declare,
    short=short,
    limits=limits,
    plan=plan,
    recall=recall,
    measure=measure,
    analyse=analyse,
    judge=judge,
    around=around(_without),
    keep=keep,
    plan_type=Plan,
    run_type=Run,
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
    run(CHECK, [_DOUBLED.get(word, word) for word in sys.argv[1:]], deliveries)
