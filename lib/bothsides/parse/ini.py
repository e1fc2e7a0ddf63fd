"""The ini files of --extra-opts: sections of option = value, in the order in which they stand.

[check_snmp_clock]      a line that starts with # or ; is a comment
community = "public"    quotes around a value are dropped
warning = 5
v                       a key without a value is a switch; one letter means -v
warning = rtt=1s        a key may stand twice: both count
"""

from bothsides.base.types import NamedTuple
from bothsides.parse import Unreadable


class Entry(NamedTuple):
    """One key of a section."""

    key: str  # the option's name without dashes; one character is a short option
    value: str | None  # None: a switch
    line: int  # counted from 1

    def argument(self) -> str:
        """The entry as it would stand on the command line."""
        if len(self.key) == 1:
            return f"-{self.key}{self.value or ''}"
        return f"--{self.key}" if self.value is None else f"--{self.key}={self.value}"


def from_ini(text: str) -> dict[str, tuple[Entry, ...]]:
    """Entries by section; Unreadable names the line that is neither section, entry nor comment."""
    sections: dict[str, list[Entry]] = {}
    current: list[Entry] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare[0] in "#;":
            continue
        if bare.startswith("["):
            if not bare.endswith("]") or not bare[1:-1].strip():
                raise Unreadable(f"line {number}: a section is written as [name]")
            current = sections.setdefault(bare[1:-1].strip(), [])
        elif current is None:
            raise Unreadable(f"line {number}: stands before the first [section]")
        else:
            current.append(_entry(bare, number))
    return {name: tuple(entries) for name, entries in sections.items()}


def _entry(line: str, number: int) -> Entry:
    key, separator, value = (part.strip() for part in line.partition("="))
    if not key or key.startswith("-") or any(c.isspace() for c in key):
        raise Unreadable(f"line {number}: expected option = value, without dashes")
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return Entry(key, value if separator else None, number)
