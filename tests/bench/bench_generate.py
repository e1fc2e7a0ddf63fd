"""What generating the configuration of 1000 hosts costs, all of which measure each other."""

import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bothsides.command.generate import TREES
from bothsides.generate.validate import VALIDATORS
from tests.bench.paired import BARE, Cost, Rival, bare, cost, measured, plugin, show, target
from tests.inventory.big import big
from tests.support import daemons
from tests.support.process import PLUGINS

HOSTS = 1000
MORE = """
[[clock]]
from = "monitor"
to = "all"
[[path]]
from = "all"
to = "h0001"
[[https]]
from = "dc:z1"
to = "h0000"
url = "/"
"""
AGAIN, FRESH = "all trees, nothing to do", "new, without validators"


def main() -> None:
    """The table, followed by what was promised. Products' validators take a time of their own."""
    with daemons.folder() as root:
        landscape = root / "mesh.toml"
        landscape.write_text(big(HOSTS, rows=True) + MORE)
        first = cost(plugin("bothsides", "generate", str(landscape), "--to", str(root / "all")))
        costs = measured(
            [
                bare(),
                plugin("bothsides", "lint", str(landscape), title="lint"),
                plugin(
                    "bothsides", "generate", str(landscape), "--to", str(root / "all"), title=AGAIN
                ),
                _fresh(landscape, root / "new"),
            ],
            rounds=5,
        )
    show(f"Landscape of {HOSTS} hosts, all pairs", costs, BARE)
    print(f"  all trees new, with the validators that are installed: {first.wall:.1f} s")
    for name in (AGAIN, FRESH):
        target(f"{name}, seconds", _median(costs, name, "wall"), 10, " s")
        target(f"{name}, peak memory", _median(costs, name, "peak") / 1e6, 300, " MB")


def _fresh(landscape: Path, folder: Path) -> Rival:
    """Generates all files of the folders for which no validator is started."""
    names = ",".join(name for name in TREES if name not in VALIDATORS)
    script = 'exec "$2" "$3" generate "$4" --to "$1.$$" --only "$5"'  # another one each time
    words = (str(folder), sys.executable, str(PLUGINS / "bothsides"), str(landscape), names)
    return Rival(FRESH, ("/bin/sh", "-c", script, "sh", *words))


def _median(costs: Mapping[str, Sequence[Cost]], name: str, field: str) -> float:
    return statistics.median(float(getattr(each, field)) for each in costs[name])


if __name__ == "__main__":
    main()
