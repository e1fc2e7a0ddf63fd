"""Judges recorded evidence again: `python -m tests.real.side.replay DIR` after `record WORLD DIR`.

Every record of every fault goes through its check's --replay, with the memory that the healthy
network left, and the words are scored anew. No root is needed, and rules may be tried on the same
evidence.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.side.catalogue import catalogue
from tests.support.side.checks import Said, arguments, plugin, whom, write_owners
from tests.support.side.faults import Fault
from tests.support.side.table import World
from tests.support.side.trial import Row, complaints, row_of, table
from tests.support.side.worlds import WORLDS


def main(words: list[str]) -> None:
    """Prints the table of marks and every complaint."""
    if len(words) != 1:
        raise SystemExit("usage: replay DIR")
    rows = list(replayed(Path(words[0])))
    print("\n".join([*table(rows), *complaints(rows)]))


def replayed(folder: Path) -> Iterator[Row]:
    """Each record of a folder, judged by the present checks."""
    for path in sorted(folder.glob("*/truth.json")):
        truth = json.loads(path.read_text())
        world = WORLDS[truth["world"]]
        fault = next(fault for fault in catalogue(world) if fault.name == truth["name"])
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "memory").symlink_to((folder / "memory").resolve())
            write_owners(world, Path(place))
            for record in sorted(path.parent.glob("*-to-*.json")):
                yield _judged(world, fault, record, Path(place))


def _judged(world: World, fault: Fault, record: Path, place: Path) -> Row:
    """One record's words now."""
    pair, _, check = record.stem.partition(".")
    start, _, target = pair.partition("-to-")
    kept = json.loads(record.read_text())
    if "state_dir" in kept["plan"]:  # the memory of the recorded host
        kept["plan"]["state_dir"] = str(place / "memory" / start)
    copy = place / record.name
    copy.write_text(json.dumps(kept))
    options = [*arguments(world, start, check, place), *whom(world, target, check)]
    command = [*plugin(check), *options, "--replay", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    return row_of(world, fault, Said(start, target, check, done.returncode, done.stdout, 0.0))


if __name__ == "__main__":
    main(sys.argv[1:])
