"""What an analysis means by limits, in words: the judges and their command lines."""

import gc
import sys

from bothsides.base.compiled import install
from bothsides.base.types import TYPE_CHECKING, Callable, Iterable, Mapping, TypeVar

if TYPE_CHECKING:
    from bothsides.base.types import NoReturn
    from bothsides.inventory.rollup import Row
    from bothsides.plugin.check import AnyCheck
    from bothsides.plugin.delivery import Deliver
    from bothsides.plugin.finding import Finding
    from bothsides.plugin.parser import Namespace, Parser

AnalysisT = TypeVar("AnalysisT")
LimitsT = TypeVar("LimitsT")

# A script imports this room first. A run lives for seconds: searching for cycles among modules that
# are being imported costs it 2 ms of CPU, one part in twenty, and frees nothing. Of 13 collections
# 12 happen before plugin.main is imported, so that there it would be too late.
gc.set_threshold(100_000)
install()


def deliveries(options: "Namespace") -> "Deliver | None":
    """What --export and --submit ask for; loaded by a run that has an option about them."""
    about = options.pulse, options.submit_ttl, options.style != "bothsides"
    if not options.export and not options.submit and not any(about):
        return None
    from bothsides.check.delivery import prepared

    return prepared(options)


def run_or_watch(check: "AnyCheck", every: str = "") -> "NoReturn":
    """Runs a check as a process; with --watch at a terminal again and again.

    every: the usual time between two runs; "" where --watch has to name one.
    """
    if any(word.startswith("--watch") for word in sys.argv):
        from bothsides.plugin.watch import watch, watched

        if watched(sys.argv):
            watch(check, sys.argv, every)
    from bothsides.plugin.main import run

    run(check, prepare=deliveries)


def around(
    without: "Callable[[AnalysisT, LimitsT, frozenset[str]], Iterable[Finding]]",
    packets: "Callable[[AnalysisT], Mapping[str, Row]] | None" = None,
) -> "Callable[[Namespace, AnalysisT, LimitsT, list[Finding]], list[Finding]]":
    """What a check with `add_landscape` adds to its findings; loaded for these options alone.

    without: judges all targets but those of some names. packets: by target, for sums.
    """

    def added(
        options: "Namespace", analysis: AnalysisT, limits: LimitsT, findings: "list[Finding]"
    ) -> "list[Finding]":
        if not options.landscape and not options.maintenance:
            return findings
        from bothsides.check.landscape import surrounded

        rows = packets(analysis) if packets is not None and options.landscape else {}
        return surrounded(options, findings, lambda names: without(analysis, limits, names), rows)

    return added


def add_landscape(parser: "Parser") -> None:
    """What `check.landscape` reads; a run without these options does not load it."""
    add = parser.add_argument_group("landscape").add_argument
    words = "names, data centres, owners of networks and maintenance of the targets: a landscape,"
    add("--landscape", default="", metavar="FILE",
        help=f"{words} or known.json as bothsides generate writes it")  # fmt: skip
    add("--maintenance", default="", metavar="DIR",
        help="state directory with the flags of bothsides maintenance: these hosts do not"
        " alarm")  # fmt: skip
