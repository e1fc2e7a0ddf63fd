"""README's outputs: `python -m tests.support.readme` writes anew what the checks print today.

A block is announced by a comment that names the record it is taken from, and for a check with a memory
the record that was the usual thing before: <!-- check_mtr_path-rerouted after check_mtr_path-stable -->
"""

import re
import shlex
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bothsides.declaration import Check
from bothsides.options import limits_of, understood
from bothsides.record import from_record
from tests.support.process import HOUSE, run

README = HOUSE / "README.md"
RECORDS = HOUSE / "tests/data/records"
_BLOCK = re.compile(
    r"<!-- (?P<record>[\w-]+)(?: after (?P<before>[\w-]+))? -->\n```console\n\$ (?P<command>.*)\n(?P<output>(?s:.*?))```"
)
# Options that say whom and how to ask: a replay knows that from its record.
_ASKING = ("-H", "-I", "-p", "-u", "--ca-cert", "--extra-opts", "--state-dir")
_FIGURES = 2  # of the perfdata are shown


def rewritten(text: str) -> str:
    """The text with every output as the checks print it now."""
    return _BLOCK.sub(_block, text)


def commands(text: str) -> list[str]:
    """The command lines of all outputs."""
    return [found["command"] for found in _BLOCK.finditer(text)]


def _block(found: re.Match[str]) -> str:
    check, *words = shlex.split(found["command"])
    with tempfile.TemporaryDirectory() as memory:
        past = ["--state-dir", memory] if found["before"] else []
        if found["before"]:
            learn(check, RECORDS / f"{found['before']}.json", memory)
        output = run(check, "--replay", str(RECORDS / f"{found['record']}.json"), *judging(words), *past).text
    head = found[0][: found.start("output") - found.start()]
    return head + "\n".join(_shortened(line) for line in output.split("\n")) + "```"


def _shortened(line: str) -> str:
    words, bar, figures = line.partition(" | ")
    kept = figures.split(" ")
    return f"{words} | {' '.join(kept[:_FIGURES])} ..." if bar and len(kept) > _FIGURES else line


def judging(words: Sequence[str]) -> list[str]:
    """The command line without what says whom to ask."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _ASKING:
            next(rest)
        elif not word.startswith(tuple(f"{name}=" for name in _ASKING)):
            kept.append(word)
    return kept


def learn(name: str, record: Path, memory: str) -> None:
    """Lets the check's memory learn from one record as if it had been measured every five minutes for an hour."""
    check: Check = import_module(f"bothsides.check.{name.removeprefix('check_')}").CHECK
    plan, measured = from_record(record.read_text(), name, check.plan_type, check.run_type)
    options = understood(check, ["--state", "rw", "--state-dir", memory])
    limits = check.limits(options, limits_of(check, options))
    assert check.recall is not None
    assert check.keep is not None
    for number in range(12, 0, -1):
        earlier = measured._replace(at=measured.at - 300 * number)
        past = check.recall(options, plan, earlier)
        findings = list(check.judge(earlier, limits, past))
        list(check.keep(options, plan, earlier, past, findings))


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text()))
