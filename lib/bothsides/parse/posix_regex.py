"""POSIX extended regular expressions, as check_http takes them, in Python's own.

Source: POSIX.1-2017 XBD section 9.4 and regex(7); glibc's `\\<` and `\\>`. What Python understands
beyond that (`\\d`, `(?i)`, a lone `{`) keeps its meaning: POSIX has none or a useless one for it.
"""

import re
import warnings

from bothsides.parse import Unreadable

_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
    "print": " -~",
    "graph": "!-~",
    "cntrl": r"\x00-\x1f\x7f",
}
_WORD_ENDS = {r"\<": r"\b(?=\w)", r"\>": r"\b(?<=\w)"}
_SET = r"\[(?P<not>\^?)(?P<first>\]?)(?P<rest>(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]"
_TOKEN = rf"\\.|{_SET}|[$()]"


def from_posix(text: str, flags: int) -> re.Pattern[str]:
    """The compiled expression; Unreadable when it is none.

    flags: re.MULTILINE for POSIX's REG_NEWLINE, where neither a dot nor [^x] matches a line break;
    re.DOTALL where they do, and ^ and $ are the ends of the whole text alone.
    """
    depth = 0

    def turned(match: re.Match[str]) -> str:
        nonlocal depth
        token = match[0]
        if token == "$":  # Python's also stands before a last line break
            return r"\Z" if flags & re.DOTALL else "$"
        if token in ("(", ")"):
            depth += 1 if token == "(" else -1
            if depth >= 0:
                return token
            depth = 0
            return r"\)"  # without its beginning it is itself
        if token.startswith("\\"):
            return _WORD_ENDS.get(token, token)
        return _set(match, r"\n" if match["not"] and flags & re.MULTILINE else "")

    try:
        with warnings.catch_warnings():  # of meanings that a later Python might give to [[ and --
            warnings.simplefilter("ignore")
            return re.compile(re.sub(_TOKEN, turned, text, flags=re.DOTALL), flags)
    except (re.error, RecursionError, OverflowError) as fault:
        raise Unreadable(f"{text[:40]!r} is not a regular expression: {fault}") from None


def _set(match: re.Match[str], more: str) -> str:
    """A bracket expression with its classes spelt out."""
    rest = re.sub(r"\[:([a-z]+):\]", lambda known: _CLASSES.get(known[1], known[0]), match["rest"])
    return f"[{match['not']}{more}{match['first'] and chr(92) + ']'}{rest}]"
