"""The program bothsides as a process, and its subcommands as functions."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bothsides.plugin.parser import Namespace, Parser
from tests.support.process import HOUSE

SCRIPT = HOUSE / "plugins" / "bothsides"
LANDSCAPES = HOUSE / "tests" / "data" / "landscapes"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def parsed(options: Callable[[Parser], None], *words: str | Path) -> Namespace:
    """What a subcommand with these options reads from a command line."""
    parser = Parser("bothsides", "", "")
    options(parser)
    return parser.parse_args([str(word) for word in words])


def run(*words: str | Path, environment: dict[str, str] = ENVIRONMENT) -> tuple[int, str]:
    """Exit code and stdout; nothing is ever on stderr."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *words],
        capture_output=True,
        env=environment,
        cwd="/",
        timeout=60,
        check=False,
    )
    assert done.stderr == b"", done.stderr.decode()
    return done.returncode, done.stdout.decode()
