"""Runs over a described network without a single packet: thousands of them in seconds."""

from collections.abc import Iterable, Sequence

from bothsides.analyse.path.baseline import Baseline, Verdict, decide, learn
from bothsides.analyse.path.walk import both_walks, counts_by_ttl, whole_walk
from bothsides.base.deadline import Deadline
from bothsides.model.path import ECHO, Outcome, Plan, ProbeResult, Run
from bothsides.probe.mtr.trace import first_look, look_again, widened
from tests.support.world import Description, World

_PACE = 0.01
_OUTCOMES: dict[str, Outcome] = {"reply": "reply", "expired": "expired", "refused": "refused"}


class Offline:
    """A prober (`trace.Prober`) whose network is a `World`; its clock advances with every probe."""

    quick = True

    def __init__(self, world: World, flows: int) -> None:
        self.world, self.flows = world, flows
        self.now = 0.0
        self.sent = 0

    def look(
        self, echoes: int, known: int, extra: Iterable[tuple[int, int]], _stage: str
    ) -> tuple[ProbeResult, ...]:
        """Hop by hop for every flow, as the engine does it."""
        answers: list[ProbeResult] = []
        going = set(range(self.flows))
        quiet = 0
        for ttl in range(1, 31):
            mine = [self.one(flow, ttl) for flow in sorted(going)]
            answers += mine
            going -= {answer.flow for answer in mine if answer.kind in ("reply", "refused")}
            quiet = 0 if any(answer.kind != "silent" for answer in mine) else quiet + 1
            if not going or quiet > (4 if known else 12):
                break
        answers += [self.one(flow, ttl) for flow, ttl in extra]
        return (*answers, *(self.one(ECHO, 0) for _ in range(echoes)))

    def ask(
        self, jobs: Sequence[tuple[int, int]], _stage: str, echoes: int = 0
    ) -> tuple[ProbeResult, ...]:
        """Just these."""
        return tuple(self.one(flow, ttl) for flow, ttl in [*jobs, *[(ECHO, 0)] * echoes])

    def one(self, flow: int, ttl: int) -> ProbeResult:
        self.now += _PACE
        self.sent += 1
        answer = self.world.packet(str(flow), ttl or 255, self.now, flow == ECHO)
        if answer is None:
            return ProbeResult(flow, ttl, "silent")
        return ProbeResult(flow, ttl, _OUTCOMES[answer.kind], answer.host, answer.after)


def looks(plan: Plan, run: Run, prober: Offline, baseline: Baseline, deadline: Deadline) -> Run:
    """Both looks at a path, without the probes that locate loss."""
    run = widened(plan, first_look(plan, run, prober, baseline), prober, baseline)
    return look_again(plan, run, prober, baseline, deadline)


class Route:
    """A target that is checked run after run; `verdicts` are those of all runs so far."""

    def __init__(
        self, description: Description, seed: int = 0, flows: int = 6, every: float = 300.0
    ) -> None:
        self.prober = Offline(World(description, seed), flows)
        self.memory = Baseline()
        self.at, self.every = 1e9, every
        self.plan = Plan(description["target"], flows=flows)
        self.verdicts: list[Verdict] = []
        self.probes = 0

    def tell(self, description: Description) -> None:
        """Changes the network."""
        self.prober.world.tell(description)

    def run(self, times: int = 1) -> Verdict:
        """So many runs; the verdict of the last."""
        for _ in range(times):
            self.at += self.every
            self.prober.now += self.every
            before = self.prober.sent
            run = looks(
                self.plan,
                Run("", "", self.prober.world.target, at=self.at),
                self.prober,
                self.memory,
                Deadline(8),
            )
            self.probes = self.prober.sent - before
            first, second = both_walks(self.plan, run)
            verdict = decide(self.memory, first, second, self.at, lambda one, other: None)
            self.verdicts.append(verdict)
            if first.lengths or any(echo is not None for echo in run.echoes):
                probes = counts_by_ttl(run.first)
                both = whole_walk(self.plan, run)
                self.memory = learn(self.memory, verdict, both, self.at, None, probes)
        return self.verdicts[-1]

    def words(self) -> list[str]:
        """The verdicts' words."""
        return [verdict.word for verdict in self.verdicts]
