"""check_metric: the last value of a series in Graphite, InfluxDB or Prometheus, and how old it is.

It reads back what --export has stored, so that a dead sender is seen where the figures are used:

    METRIC UNKNOWN - bothsides.mon1.udp.db1.loss: last value 15 min old, older than 5 min | value=0

The age is judged first: an old value is UNKNOWN whatever it is. What goes wrong with the store is
UNKNOWN and never CRITICAL, and no data is never OK. `--hound FILE` lists the command lines that do
what Hound's alerts do.

The way of a run: options.py -> measure.py -> judge.py; parse/metric.py reads the replies.
"""

import sys

from bothsides.base.types import NoReturn
from bothsides.check import deliveries
from bothsides.check.metric.judge import FIGURES, analyse, judge
from bothsides.check.metric.measure import measure
from bothsides.check.metric.options import limits, options, plan, short
from bothsides.model.metric import Plan, Run
from bothsides.plugin.check import Check, no_past
from bothsides.plugin.main import run


def main() -> NoReturn:
    """Runs the check; with --hound prints command lines."""
    if any(word.startswith("--hound") for word in sys.argv[1:]):
        from bothsides.check.metric.hound import listed

        listed(CHECK, sys.argv[1:])
    run(CHECK, prepare=deliveries)


CHECK = Check(
    name="METRIC",
    summary="The last value of a series in Graphite, InfluxDB or Prometheus, and its age.",
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
    examples=(
        "-H prometheus.example",
        "-H prometheus.example -q bothsides_hop_loss_ratio -w 0.05 -c 0.2",
        "--graphite http://g.example -q bothsides.mon1.udp.*.jitter -w 0.1",
        "--influx http://db.example:8086 --query-file /etc/loss.txt -w 5",
    ),
)
