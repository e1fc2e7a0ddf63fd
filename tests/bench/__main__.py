"""Runs every bench_*.py of this folder.

`make bench`, or `python -m tests.bench udp_loss` for one.
"""

import compileall
import importlib
import sys
from pathlib import Path

from tests.support.process import HOUSE


def main(names: list[str]) -> None:
    """Those that were named, or all of them."""
    compileall.compile_dir(
        HOUSE / "lib", quiet=1
    )  # as pip does; else each run would pay for it where bytecode is not kept
    known = sorted(
        path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
    )
    for name in names or known:
        importlib.import_module(f"tests.bench.bench_{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
