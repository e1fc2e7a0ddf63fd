"""Manual pages: a plain text with few marks becomes the language of man(7).

NAME OF A SECTION           capitals at the margin
Name of a part:             a line that ends with a colon and stands alone
Text in `bold`, in *italics*, and on as many lines as it needs.

    an example, kept as it is (four spaces)

= a term
what it means
"""

from bothsides.base.types import Iterator, NamedTuple, Sequence


class Page(NamedTuple):
    """One manual page."""

    name: str  # check_https
    section: int  # 1 programs, 5 files, 8 daemons
    summary: str  # one line
    text: str  # the rest, with the marks of this module
    version: str

    @property
    def path(self) -> str:
        """Its place below a folder of manuals."""
        return f"man{self.section}/{self.name}.{self.section}"


def to_roff(page: Page) -> str:
    """The page in the language of man(7)."""
    head = [
        f'.TH {page.name.upper()} {page.section} "" "bothsides {page.version}" "bothsides"',
        ".nr HY 0",
        ".nh",
        ".ad l",
        ".SH NAME",
        f"{_escaped(page.name)} \\- {_inline(page.summary)}",
    ]
    return "\n".join([*head, *_body(page.text.split("\n"))]) + "\n"


def _body(lines: Sequence[str]) -> Iterator[str]:
    example = False  # within an example
    fresh = True  # whether the text begins a paragraph
    for number, line in enumerate(lines):
        if line.startswith("    "):
            yield from () if example else (".PP", ".RS 4", ".EX")
            example = True
            yield _escaped(line[4:])
        elif not line:
            if example and _goes_on(lines[number:]):
                yield ""
            fresh = True
        else:
            yield from (".EE", ".RE") if example else ()
            yield from _text(line, fresh)
            example = fresh = False
    yield from (".EE", ".RE") if example else ()


def _text(line: str, fresh: bool) -> Iterator[str]:
    """A line that is no example; fresh: nothing of its paragraph stands above it."""
    if fresh and line == line.upper() and line[0].isalpha():
        yield f".SH {_escaped(line)}"
    elif line.startswith("== "):
        yield f'.SS "{_escaped(line[3:])}"'
    elif line.startswith("= "):
        yield ".TP"
        yield _inline(line[2:])
    else:
        yield from (".PP",) if fresh else ()
        yield _inline(line)


def _goes_on(lines: Sequence[str]) -> bool:
    """Whether the example goes on behind these empty lines."""
    return next((line for line in lines if line), "").startswith("    ")


def _inline(text: str) -> str:
    """A line of text with words in `bold`."""
    parts = text.split("`")
    made = [
        f"\\fB{_hyphens(_backslashes(part))}\\fR" if number % 2 else _backslashes(part)
        for number, part in enumerate(parts)
    ]
    return _guarded("".join(made))


def _escaped(text: str) -> str:
    return _guarded(_hyphens(_backslashes(text)))


def _backslashes(text: str) -> str:
    return text.replace("\\", "\\e")


def _hyphens(text: str) -> str:
    """A minus that can be copied to a command line."""
    return text.replace("-", "\\-")


def _guarded(text: str) -> str:
    """A line that begins with a mark of roff's own begins with nothing before it."""
    return f"\\&{text}" if text[:1] in (".", "'") else text
