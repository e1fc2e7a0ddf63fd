"""The part of --help that no option explains: examples, performance data, ranges, exit codes."""

import os
import sys

from bothsides.plugin.check import AnyCheck


def help_epilog(check: AnyCheck) -> str:
    """Text behind the options; figures come in the order of the performance data."""
    width = max(len(figure.label) for figure in check.figures) + 2
    figures = [
        f"  {figure.label:<{width}}{figure.uom or '-':<3}{figure.words}" for figure in check.figures
    ]
    events = [f"  {name:<{width}}{words}" for name, words in check.events.items()]
    if events:
        events = ["events, which -w and -c accept too; none is no event:", *events, ""]
    return "\n".join(
        [
            "examples:",
            *(f"  {check.program} {example}" for example in check.examples),
            "",
            "performance data, in this order; each label accepts -w and -c:",
            *figures,
            "",
            *events,
            "ranges: 10 alerts outside 0 to 10, 10: below 10, ~:10 above 10, 5:10 outside,",
            "@5:10 inside; a value equal to the limit does not alert. Durations: ms, us, s.",
            "exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also usage, help, version)",
            f"documentation: {_documentation()}",
        ]
    )


def _documentation() -> str:
    readme = os.path.normpath(os.path.join(os.path.realpath(__file__), "../../../../README.md"))
    return "file://" + (
        readme if os.path.exists(readme) else f"{sys.prefix}/share/doc/bothsides/README.md"
    )
