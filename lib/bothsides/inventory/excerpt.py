"""What a check needs of the landscape: names, data centres, owners of networks, maintenance.

`bothsides generate` writes it as a file of JSON for every host, because a check that is run every
minute has no time to read the landscape itself:

    {"form": 1, "host": "web1", "hosts": {"db1": ["eu.fra", "192.0.2.2"]},
     "owners": ["192.0.2.0/24 = us, us"],
     "maintenance": [{"hosts": ["db1"], "begin": 1769896800, "end": 1769900400,
                      "owner": "landscape.toml:41", "reason": "new switch"}]}
"""

import json

from bothsides.base.types import Mapping, NamedTuple, Sequence
from bothsides.parse import Unreadable

FORM = 1
"""The form of the file; a check refuses another one."""


class Window(NamedTuple):
    """A maintenance that was planned."""

    hosts: frozenset[str]  # names
    begin: float  # s since 1970
    end: float  # s since 1970
    owner: str  # the file and line of the [[maintenance]]
    reason: str


class Excerpt(NamedTuple):
    """What a check on one host needs of the landscape."""

    host: str  # name of the host that checks; "" when it is not in the landscape
    names: Mapping[str, str]  # a host's name, by each of its addresses
    places: Mapping[str, str]  # a host's data centre, by its name; "" when not given
    owners: str  # lines of the owner map of check_mtr_path
    windows: tuple[Window, ...]

    @property
    def addresses(self) -> dict[str, str]:
        """The first address of every host, by its name."""
        by_name: dict[str, str] = {}
        for address, name in self.names.items():
            by_name.setdefault(name, address)
        return by_name

    def name_of(self, *words: str) -> str:
        """The name of the host that an address or a name stands for; "" when none does."""
        for word in words:
            if word in self.places:
                return word
            if word in self.names:
                return self.names[word]
        return ""


def to_hosts(addresses: Mapping[str, Sequence[str]], places: Mapping[str, str]) -> str:
    """The hosts as JSON; computed once, since the file of every host has the same ones."""
    rows = {name: [places[name], *addresses[name]] for name in sorted(addresses)}
    return json.dumps(rows, separators=(",", ":")).replace("],", "],\n")


def to_json(host: str, hosts: str, owners: str, windows: Sequence[Window]) -> str:
    """The file of one host; hosts: as `to_hosts` made them."""
    head = json.dumps({"form": FORM, "host": host})[:-1]
    planned = [
        {
            "hosts": sorted(each.hosts),
            "begin": each.begin,
            "end": each.end,
            "owner": each.owner,
            "reason": each.reason,
        }
        for each in windows
    ]
    tail = json.dumps({"owners": owners.splitlines(), "maintenance": planned})[1:]
    return f'{head},\n"hosts": {hosts},\n{tail}\n'


def from_json(text: str) -> Excerpt:
    """The excerpt of a file. Raises Unreadable for what is none."""
    try:
        data = _table(json.loads(text))
        if data["form"] != FORM:
            raise Unreadable(f"form {str(data['form'])[:20]!r} is of another version of bothsides")
        return _excerpt(data)
    except Unreadable:
        raise
    except (LookupError, TypeError, ValueError, RecursionError, OverflowError):
        words = "neither a landscape nor an excerpt of one; run bothsides generate"
        raise Unreadable(words) from None


def _excerpt(data: Mapping[str, object]) -> Excerpt:
    names: dict[str, str] = {}
    places: dict[str, str] = {}
    for name, row in _table(data["hosts"]).items():
        place, *addresses = map(_text, _list(row))
        places[name] = place
        names.update(dict.fromkeys(addresses, name))
    return Excerpt(
        host=_text(data["host"]),
        names=names,
        places=places,
        owners="".join(f"{_text(line)}\n" for line in _list(data["owners"])),
        windows=tuple(_window(_table(each)) for each in _list(data["maintenance"])),
    )


def _window(data: Mapping[str, object]) -> Window:
    return Window(
        hosts=frozenset(map(_text, _list(data["hosts"]))),
        begin=_moment(data["begin"]),
        end=_moment(data["end"]),
        owner=_text(data["owner"]),
        reason=_text(data["reason"]),
    )


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not a table")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not (value.isprintable() or not value):
        raise ValueError("not a text of one line")
    return value


def _moment(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise ValueError("not a time")
    return float(value)
