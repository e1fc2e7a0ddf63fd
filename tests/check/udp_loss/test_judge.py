"""What the limits make of an analysis, by equality of values."""

from bothsides.analyse.udp_run import analyse
from bothsides.check.udp_loss.figures import FIGURES
from bothsides.check.udp_loss.judge import judge
from bothsides.check.udp_loss.options import Limits
from bothsides.parse.range import Range
from bothsides.plugin.finding import Figure, Ranges, Reading, State
from tests.support.udp_run import PLAN, judged, run, target, values


def test_the_first_words_say_loss_mean_and_95th() -> None:
    first = judged(run(target(100, 8)))[0]
    assert isinstance(first, Reading)
    assert first.words == "lost 0/100, rta 10 ms, p95 10 ms"


def test_the_direction_of_every_loss_is_told() -> None:
    measured = run(target(100, 4, lost_out={3, 50, 99}, lost_back={7, 60, 61, 98}))
    found = values(measured)
    assert (found["pl"], found["pl_out"], found["pl_back"]) == (7, 3, 4)
    first = judged(measured)[0]
    assert isinstance(first, Reading)
    assert first.words == "lost 7/100 (7 %: 3 out, 4 back)"
    assert first.state is State.WARNING


def test_any_figure_takes_limits() -> None:
    limits = Ranges(FIGURES, {"burst_max": Range(0, 2)}, {"burst_max": Range(0, 5)})
    found = {
        f.figure.label: f
        for f in judge(analyse(PLAN, run(target(50, lost_back={1, 2, 3}))), Limits(limits))
        if isinstance(f, Reading)
    }
    assert found["burst_max"].state is State.WARNING
    assert all(isinstance(reading.figure, Figure) for reading in found.values())


def test_confidence_lets_one_lost_packet_of_twenty_sleep_but_not_ten() -> None:
    def state(lost: int, confidence: float, step: int = 2) -> State:
        back = range(0, step * lost, step)
        first = judged(run(target(20, 4, lost_back=back)), "pl=4", confidence=confidence)[0]
        assert isinstance(first, Reading)
        return first.state

    assert [state(1, 0.0), state(1, 0.95), state(10, 0.95)] == [
        State.CRITICAL,
        State.OK,
        State.CRITICAL,
    ]
    assert state(10, 0.95, step=1) is State.OK, "one burst does not tell how frequent they are"
