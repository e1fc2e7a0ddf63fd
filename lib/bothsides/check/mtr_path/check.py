"""check_mtr_path: the network path to a host; whether, where and in whose network it changed.

It drives `mtr-packet` (else the mtr program) along flows with fixed ports, hop by hop:

    7 send-probe ip-4 198.51.100.10 ... protocol udp port 33434 local-port 40000 ttl 5 timeout 1
    7 ttl-expired ip-4 80.249.208.10 round-trip-time 21971

and compares every flow with what earlier runs taught about it:

    MTR_PATH WARNING - app.example (198.51.100.10): same until hop 9 (52.93.128.156 Amazon),
    then 52.93.0.5 became 52.93.9.2 (Amazon), 6 of 6 flows, rtt 26 to 63 ms | rta=0.0634s;...

whom      -H, or --input for an old report; --engine --mtr-path --flows --echoes
direction of a loss  --udp (asks a reflector), check_udp_loss --memory rw, --direction; without
                     it no network is named
limits    -w and -c: events (change, unreached ...), ranges, relative limits (rta=+50%)
networks  --map --exchanges --as-file --asn; --expect-as --forbid-as --via
memory    --memory --state-dir; --sticky --accept --ignore-hop --equiv; --archive
"""

from bothsides.analyse.path.analysis import analyse
from bothsides.analyse.path.past import Past
from bothsides.base.deadline import Deadline
from bothsides.base.types import NoReturn
from bothsides.check import around, run_or_watch
from bothsides.check.mtr_path.figures import FIGURES
from bothsides.check.mtr_path.judge import judge
from bothsides.check.mtr_path.limits import CRITICAL, EVENTS, WARNING, limits, own, short
from bothsides.check.mtr_path.memory import keep, recall
from bothsides.check.mtr_path.options import options, plan
from bothsides.model.path import Plan, Run
from bothsides.plugin.check import Check
from bothsides.probe.mtr import measure as probe

__all__ = ["CHECK", "main", "measure"]


def measure(plan: Plan, past: Past, deadline: Deadline) -> Run:
    """The run, with what check_udp_loss has found lately about the same target."""
    run = _measured(plan, past, deadline)
    remembered = past.directions.get(run.target)
    if remembered is None or plan.direction != "unknown":
        return run
    return run._replace(remembered=remembered)


def _measured(plan: Plan, past: Past, deadline: Deadline) -> Run:
    """The run; for a person at a terminal the path is shown while it is traced."""
    if deadline.watch is None or plan.report:
        return probe.measure(plan, past, deadline)
    from bothsides.plugin.live_path import Screen

    screen = Screen()
    try:
        return probe.measure(plan, past, deadline, screen.draw)
    finally:
        screen.clear()


CHECK = Check(
    name="MTR_PATH",
    summary="The path to a host: whether it changed, where, and in whose network.",
    figures=FIGURES,
    options=options,
    short=short,
    limits=limits,
    plan=lambda options, limits: plan(options),
    recall=recall,
    measure=measure,
    analyse=analyse,
    judge=judge,
    around=around(lambda analysis, limits, names: ()),  # there is one target
    keep=keep,
    plan_type=Plan,
    run_type=Run,
    warning=WARNING,
    critical=CRITICAL,
    own=own,
    events=EVENTS,
    examples=(
        "-H app.example",
        "-H app.example -w change,pl=5,rta=+20ms -c unreached,pl=20",
        "-H 192.0.2.7 --udp 192.0.2.7 --map networks.map",
        "-H 192.0.2.1 --map networks.map --as-file ip2asn.tsv -v",
        "--input report.json",
    ),
)


def main() -> NoReturn:
    """Runs the check; with --watch at a terminal, again and again."""
    run_or_watch(CHECK)
