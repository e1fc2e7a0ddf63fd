"""Line numbers of keys in TOML, which tomllib does not give.

Reads text that tomllib has accepted already, so it follows the structure and checks nothing.
"""

import re
from bisect import bisect_right

from bothsides.base.types import Mapping

Path = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and indices in arrays, counted from 0."""

_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LETTERS = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def key_lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table, key and array element of a valid TOML document."""
    scanner = _Scanner(text)
    scanner.document()
    ends = [match.start() for match in re.finditer("\n", text)]
    return {path: bisect_right(ends, at - 1) + 1 for path, at in scanner.places.items()}


class _Scanner:
    """Walks through a document and notes where everything begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0  # characters from the beginning
        self.places: dict[Path, int] = {}
        self._last: dict[Path, int] = {}  # index of the last [[table]] of each name

    def document(self) -> None:
        """Notes the place of everything in the document."""
        table: Path = ()
        while self._gap():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _gap(self) -> bool:
        """Passes over white space and comments; whether there is more."""
        match = _GAP.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at < len(self.text)

    def _skip(self, character: str) -> bool:
        self._gap()
        if self.text.startswith(character, self.at):
            self.at += len(character)
            return True
        return False

    def _header(self) -> Path:
        start = self.at
        repeated = self.text.startswith("[[", self.at)
        self.at += 2 if repeated else 1
        path: Path = ()
        names = self._key()
        for place, name in enumerate(names):
            path += (name,)
            if repeated and place == len(names) - 1:
                self._last[path] = self._last.get(path, -1) + 1
            self.places.setdefault(path, start)
            if path in self._last:
                path += (self._last[path],)
        self.places[path] = start
        self._skip("]]" if repeated else "]")
        return path

    def _assignment(self, table: Path) -> None:
        self._gap()
        start, path = self.at, table
        for name in self._key():
            path += (name,)
            self.places.setdefault(path, start)
        self._skip("=")
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._gap()
            match = _BARE_KEY.match(self.text, self.at)
            quotes = None if match else _STRING.match(self.text, self.at)
            if match:
                names.append(match[0])
            elif quotes:
                names.append(_unquoted(quotes[0]))
            match = match or quotes
            self.at = match.end() if match else self.at + 1
            if not self._skip("."):
                return names

    def _value(self, path: Path) -> None:
        self._gap()
        self.places.setdefault(path, self.at)
        if self._skip("["):
            index = 0
            while not self._skip("]") and self.at < len(self.text):
                self._value((*path, index))
                self._skip(",")
                index += 1
        elif self._skip("{"):
            while not self._skip("}") and self.at < len(self.text):
                self._assignment(path)
                self._skip(",")
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            self.at = match.end() if match else self.at + 1


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] == "'" else _ESCAPE.sub(_character, text[1:-1])


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _LETTERS.get(match[3], match[3])
