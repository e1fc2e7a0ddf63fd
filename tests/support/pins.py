"""`python -m tests.support.pins` adds new figures to tests/data/perfdata.json.

Figures are only ever added, at the end of their check: graphs are drawn from labels, units and
order.
"""

import json
from collections.abc import Mapping, Sequence

from tests.support.process import CHECKS, HOUSE, run

PINS = HOUSE / "tests/data/perfdata.json"
Figures = Sequence[Sequence[str]]


def figures_of(check: str) -> Figures:
    """Label and unit of each figure, as the check lists them."""
    lines = run(check, "--list-perfdata").text.splitlines()
    return [(line + " ").split(" ")[:2] for line in lines]


def written(pins: Mapping[str, Figures]) -> str:
    """The file's text: one line for each check."""
    lines = [f' "{check}": {json.dumps(figures)}' for check, figures in sorted(pins.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Writes the file anew."""
    pins: dict[str, Figures] = json.loads(PINS.read_text())
    for check in CHECKS:
        listed, pinned = figures_of(check), pins.get(check, [])
        if [*map(list, listed)][: len(pinned)] != [*map(list, pinned)]:
            raise SystemExit(
                f"{check}: a figure that is pinned has changed; rename none, add at the end"
            )
        pins[check] = listed
    PINS.write_text(written(pins))


if __name__ == "__main__":
    main()
