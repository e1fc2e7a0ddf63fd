"""Records a world's faults: `python -m tests.real.side.record WORLD DIR [EVERY [FIRST [SECONDS]]]`.

For each fault DIR/NNN-NAME/ holds truth.json, owners.map, exchanges.txt, before/ (records of the
healthy network) and FROM-to-TO.CHECK.json, with what the check printed beside it as .txt. EVERY 3
takes every third fault, FIRST the first one (from 0). After SECONDS no new fault is begun; the same
command then goes on with the faults that DIR lacks, and with its memory and healthy/.
"""

import math
import sys
import time
from pathlib import Path

from tests.support.side.catalogue import catalogue
from tests.support.side.trial import Row, laboratory, recorded, table
from tests.support.side.worlds import WORLDS


def main(words: list[str]) -> None:
    """Records and prints one line a fault, then the table of marks."""
    if len(words) < 2 or words[0] not in WORLDS:
        raise SystemExit(f"usage: record {'|'.join(WORLDS)} DIR [EVERY [FIRST [SECONDS]]]")
    world, folder = WORLDS[words[0]], Path(words[1])
    every = int(words[2]) if len(words) > 2 else 1
    first = int(words[3]) if len(words) > 3 else 0
    seconds = float(words[4]) if len(words) > 4 else math.inf
    faults = catalogue(world)[first::every]
    rows: list[Row] = []
    with laboratory(world) as lab:
        for fault, found in recorded(lab, folder, faults, time.monotonic() + seconds):
            rows += found
            marks = sorted({row.score.mark for row in found})
            print(f"{fault.name}: {', '.join(marks)}", flush=True)
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main(sys.argv[1:])
