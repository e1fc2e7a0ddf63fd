"""Whom the checks name in worlds of labelled faults: right, one of two, wrong, false alarms.

`SIDE_EVERY=1` in the environment tries all faults (an hour), the default every 24th of each
world; `SIDE_FIRST=1` begins with the second one, `SIDE_WORLDS=short,ipv6` names the worlds.
"""

import os
import time

from tests.bench import paired
from tests.support.side.catalogue import catalogue
from tests.support.side.table import World
from tests.support.side.trial import Row, complaints, laboratory, placed, table, tried
from tests.support.side.worlds import WORLDS

_EVERY = int(os.environ.get("SIDE_EVERY", "24"))
_FIRST = int(os.environ.get("SIDE_FIRST", "0"))
_WORLDS = os.environ.get("SIDE_WORLDS", ",".join(WORLDS)).split(",")


def main() -> None:
    """A table for each world, and one of all."""
    every: list[Row] = []
    for name in _WORLDS:
        rows = _of_world(WORLDS[name])
        every += rows
    print(f"\nsides, all {len(_WORLDS)} worlds\n" + "\n".join(table(every)))
    print(_placed(every))
    for mark in ("wrong", "false alarm"):
        paired.target(f"{mark}s", sum(row.score.mark == mark for row in every), 0)


def _placed(rows: list[Row]) -> str:
    named, whole = placed(rows, "check_mtr_path")
    return f"check_mtr_path, faults along its way: {named} of {whole} right or one of two"


def _of_world(world: World) -> list[Row]:
    rows: list[Row] = []
    faults = catalogue(world)[_FIRST::_EVERY]
    began = time.monotonic()
    with laboratory(world) as lab:
        lab.checks.learn()
        for fault in faults:
            rows += tried(lab, fault)
    seconds = (time.monotonic() - began) / len(faults)
    print(f"\nsides, world {world.name}: {len(faults)} faults, {seconds:.1f} s each")
    print("\n".join([*table(rows), _placed(rows), *complaints(rows)]), flush=True)
    return rows
