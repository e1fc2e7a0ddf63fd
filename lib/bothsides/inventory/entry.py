"""One table of a landscape with its keys checked and its values in canonical form."""

from typing import cast

from bothsides.base.types import Mapping, NamedTuple
from bothsides.inventory.documents import Entry
from bothsides.inventory.faults import Faults, Place, Wrong, quoted, remedy_for
from bothsides.inventory.keys import (
    REQUIRED,
    TABLES,
    TOPIC_KEYS,
    UDP,
    Key,
    Keys,
    is_secret,
)
from bothsides.inventory.model import TOPICS, Setting, Settings, Topic
from bothsides.inventory.values import canonical

_MANY = ("defaults", "group", "server", "pair")
"""Tables whose settings are for several kinds of measurement: the bare keys mean udp."""

_OF: Mapping[str, Topic] = {
    "check": "udp",
    "path": "path",
    "https": "https",
    "clock": "clock",
    "analysis": "analysis",
}
"""The kind of measurement that a table is about."""

_NOT_SETTINGS = frozenset({"allow_empty", "name", "check", "http_url"})


class Checked(NamedTuple):
    """A table whose keys are known and whose values fit them; broken ones are left out."""

    entry: Entry
    fields: Settings  # what the table itself is about: name, ip, from, to, ...
    topics: Mapping[Topic, Settings]  # settings of the measurements

    def text(self, key: str, default: str = "") -> str:
        """A field that is a text."""
        setting = self.fields.get(key)
        return str(setting.value) if setting else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A field that is a list of texts."""
        setting = self.fields.get(key)
        return setting.value if setting and isinstance(setting.value, tuple) else ()

    def flag(self, key: str) -> bool:
        """A field that is a switch, false when not given."""
        setting = self.fields.get(key)
        return setting is not None and setting.value is True

    def place(self, *keys: str) -> Place:
        """Where a key stands, or the table."""
        return self.entry.place(*keys)


def check_entry(entry: Entry, faults: Faults) -> Checked:
    """Checks every key of a table and sorts the values into fields and settings."""
    keys = TABLES[entry.table]
    fields: dict[str, Setting] = {}
    topics: dict[Topic, dict[str, Setting]] = {}
    for name, value in entry.values.items():
        key = _known(entry, (name,), keys, faults)
        if key is None:
            continue
        if key.kind == "table":
            _table(entry, cast(Topic, name), value, topics, faults)
            continue
        setting = _setting(entry, (name,), key, value, faults)
        topic = _topic(entry.table, name)
        if setting and topic and name in topics.get(topic, ()):
            _twice(entry, (name,), topic, faults)
        elif setting and topic:
            topics.setdefault(topic, {})[name] = setting
        elif setting:
            fields["name" if name == "identifier" else name] = setting
    for name in REQUIRED.get(entry.table, ()):
        stands = name in entry.values or (name == "name" and "identifier" in entry.values)
        if not stands:
            words = f"the key {quoted(name)} is missing"
            faults.add(entry.place(), entry.subject, words, _example(keys[name], name))
    return Checked(entry, fields, topics)


def _topic(table: str, name: str) -> Topic | None:
    """The kind of measurement that a bare key of a table is a setting of; None for a field."""
    if table in _MANY:
        return "udp" if name in UDP else None
    topic = _OF.get(table)
    if topic and name in TOPIC_KEYS[topic] and name not in _NOT_SETTINGS:
        return topic
    return None


def _known(entry: Entry, path: tuple[str, ...], keys: Keys, faults: Faults) -> Key | None:
    name = path[-1]
    if name in keys:
        return keys[name]
    topic = f"{path[0]}: " if len(path) > 1 else ""
    if is_secret(name):
        words = f"{topic}key {quoted(name)} holds a secret, and a landscape has none"
        remedy = 'put it into the ini of mode 0640 and name its section by auth = "SECTION"'
    else:
        words = f"{topic}unknown key {quoted(name)}"
        remedy = remedy_for(name.replace("-", "_"), sorted(keys))
    faults.add(entry.place(*path), entry.subject, words, remedy)
    return None


def _setting(
    entry: Entry, path: tuple[str, ...], key: Key, value: object, faults: Faults
) -> Setting | None:
    place = entry.place(*path)
    try:
        return Setting(canonical(key, value), place, entry.subject)
    except Wrong as wrong:
        faults.add(place, entry.subject, f"{'.'.join(path)}: {wrong.words}", wrong.remedy)
        return None


def _table(
    entry: Entry,
    topic: Topic,
    values: object,
    topics: dict[Topic, dict[str, Setting]],
    faults: Faults,
) -> None:
    """Checks a table of settings inside a table, as udp = { rate = "10/s" }."""
    if not isinstance(values, dict):
        remedy = f"write {topic} = {{ key = value }}"
        faults.add(entry.place(topic), entry.subject, f"{topic} is a table of settings", remedy)
        return
    settings = topics.setdefault(topic, {})
    for name, value in values.items():
        key = _known(entry, (topic, name), TOPIC_KEYS[topic], faults)
        setting = _setting(entry, (topic, name), key, value, faults) if key else None
        if setting and name in settings:
            _twice(entry, (topic, name), topic, faults)
        elif setting:
            settings[name] = setting


def _twice(entry: Entry, path: tuple[str, ...], topic: Topic, faults: Faults) -> None:
    words = f"{quoted(path[-1])} stands in the table and in {topic} = {{...}}"
    faults.add(entry.place(*path), entry.subject, words, "take one out")


def _example(key: Key, name: str) -> str:
    examples = {"address": '"192.0.2.1"', "expression": '"all"', "moment": "2026-01-31T22:00:00Z"}
    examples |= {"loss": '"10%"', "word": f'"{key.words[0] if key.words else ""}"', "name": '"..."'}
    return f"write {name} = {examples.get(key.kind, '...')}"


def merged(*layers: Mapping[Topic, Settings]) -> dict[Topic, Settings]:
    """Settings of several layers in one: later layers win, key by key."""
    result: dict[Topic, Settings] = {}
    for topic in TOPICS:
        stacked = [layer[topic] for layer in layers if layer.get(topic)]
        if len(stacked) == 1:
            result[topic] = stacked[0]
        elif stacked:
            result[topic] = {key: value for layer in stacked for key, value in layer.items()}
    return result
