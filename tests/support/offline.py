"""Runs over a described network without a single packet: thousands of them in seconds."""

from collections.abc import Iterable, Sequence

from bothsides.analyse.path.baseline import Memory, Verdict, decide, learnt
from bothsides.analyse.path.compare import Walk, join
from bothsides.base.deadline import Deadline
from bothsides.probe.mtr.measure import looks, walk
from bothsides.probe.mtr.session import ECHO, Answer, Plan, Run
from tests.support.world import Description, World

_PACE = 0.01


class Offline:
    """A prober (as `survey` wants one) whose network is a `World`; its clock advances with every probe."""

    quick = True

    def __init__(self, world: World, flows: int) -> None:
        self.world, self.flows = world, flows
        self.now = 0.0
        self.sent = 0

    def look(
        self, echoes: int, known: int, extra: Iterable[tuple[int, int]], _stage: str
    ) -> tuple[Answer, ...]:
        """Hop by hop for every flow, as the engine does it."""
        answers: list[Answer] = []
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
    ) -> tuple[Answer, ...]:
        """Just these."""
        return tuple(self.one(flow, ttl) for flow, ttl in [*jobs, *[(ECHO, 0)] * echoes])

    def one(self, flow: int, ttl: int) -> Answer:
        self.now += _PACE
        self.sent += 1
        met = self.world.packet(str(flow), ttl or 255, self.now, flow == ECHO)
        return (
            Answer(flow, ttl, "silent")
            if met is None
            else Answer(flow, ttl, met.kind, met.host, met.after)
        )


class Route:
    """A target that is checked run after run; `verdicts` are those of all runs so far."""

    def __init__(
        self, description: Description, seed: int = 0, flows: int = 6, every: float = 300.0
    ) -> None:
        self.prober = Offline(World(description, seed), flows)
        self.memory = Memory()
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
            first = walk(run.first, run)
            second = None if run.second is None else walk(run.second, run)
            verdict = decide(self.memory, first, second, self.at, lambda one, other: True)
            self.verdicts.append(verdict)
            if first.lengths or any(echo is not None for echo in run.echoes):
                asked = counted(run.first)
                self.memory = learnt(
                    self.memory, verdict, join(first, second or Walk({}, {})), self.at, None, asked
                )
        return self.verdicts[-1]

    def words(self) -> list[str]:
        """The verdicts' words."""
        return [verdict.word for verdict in self.verdicts]


def counted(answers: Iterable[Answer]) -> dict[int, tuple[int, int]]:
    """Probes asked and answered by TTL."""
    counts: dict[int, tuple[int, int]] = {}
    for answer in answers:
        asked, answered = counts.get(answer.ttl, (0, 0))
        counts[answer.ttl] = (asked + 1, answered + (answer.kind != "silent"))
    return counts
