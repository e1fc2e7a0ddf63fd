"""Runs every bench_*.py of this folder: `make bench`, or `python -m tests.bench udp_loss` for one."""

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    """Those that were named, or all of them."""
    known = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    for name in names or known:
        importlib.import_module(f"tests.bench.bench_{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
