"""argparse with the manners of the Monitoring Plugins guidelines."""

from bothsides.base.errors import Misuse
from bothsides.base.partial_import import standing_in
from bothsides.base.types import Any, Callable, Mapping, NoReturn, Sequence

# argparse translates its messages where the system can: half a sentence in another language, and
# 2 ms of CPU for looking. Ours are in one language.
with standing_in(
    "gettext", gettext=str, ngettext=lambda one, many, number: one if number == 1 else many
):
    import argparse
argparse._ = str  # type: ignore[attr-defined]  # where argparse was loaded before

Action = argparse.Action
Refused = argparse.ArgumentTypeError  # what a `type` raises, so that argparse shows its words


class ArgparseParser(argparse.ArgumentParser):
    """argparse without abbreviations, whose every error is a Misuse."""

    def __init__(self, program: str, summary: str, epilog: str) -> None:
        super().__init__(
            prog=program,
            description=summary,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
                prog, max_help_position=28, width=79
            ),
        )

    def error(self, message: str) -> NoReturn:
        start = "the following arguments are required: "
        kind = "option" if message.startswith(f"{start}-") else "argument"
        plain = message.replace(start, f"missing {kind} ")
        raise Misuse(plain.replace("expected one argument", "a value is missing"))

    def _get_values(
        self, action: argparse.Action, arg_strings: list[str]
    ) -> Any:  # Any: as argparse
        """`--option=--` gives the text `--`; argparse alone makes an empty list of it."""
        if arg_strings == ["--"] and action.option_strings and action.nargs in (None, "?"):
            value = self._get_value(action, "--")
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)


def own(settings: Mapping[str, Any]) -> dict[str, Any]:  # Any: of argparse's own types
    """The settings of an option with argparse's own SUPPRESS, which it knows by identity."""
    same = argparse.SUPPRESS
    return {name: same if value == same else value for name, value in settings.items()}


def apart(bare: Callable[[str], str | None], argv: Sequence[str], word: str) -> str:
    """What to say of an optional value that is not glued to its option; "" of any other word.

    bare: what an option means without its value; None where the value is not optional.
    """
    for place in range(1, len(argv)):
        before = argv[place - 1]
        if argv[place] == word and bare(before) is not None:
            glued = f"{before}={word}" if before.startswith("--") else f"{before}{word}"
            return f"unknown argument {word[:60]}, did you mean {glued[:80]}?"
    return ""
