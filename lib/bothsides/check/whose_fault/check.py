"""check_whose_fault: on whose side a connection between two hosts is broken.

It joins what both hosts and any number of witnesses know: documents of `bothsides evidence`, and
records of check_udp_loss, check_mtr_path and check_https. Line 1 names the side, or says that
nobody can tell:

    WHOSE_FAULT CRITICAL - A to B: lost 18 to 26.5 % out, 0 to 1 % back; TalNet (isp), likely

The way of a run: options.py -> measure.py (files, other hosts, own measurement) -> incident/join.py
(the rules R1 to R10, one file each) -> judge.py, with the words in text.py.
"""

from bothsides.base.types import Iterable, NoReturn, Sequence
from bothsides.check import deliveries
from bothsides.check.owner_files import maps_of, table_of
from bothsides.check.whose_fault.judge import FIGURES, Analysis, MeshAnalysis, judge
from bothsides.check.whose_fault.measure import Past, measure, owners_of
from bothsides.check.whose_fault.memory import Earlier, continued, remember, remembered
from bothsides.check.whose_fault.options import options, plan, short
from bothsides.incident.case import joined_case
from bothsides.incident.join import verdict
from bothsides.incident.mesh_verdict import mesh_verdict
from bothsides.incident.mesh_vote import Member
from bothsides.model.whose_fault import Plan, Run
from bothsides.plugin.check import Check, ranges_alone
from bothsides.plugin.finding import Finding, Target
from bothsides.plugin.main import run
from bothsides.plugin.parser import Namespace


def main() -> NoReturn:
    """Runs check_whose_fault as a process."""
    run(CHECK, prepare=deliveries)


def _recall(options: Namespace, plan: Plan) -> Past:
    """What says whose addresses are; a replay knows that from its record."""
    earlier = remembered(options, plan) if not plan.mesh else Earlier()
    if options.replay:
        return Past(earlier=earlier)
    return Past(maps_of(options), table_of(options), earlier)


def _analyse(plan: Plan, run: Run, past: Past) -> Analysis | MeshAnalysis:
    """The verdict by the rules of `incident`."""
    late = run.stopped is not None and run.stopped.cause == "deadline"
    if run.mesh:
        members = {each.name: Member(each.datacenter, each.provider) for each in run.members}
        mesh = mesh_verdict(run.documents, members)
        return MeshAnalysis(mesh, run.witnesses, run.troubles, late)
    case = joined_case(run.start, run.target, run.documents, owners_of(run))
    judgement, earlier = continued(verdict(case, run.witnesses), past.earlier)
    return Analysis(judgement, run.troubles, late, earlier)


def _keep(analysis: Analysis | MeshAnalysis, targets: Sequence[Target]) -> Iterable[Finding]:
    """Remembers since when it is wrong."""
    return remember(analysis.earlier) if isinstance(analysis, Analysis) else ()


CHECK = Check(
    name="WHOSE_FAULT",
    summary="On whose side a connection is broken, by what both ends and others know.",
    figures=FIGURES,
    options=options,
    short=short,
    limits=ranges_alone,
    plan=plan,
    recall=_recall,
    measure=measure,
    analyse=_analyse,
    judge=judge,
    keep=_keep,
    plan_type=Plan,
    run_type=Run,
    warning="loss_out=1,loss_back=1",
    critical="loss_out=5,loss_back=5",
    examples=(
        "-H app.example.net --map networks.map",
        "--landscape mesh.toml --mesh",
        "--evidence now/ --before healthy/ --from web1 --to db1",
        "--evidence A-to-B.json --evidence B-to-A.json --output json",
    ),
)
