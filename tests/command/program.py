"""The program bothsides as a process, and its subcommands as functions."""

from collections.abc import Callable
from pathlib import Path

from bothsides.plugin.parser import Namespace, Parser
from tests.support import forked
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
    done = forked.run("bothsides", *map(str, words), environment=environment)
    assert done.error == ""
    return done.code, done.text
