"""Commands measured in turns, so that a busy machine disturbs all of them alike."""

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

BARE = "python3 -I -c pass"


class Cost(NamedTuple):
    """What one run took: CPU (user and system, children included) and wall clock in seconds, peak
    memory in octets.
    """

    cpu: float
    wall: float
    peak: int
    code: int


class Rival(NamedTuple):
    """One command line under a name; `codes` are the exit codes that count as having worked."""

    name: str
    command: tuple[str, ...]
    codes: tuple[int, ...] = (0,)
    environment: Mapping[str, str] | None = None


def bare() -> Rival:
    """What every Python program pays before its first line."""
    return Rival(BARE, (sys.executable, "-I", "-c", "pass"))


def plugin(name: str, *arguments: str, codes: tuple[int, ...] = (0,), title: str = "") -> Rival:
    """One of ours, by this very Python."""
    path = os.path.join(os.path.dirname(__file__), "..", "..", "plugins", name)
    return Rival(title or name, (sys.executable, os.path.realpath(path), *arguments), codes)


# Run by a Python of its own, because the kernel counts the memory of whoever starts a program as
# that program's.
_STARTER = """
import os, sys, time
null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
began = time.monotonic()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=null)
_, status, used = os.wait4(child, 0)
wall = time.monotonic() - began
print(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, os.waitstatus_to_exitcode(status))
"""


def cost(rival: Rival) -> Cost:
    """Runs it once with its output thrown away."""
    environment = dict(os.environ if rival.environment is None else rival.environment)
    starter = [sys.executable, "-I", "-S", "-c", _STARTER, *rival.command]
    done = subprocess.run(starter, capture_output=True, text=True, env=environment, check=True)
    cpu, wall, peak, code = done.stdout.split()
    if int(code) not in rival.codes:
        raise RuntimeError(f"{rival.name} left with {code}: {' '.join(rival.command)}")
    return Cost(float(cpu), float(wall), int(peak), int(code))


def measured(rivals: Sequence[Rival], rounds: int = 15) -> dict[str, list[Cost]]:
    """Each of them once per round, after one round that only warms the caches."""
    for rival in rivals:
        cost(rival)
    costs: dict[str, list[Cost]] = {rival.name: [] for rival in rivals}
    for number in range(rounds):
        turn = number % len(rivals)
        for rival in (*rivals[turn:], *rivals[:turn]):
            costs[rival.name].append(cost(rival))
    return costs


def ratio(costs: Mapping[str, Sequence[Cost]], one: str, other: str) -> float:
    """How many times the CPU of the other one takes: the median of the rounds' own ratios."""
    pairs = zip(costs[one], costs[other], strict=True)
    return statistics.median(mine.cpu / max(theirs.cpu, 1e-6) for mine, theirs in pairs)


def show(title: str, costs: Mapping[str, Sequence[Cost]], base: str) -> None:
    """The medians as a table, with the CPU as a multiple of the base's."""
    print(f"\n{title}")
    width = max(len(name) for name in costs)
    print(f"  {'':<{width}}  {'CPU ms':>8} {'wall ms':>9} {'peak MB':>8}  CPU / {base}")
    for name, runs in costs.items():
        cpu, wall = (1000 * statistics.median(run[field] for run in runs) for field in (0, 1))
        peak = statistics.median(run.peak for run in runs) / 1e6
        print(
            f"  {name:<{width}}  {cpu:8.1f} {wall:9.1f} {peak:8.1f}  {ratio(costs, name, base):.2f}"
        )


def target(words: str, value: float, most: float, unit: str = "") -> bool:
    """Prints what was promised beside what was measured; whether it was kept."""
    kept = value <= most
    print(f"  {'kept' if kept else 'MISSED'}: {words}: {value:.2f}{unit}, at most {most:.3g}{unit}")
    return kept
