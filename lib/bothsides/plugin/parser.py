"""argparse with the manners of the Monitoring Plugins guidelines."""

from bothsides.base.errors import Misuse
from bothsides.base.partial_import import standing_in
from bothsides.base.types import Any, Callable, Iterable, NoReturn
from bothsides.parse import Unreadable

# argparse translates its messages where the system can: half a sentence in another language, and
# 2 ms of CPU for looking. Ours are in one language.
with standing_in(
    "gettext", gettext=str, ngettext=lambda one, many, number: one if number == 1 else many
):
    import argparse
argparse._ = str  # type: ignore[attr-defined]  # where argparse was loaded before

Namespace = argparse.Namespace
SUPPRESS = argparse.SUPPRESS  # as `help`: an option that --help does not show


class Parser(argparse.ArgumentParser):
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
        raise Misuse(message.replace(start, f"missing {kind} "))

    def names(self) -> tuple[str, ...]:
        """Every spelling of every option."""
        return tuple(self._option_string_actions)

    def takes_value(self, name: str) -> bool:
        """Whether the option is followed by a value."""
        action = self._option_string_actions.get(name)
        return action is not None and action.nargs not in (0, "?")

    def value_if_bare(self, name: str) -> str | None:
        """What an option means without its value, when the value is optional."""
        action = self._option_string_actions.get(name)
        return str(action.const) if action is not None and action.nargs == "?" else None


def valued(parse: Callable[..., Any], *extra: Any) -> Callable[[str], Any]:
    """A parser of ours as argparse's `type`: its Unreadable becomes the error message."""

    def convert(text: str) -> Any:
        try:
            return parse(text, *extra)
        except Unreadable as fault:
            raise argparse.ArgumentTypeError(str(fault)) from None

    return convert


def nearest(kind: str, word: str, names: Iterable[str]) -> str:
    import difflib

    bare = word.split("=")[0]
    close = difflib.get_close_matches(bare, list(names), 1, 0.5)
    return f"unknown {kind} {bare[:60]}" + (f", did you mean {close[0]}?" if close else "")
