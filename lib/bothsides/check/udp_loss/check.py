"""check_udp_loss: loss, delay and jitter of UDP to reflectors, forward and backward apart.

It sends numbered packets from several source ports (flows) to each target, a STAMP or TWAMP-Light
reflector, a UDP echo server or mehsh, and reads the replies. Line 1 of a run that lost replies:

    UDP_LOSS WARNING - 198.51.100.7: lost 14/100 (14 %: 0 out, 14 back), above 5 % | rta=... pl=14%

Options by subject, in `options.py`: whom (-H, --targets, -p, -4, -6), how (--protocol, --size,
--dscp, --key-file), when (-n, -i, --wait, --flows), how certain a loss must be (--confidence), and
whether check_mtr_path is to learn its direction (--memory, --state-dir).

The way of a run: options.py -> probe/udp/measure.py -> analyse/udp_run.py -> judge.py, with the
words in text.py, silence_text.py and tables.py; many.py joins the findings of many targets, and
memory.py leaves the direction of loss to check_mtr_path.
"""

from bothsides.analyse import udp_run
from bothsides.base.deadline import Deadline
from bothsides.base.types import Iterable, NoReturn
from bothsides.check import around, deliveries
from bothsides.check.udp_loss.figures import FIGURES
from bothsides.check.udp_loss.judge import judge
from bothsides.check.udp_loss.many import packets
from bothsides.check.udp_loss.memory import keep, recall
from bothsides.check.udp_loss.options import Limits, limits, options, plan, short
from bothsides.model.udp import Plan, Run
from bothsides.plugin.check import Check
from bothsides.plugin.finding import Finding
from bothsides.plugin.main import run
from bothsides.probe.udp import measure


def main() -> NoReturn:
    """Runs check_udp_loss as a process."""
    run(CHECK, prepare=deliveries)


def _measure(plan: Plan, past: str | None, deadline: Deadline) -> Run:
    """Measures; nothing of the past is needed for it."""
    return measure.measure(plan, deadline)


def _analyse(plan: Plan, measured: Run, past: str | None) -> udp_run.Analysis:
    """Analyses; past: where the direction of loss is to be kept."""
    return udp_run.analyse(plan, measured, past)


def _without(
    analysis: udp_run.Analysis, limits: Limits, names: frozenset[str]
) -> Iterable[Finding]:
    """The judgement without some targets."""
    left = tuple(each for each in analysis.targets if each.samples.host not in names)
    return judge(analysis._replace(targets=left), limits)


def _smokeping(plan: Plan, measured: Run) -> str:
    """Loaded only for --output smokeping, so that no other run pays for it."""
    from bothsides.check.udp_loss import smokeping

    return smokeping.lines(plan, measured)


CHECK = Check(
    name="UDP_LOSS",
    summary="Loss, delay and jitter of UDP to a far end that answers, out and back apart.",
    figures=FIGURES,
    options=options,
    short=short,
    limits=limits,
    plan=plan,
    recall=recall,
    measure=_measure,
    analyse=_analyse,
    judge=judge,
    keep=keep,
    around=around(_without, packets),
    plan_type=Plan,
    run_type=Run,
    warning="100.0,5%,flows_bad=0,overflow=0,senderr=0",
    critical="200.0,15%",
    outputs={"smokeping": _smokeping},
    examples=(
        "-H reflector.example.net",
        "-H 192.0.2.7 -p 8620 -n 200 -i 10ms -w 50,1% -c 100,5%",
        "-H 192.0.2.7 -w jitter=5ms,pl_back=1 --flows 16 -v",
        "-H 192.0.2.7,192.0.2.8,192.0.2.9 -n 50 --confidence 95",
        "-H 192.0.2.7 --protocol echo",
    ),
)
