"""README's outputs: `python -m tests.support.readme` writes anew what the checks print today.

A block is announced by a comment that names the record it is taken from, and for a check with a
memory the record that was normal before:
<!-- check_mtr_path-rerouted after check_mtr_path-stable -->
What mtr_history prints comes from such a memory too: <!-- mtr_history after A B C -->. The files
that commands name are those of tests/data/outage.
"""

import contextlib
import re
import shlex
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bothsides.base.record import from_record
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import targets_of
from tests.support.process import HOUSE, run

README = HOUSE / "README.md"
RECORDS = HOUSE / "tests/data/records"
FILES = HOUSE / "tests/data/outage"
_BLOCK = re.compile(
    r"<!-- (?P<record>[\w-]+)(?: after (?P<before>[\w -]+))? -->\n"
    r"```console\n\$ (?P<command>.*)\n(?P<output>(?s:.*?))```"
)
# Options that say whom and how to ask: a replay knows that from its record.
_ASKING = ("-H", "-I", "-p", "-u", "--ca-cert", "--extra-opts", "--state-dir")
_FIGURES = 2  # of the perfdata are shown


def rewritten(text: str) -> str:
    """The text with every output as the checks print it now."""
    return _BLOCK.sub(_block, text)


def commands(text: str) -> list[str]:
    """The command lines of all outputs, without what shortens them."""
    return [found["command"].partition(" | ")[0] for found in _BLOCK.finditer(text)]


def _block(found: re.Match[str]) -> str:
    command, _, cut = found["command"].partition(" | ")
    path, *words = shlex.split(command)
    program = path.rpartition("/")[2]
    with tempfile.TemporaryDirectory() as memory:
        past = ["--state-dir", memory] if found["before"] else []
        if found["record"] == "mtr_history":
            _remember(found["before"].split(), memory)
            replayed = words
        else:
            replayed = ["--replay", str(RECORDS / f"{found['record']}.json"), *judging(words)]
            if found["before"]:
                learn(program, RECORDS / f"{found['before']}.json", memory)
        output = run(program, *replayed, *past, cwd=str(FILES)).text
    lines = output.split("\n")
    if cut:  # head -n 4, tail -n 1
        end, _, number = cut.split()
        kept = lines[: int(number)] if end == "head" else lines[-1 - int(number) : -1]
        lines = [*kept, ""]
    front = found[0][: found.start("output") - found.start()]
    return front + "\n".join(_shortened(line) for line in lines) + "```"


def _remember(records: Sequence[str], memory: str) -> None:
    """A memory in which the first record was the usual thing, and all of them happened in turn."""
    owners = ("--map", "networks.map", "--exchanges", "exchanges.txt", "--as-file", "ip2asn.tsv")
    usual, *_ = records
    learn("check_mtr_path", RECORDS / f"{usual}.json", memory, owners)
    for name in records:
        learn("check_mtr_path", RECORDS / f"{name}.json", memory, owners, (0,))


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


def learn(
    name: str,
    record: Path,
    memory: str,
    words: Sequence[str] = (),
    earlier: Sequence[int] = range(3600, 0, -300),
) -> None:
    """Lets the check's memory learn from a record as if measured so many seconds `earlier`."""
    module = import_module(f"bothsides.check.{name.removeprefix('check_')}.check")
    check: AnyCheck = module.CHECK
    plan, measured = from_record(record.read_text(), name, check.plan_type, check.run_type)
    assert check.keep is not None
    with contextlib.chdir(FILES):
        options = understood(check, ["--state", "rw", "--state-dir", memory, *words])
        limits = check.limits(options, limits_of(check, options))
        for seconds in earlier:
            then = measured._replace(at=measured.at - seconds)
            analysis = check.analyse(plan, then, check.recall(options, plan))
            findings = list(check.judge(analysis, limits))
            list(check.keep(analysis, targets_of(then.subject, findings)))


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text()))
