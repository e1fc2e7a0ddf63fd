"""check_mesh: the last minutes of the continuous mesh, as udp_mesh on this host saw them.

It asks udp_mesh by its unix socket for the window of every pair in which this host probes, and
judges each pair's loss. Line 1 names the worst pair, or the data centre all of whose pairs lose:

    MESH WARNING - web1 to db1: lost 72/2400 (3 %: 70 out, 2 back), since 14:02:05 UTC, above 1 %

A loss breaks a limit when it is as good as certain (3 standard deviations) and was seen in two
slices at least, so one burst alarms nobody.

The way of a run: options.py -> probe/mesh.py -> analyse/mesh.py -> judge.py, with the words in
text.py. What udp_mesh does is in the room mesh/.
"""

from bothsides.analyse.mesh import analyse
from bothsides.base.types import NoReturn
from bothsides.check import run_or_watch
from bothsides.check.mesh.figures import FIGURES
from bothsides.check.mesh.judge import judge
from bothsides.check.mesh.options import limits, options, plan, short
from bothsides.model.mesh import Plan, Run
from bothsides.plugin.check import Check, no_past
from bothsides.probe.mesh import measure


def main() -> NoReturn:
    """Runs the check; with --watch at a terminal, again and again."""
    run_or_watch(CHECK, "2s")


CHECK = Check(
    name="MESH",
    summary="Loss and delay of all pairs that udp_mesh on this host probes.",
    figures=FIGURES,
    options=options,
    short=short,
    limits=limits,
    plan=plan,
    recall=no_past,
    measure=measure,
    analyse=analyse,
    judge=judge,
    plan_type=Plan,
    run_type=Run,
    warning="1%",
    critical="5%",
    by_family=False,
    examples=(
        "",
        "-H dc:us.east -w 0.5% -c 3% --window 5m",
        "-H db1 --socket /run/bothsides/mesh.sock -v",
        "--window 60s -w pl=0.1 -c worst=10 --perf-datacenters",
    ),
)
