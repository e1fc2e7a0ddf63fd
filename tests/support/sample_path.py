"""A path of five hops and runs over it, for tests of check_mtr_path that send no packet."""

from collections.abc import Sequence
from typing import Any

from bothsides.analyse.path.analysis import Analysis, analyse
from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.compare import Path
from bothsides.analyse.path.ownership import Maps, Systems
from bothsides.analyse.path.past import AsAnswer, Past, Remembered
from bothsides.check.mtr_path.figures import FIGURES
from bothsides.check.mtr_path.judge import judge
from bothsides.check.mtr_path.limits import Limits, limits
from bothsides.model.path import Plan, ProbeResult, Run
from bothsides.parse.ip_owners import from_map
from bothsides.parse.range import from_range
from bothsides.plugin.finding import Finding, Ranges, Reading, Remark, State, worst
from bothsides.plugin.parser import Namespace

MAP = from_map(
    "10.0.0.0/16 = us, us\n10.1.0.0/16 = ISP, isp\n10.2.0.0/16 = Amazon, cloud\n"
    "10.3.0.0/16 = Level3, transit\n"
)
USUAL = ("10.0.0.1", "10.1.0.1", "10.2.0.1", "10.2.0.2", "10.2.9.9")


def limits_of(warning: tuple[str, ...] = (), critical: tuple[str, ...] = (), **more: Any) -> Limits:
    plain: dict[str, Any] = {
        "expect_as": "",
        "forbid_as": "",
        "via": "",
        "perf_hops": False,
    }
    options = Namespace(warning=list(warning), critical=list(critical), **{**plain, **more})
    usual = Ranges(FIGURES, {"pl": from_range("10")}, {"pl": from_range("40")})
    return limits(options, usual)


def run(*line: str, lost: int = 0, looks: int = 1, **more: Any) -> Run:
    """A run whose six flows all went this way.

    The last hop is the target when it is 10.2.9.9; "" is silence.
    """
    answers = tuple(
        ProbeResult(
            flow,
            ttl,
            "silent" if not host else "reply" if host == "10.2.9.9" else "expired",
            host,
            0.001 * ttl if host else None,
        )
        for ttl, host in enumerate(line, 1)
        for flow in range(6)
    )
    echoes = (0.02,) * (20 - lost) + (None,) * lost
    made = Run(
        "app (10.2.9.9)",
        "app",
        "10.2.9.9",
        "10.0.0.9",
        ("10.2.9.9",),
        1e9,
        "mtr-packet",
        first=answers,
        echoes=echoes,
    )
    return made._replace(second=answers if looks > 1 else None, **more)


def past(*line: str) -> Past:
    hops = {ttl: (host,) for ttl, host in enumerate(line, 1) if host}
    flows = dict.fromkeys(range(6), hops)
    path = Path(1e9 - 1e6, 1e9 - 300, 50, flows, dict.fromkeys(range(6), len(line)), hops)
    baseline = Baseline(50, path, since=1e9 - 1e6, rtas=(0.02,) * 12, echo=True)
    return with_baseline(Past(addresses=("10.2.9.9",), maps=Maps(MAP)), baseline)


def baseline_of(known: Past) -> Baseline:
    return known.path_to("10.2.9.9").fixed


def with_baseline(known: Past, baseline: Baseline) -> Past:
    return known._replace(paths={"10.2.9.9": Remembered(baseline)})


NOTHING = Past(maps=Maps(MAP))


class Numbers:
    """AS numbers that are known already."""

    def __init__(self, systems: Systems, trouble: str) -> None:
        self.answer = AsAnswer(systems, trouble)
        self.asked: list[tuple[Sequence[str], float | None]] = []

    def look_up(self, addresses: Sequence[str], seconds: float | None = None) -> AsAnswer:
        self.asked.append((addresses, seconds))
        return self.answer


def analysed(made: Run, known: Past) -> Analysis:
    return analyse(Plan(made.host), made, known)


def judged(made: Run, held: Limits, known: Past) -> list[Finding]:
    return list(judge(analysed(made, known), held))


def remarks(findings: list[Finding]) -> list[tuple[State, str]]:
    return [(finding.state, finding.words) for finding in findings if isinstance(finding, Remark)]


def state(findings: list[Finding]) -> State:
    return worst(finding.state for finding in findings if isinstance(finding, Remark | Reading))
