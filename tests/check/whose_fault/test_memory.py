"""Since when it is wrong is remembered, and one good run is not yet the end."""

from pathlib import Path

from bothsides.check.whose_fault.memory import Earlier, continued
from bothsides.incident.document import to_text
from bothsides.incident.join import verdict
from bothsides.model.evidence import Evidence, Look
from tests.support.evidence import BACK, NOW, OUT, WELL, case, document, trace, udp
from tests.support.process import Outcome, run

LOSSY = (
    document("A", {"B": Look(udp(out=40), trace(OUT, 3, 0.2))}),
    document("B", {"A": Look(udp(back=42), trace(BACK, 6, 0.2))}),
)


def later(documents: tuple[Evidence, ...], seconds: float) -> tuple[Evidence, ...]:
    """The same evidence at a later time."""
    made = []
    for each in documents:
        peers = tuple(peer._replace(now=_look(peer.now, seconds)) for peer in each.peers)
        made.append(each._replace(at=each.at + seconds, peers=peers))
    return tuple(made)


def _look(look: Look, seconds: float) -> Look:
    return Look(
        look.udp and look.udp._replace(at=look.udp.at + seconds),
        look.path and look.path._replace(at=look.path.at + seconds),
        look.https and look.https._replace(at=look.https.at + seconds),
    )


def test_a_fault_keeps_the_begin_of_its_first_run() -> None:
    first, earlier = continued(verdict(case(*LOSSY)), Earlier())
    second, again = continued(verdict(case(*later(LOSSY, 300))), earlier)
    assert (first.since, second.since, again.well) == (NOW, NOW, 0)
    assert (first.side, second.side) == (("TalNet",), ("TalNet",))


def test_a_run_with_few_losses_neither_begins_nor_ends_anything() -> None:
    few = (document("A", {"B": Look(udp(out=7, sent=400), trace(OUT))}),)
    _, calm = continued(verdict(case(*few)), Earlier())
    assert (calm.since, calm.well) == (0.0, 0)
    _, earlier = continued(verdict(case(*LOSSY)), Earlier())
    _, still = continued(verdict(case(*later(few, 300))), earlier)
    assert (still.since, still.well, still.last) == (NOW, 0, earlier.last)


def test_figures_are_coarse_only_where_runs_are_remembered() -> None:
    alone, _ = continued(verdict(case(*LOSSY)), Earlier())
    remembered, _ = continued(verdict(case(*LOSSY)), Earlier(mode="rw"))
    assert alone.shown is None
    assert remembered.shown is not None
    assert remembered.shown.out is not None
    assert alone.loss_out is not None
    assert remembered.shown.out.low <= alone.loss_out.low < alone.loss_out.high
    assert alone.loss_out.high <= remembered.shown.out.high


def test_what_was_long_ago_does_not_count() -> None:
    _, earlier = continued(verdict(case(*LOSSY)), Earlier())
    assert continued(verdict(case(*later(LOSSY, 9000))), earlier)[0].since == NOW + 9000


def judged(folder: Path, state: Path, documents: tuple[Evidence, ...], *more: str) -> Outcome:
    for each in documents:
        (folder / f"{each.host}.json").write_text(to_text(each))
    options = ("--from", "A", "--to", "B", "--state-dir", str(state), *more)
    return run("check_whose_fault", "--evidence", str(folder), *options)


def test_the_first_good_run_warns_and_the_second_is_ok(tmp_path: Path) -> None:
    folder, state = tmp_path / "now", tmp_path / "state"
    folder.mkdir()
    runs = [(LOSSY, 0.0), (WELL, 60.0), (WELL, 120.0), (WELL, 180.0)]
    codes = [
        judged(folder, state, later(each, seconds), "--memory", "rw") for each, seconds in runs
    ]
    assert [done.code for done in codes] == [2, 1, 0, 0]
    assert "nothing is wrong now, but was since 08:00 UTC: well in 1 of 2 runs" in codes[1].line


def test_files_are_judged_alone_unless_the_memory_is_asked_for(tmp_path: Path) -> None:
    folder, state = tmp_path / "now", tmp_path / "state"
    folder.mkdir()
    assert judged(folder, state, LOSSY).code == 2
    assert judged(folder, state, later(WELL, 60)).code == 0
    assert not state.exists()
