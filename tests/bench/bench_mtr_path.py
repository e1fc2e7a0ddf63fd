"""check_mtr_path beside mtr itself, and its verdicts beside what comparing hop lists gives."""

import itertools
import time
from pathlib import Path

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.baseline_document import from_document, to_document
from bothsides.analyse.path.loss_location import Counts, loss_span
from bothsides.parse.mtr.detect import from_mtr
from tests.bench.paired import Rival as Command
from tests.bench.paired import bare, measured, plugin, ratio, show
from tests.support import need
from tests.support.networks import NASTY, member, some
from tests.support.offline import Route

_DATA = Path(__file__).resolve().parents[1] / "data/mtr"


def main() -> None:
    """Prints it all."""
    _lists()
    _verdicts()
    _parser()
    _cost()


def _lists() -> None:
    """Hop lists of consecutive runs over a network that does not change."""
    print("\nA stable network: runs whose hop list differs from the run before")
    for kind in ("icmp", "paris"):
        runs = [
            from_mtr(path.read_bytes())[0]
            for path in sorted((_DATA / "stable-ecmp" / kind).glob("*.raw"))
        ]
        lists = [
            tuple(hop.hosts[-1].address if hop.hosts else "" for hop in run.hops) for run in runs
        ]
        differ = sum(one != other for one, other in itertools.pairwise(lists))
        print(
            f"  mtr {kind:<6} last router of each hop:"
            f" {100 * differ / max(1, len(lists) - 1):5.1f} % of {len(lists) - 1}"
        )
    route = Route({**NASTY, "seed": 5}, 5)
    route.run(200)
    alarms = sum(verdict.word in ("changed", "known") for verdict in route.verdicts)
    print(f"  check_mtr_path on such a network:     {100 * alarms / 200:5.1f} % of 200")


def _verdicts() -> None:
    """How often stable networks raise an alarm, and how fast changes are found."""
    print("\nDescribed networks")
    began = time.monotonic()
    alarms = runs = 0
    for seed in range(200):
        route = Route(some(seed + 5000), seed)
        route.run(10)
        alarms += sum(verdict.word == "changed" for verdict in route.verdicts)
        runs += 10
    print(
        f"  random stable networks: {alarms} alarms in {runs} runs,"
        f" {(time.monotonic() - began) / runs * 1e3:.1f} ms CPU a run"
    )
    for words, place, new, warm, within in (
        ("1 of 2 members replaced, run 1", 3, "203.0.113.77", 4, 1),
        ("1 of 8 members replaced, 4 runs", 8, "52.95.1.77", 20, 4),
    ):
        found = 0
        for seed in range(60):
            route = Route({**NASTY, "seed": seed}, seed)
            route.run(warm)
            route.tell(member(route.prober.world.about, place, 0, new))
            found += any(route.run().word == "changed" for _ in range(within))
        print(f"  {words}: found {100 * found / 60:.0f} %")
    asked = {
        ttl: (38, 38 if ttl == 8 else 32 if ttl == 2 else 8 if ttl >= 9 else 0)
        for ttl in range(1, 12)
    }
    began = time.perf_counter()
    kinds = (Counts(asked, (52, 11)), Counts(asked))
    found_at = loss_span(kinds, 12, range(1, 13))
    print(f"  where loss begins: {found_at}, {(time.perf_counter() - began) * 1e3:.1f} ms")
    document = to_document(route.memory)
    began = time.perf_counter()
    assert isinstance(from_document(document), Baseline)
    print(
        f"  memory of a path: {len(str(document)) / 1e3:.0f} kB, read in"
        f" {(time.perf_counter() - began) * 1e3:.1f} ms"
    )


def _parser() -> None:
    files = [
        path.read_bytes()
        for path in sorted(_DATA.glob("0.*/*"))
        if path.is_file() and path.stat().st_size
    ]
    began = time.perf_counter()
    for data in files:
        from_mtr(data)
    print(
        f"\nThe parser: {len(files)} recordings,"
        f" {(time.perf_counter() - began) / len(files) * 1e3:.2f} ms each"
    )


def _cost() -> None:
    """One run to ourselves, beside mtr doing ten cycles.

    Mtr needs seconds to send what we send in one.
    """
    mtr = need.program("mtr", "mtr-tiny")
    rivals = [
        bare(),
        plugin("check_mtr_path", "--help", codes=(3,), title="check_mtr_path --help"),
        plugin("check_mtr_path", "-H", "127.0.0.1", "--state", "off"),
        plugin(
            "check_mtr_path",
            "--input",
            str(_DATA / "0.95/icmp-single.json"),
            title="check_mtr_path --input",
        ),
        Command(
            "mtr -j -n -c 10 -i 0.1 -G 1",
            (mtr, "-j", "-n", "-c", "10", "-i", "0.1", "-G", "1", "127.0.0.1"),
        ),
    ]
    costs = measured(rivals, 7)
    show("Cost of one run", costs, rivals[0].name)
    print(f"  --help is {ratio(costs, rivals[1].name, rivals[0].name):.1f} x bare Python")


if __name__ == "__main__":
    main()
