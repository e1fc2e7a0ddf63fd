"""The texts of -h and --help but for the explanations of options: examples, figures, ranges."""

import os
import sys

from bothsides.plugin.check import AnyCheck
from bothsides.plugin.parser import Parser

_EXIT_CODES = "exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also usage, help, version)"


def help_of(check: AnyCheck, parser: Parser, short: bool) -> str:
    """The text of --help, or the short one of -h, for who has forgotten how an option is called."""
    if not short:
        return parser.format_help().rstrip()
    usual = {"-w": check.warning, "-c": check.critical}
    limits = " ".join(f"{letter} {limit}" for letter, limit in usual.items() if limit)
    return "\n".join(
        [
            check.summary,
            "",
            *_examples(check),
            "",
            parser.format_usage().rstrip(),
            "",
            *([f"default limits: {limits}"] if limits else ()),
            _EXIT_CODES,
            f"{check.program} --help explains each option and figure, as man {check.program} does",
        ]
    )


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
            *_examples(check),
            "",
            "performance data, in this order; each label accepts -w and -c:",
            *figures,
            "",
            *events,
            "ranges: 10 alerts outside 0 to 10, 10: below 10, ~:10 above 10, 5:10 outside,",
            "@5:10 from 5 to 10. A value equal to the limit alerts only with @. Durations:",
            "us, ms, s, m, h, d.",
            _EXIT_CODES,
            f"documentation: {_documentation()}",
        ]
    )


def _examples(check: AnyCheck) -> list[str]:
    return ["examples:", *(f"  {check.program} {example}".rstrip() for example in check.examples)]


def _documentation() -> str:
    readme = os.path.normpath(os.path.join(os.path.realpath(__file__), "../../../../README.md"))
    return "file://" + (
        readme if os.path.exists(readme) else f"{sys.prefix}/share/doc/bothsides/README.md"
    )
