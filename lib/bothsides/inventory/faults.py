"""Faults of a landscape: the place, what is wrong there, and what to write instead."""

from bothsides.base.types import Iterable, NamedTuple, Sequence
from bothsides.parse import Unreadable

_SUGGESTIONS = 40  # a search for the nearest of 1000 names takes about 5 ms


class Place(NamedTuple):
    """A line of a file."""

    file: str  # as the user wrote it
    line: int  # from 1

    def __str__(self) -> str:
        return f"{printable(self.file)}:{self.line}"


class Fault(NamedTuple):
    """One mistake in a landscape, or one doubt if `warning`."""

    place: Place
    subject: str  # the table, as [[server]] "web1"; "" for the whole file
    words: str  # what is wrong
    remedy: str  # what to do about it; "" when `words` say it
    warning: bool = False  # the landscape can be used all the same

    def __str__(self) -> str:
        joint = ", " if self.remedy.startswith("did you mean") else "; "
        parts = [str(self.place), *(["warning"] if self.warning else []), self.subject, self.words]
        return ": ".join(filter(None, parts)) + (joint + self.remedy if self.remedy else "")


class Faulty(Unreadable):
    """A landscape with faults: all of them, sorted by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


class Wrong(Unreadable):
    """A value that is wrong, found where its place in the file is not known."""

    def __init__(self, words: str, remedy: str = "") -> None:
        self.words, self.remedy = words, remedy
        super().__init__(f"{words}; {remedy}" if remedy else words)


class Faults:
    """Collects faults and warnings while a landscape is read."""

    def __init__(self) -> None:
        self.entries: list[Fault] = []
        self._suggestions = _SUGGESTIONS

    def add(self, place: Place, subject: str, words: str, remedy: str = "") -> None:
        """Adds a fault."""
        self.entries.append(Fault(place, subject, words, remedy))

    def doubt(self, place: Place, subject: str, words: str, remedy: str = "") -> None:
        """Adds a warning."""
        self.entries.append(Fault(place, subject, words, remedy, warning=True))

    def unknown(
        self, place: Place, subject: str, what: str, word: str, known: Iterable[str]
    ) -> None:
        """Adds a fault about a word that is not known, with the nearest one that is."""
        self.add(place, subject, f"unknown {what} {quoted(word)}", self._nearest(word, known))

    def _nearest(self, word: str, known: Iterable[str]) -> str:
        names = sorted(known)
        self._suggestions -= 1
        return remedy_for(word, names if self._suggestions >= 0 else names[:9])

    @property
    def errors(self) -> list[Fault]:
        """The faults that are no mere warnings."""
        return [fault for fault in self.entries if not fault.warning]

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """The warnings, sorted by file and line."""
        return tuple(sorted(fault for fault in self.entries if fault.warning))


def remedy_for(word: str, known: Sequence[str]) -> str:
    """The nearest known word as a question, or a list of the known ones."""
    if not known:
        return "none is defined"
    import difflib  # with re, 5 ms that a run without a fault saves

    near = difflib.get_close_matches(word[:100], known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {quoted(near[0])}?"
    more = ", ..." if len(known) > 8 else ""
    return f"known: {', '.join(printable(name) for name in known[:8])}{more}"


def quoted(word: object) -> str:
    """A word of the file in quotes, printable and short."""
    return f'"{printable(str(word))}"'


def printable(text: str) -> str:
    """Text in printable characters on one line, shortened in its middle."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text if len(text) <= 80 else f"{text[:40]}...{text[-36:]}"
