"""The keys of one table: known, of the right kind, none missing, and sorted by what they set."""

import pytest

from bothsides.inventory.entry import merged
from bothsides.inventory.faults import Faults, Place
from bothsides.inventory.model import Setting, Settings, Topic
from tests.inventory.mistakes import (
    ANALYSIS,
    BASE,
    CHECK,
    LAST,
    SERVER,
    TIMES,
    check_line,
    only_fault,
)
from tests.inventory.tables import table, words

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    (SERVER + 'datacentre = "x"\n', 4, 'unknown key "datacentre"', 'did you mean "datacenter"?'),
    ('[[group]]\nname = "g"\nallow_empty = true\nmach = "all"\n', 4, 'unknown key "mach"',
     'did you mean "match"?'),
    ('[[provider]]\nname = "p"\nnetwork = ["AS1"]\n', 3, 'unknown key "network"',
     'did you mean "networks"?'),
    (CHECK + 'excpet = "self"\n', 5, 'unknown key "excpet"', 'did you mean "except"?'),
    (CHECK + "source-port = 7\n", 5, 'unknown key "source-port"', "did you mean"),
    ('[[path]]\nfrom = "web"\nto = "db"\nflow = 3\n', 4, 'unknown key "flow"',
     'did you mean "flows"?'),
    ('[[https]]\nfrom = "web"\nto = "db"\nuri = "/"\n', 4, 'unknown key "uri"', "did you mean"),
    ('[[clock]]\nfrom = "web"\nto = "db"\nretry = 3\n', 4, 'unknown key "retry"',
     'did you mean "retries"?'),
    (CHECK + '[[pair]]\nfrom = "web"\nto = "db"\nreasn = "x"\n', 8, 'unknown key "reasn"',
     'did you mean "reason"?'),
    ('[[link]]\nbetween = ["isp", "isp2"]\nprivat = true\n[[provider]]\nname = "isp2"\n', 3,
     'unknown key "privat"', 'did you mean "private"?'),
    (ANALYSIS + 'min_loss = 3\ncommand = "ls"\ncool = 3\n', 7, 'unknown key "cool"',
     'did you mean "cooldown"?'),
    ('[[maintenance]]\nwhat = "web1"\nbegn = 1\n' + TIMES, 3, 'unknown key "begn"',
     'did you mean "begin"?'),
    (SERVER + 'path = { flws = 3 }\n', 4, 'path: unknown key "flws"', 'did you mean "flows"?'),
    (SERVER + 'udp = { rate = 3 }\nrate = 4\n', 5, '"rate" stands in the table and in udp',
     "take one out"),
    (SERVER + "https = 3\n", 4, "https is a table of settings", "write https = {"),
    (SERVER + 'password = "x"\n', 4, 'key "password" holds a secret', 'auth = "SECTION"'),
    (SERVER + 'snmp_community = "x"\n', 4, 'key "snmp_community" holds a secret',
     'auth = "SECTION"'),
    (SERVER + 'clock = { authpasswd = "x" }\n', 4, 'clock: key "authpasswd" holds a secret',
     'auth = "SECTION"'),
    ('[[https]]\nfrom = "web"\nto = "db"\ntoken = "x"\n', 4, 'key "token" holds a secret',
     'auth = "SECTION"'),
    ('[[server]]\nip = "192.0.2.99"\n', 1, 'the key "name" is missing', "write name ="),
    ('[[server]]\nname = "x1"\n', 1, 'the key "ip" is missing', 'write ip = "192.0.2.1"'),
    ("[[group]]\nallow_empty = true\n", 1, 'the key "name" is missing', "write name ="),
    ("[[provider]]\nnetworks = []\n", 1, 'the key "name" is missing', "write name ="),
    ('[[check]]\nto = "db"\ncheck = "udp_ping"\n', 1, 'the key "from" is missing',
     'write from = "all"'),
    ('[[check]]\nfrom = "db"\ncheck = "udp_ping"\n', 1, 'the key "to" is missing',
     'write to = "all"'),
    ('[[check]]\nfrom = "web"\nto = "db"\n', 1, 'the key "check" is missing',
     'write check = "udp_ping"'),
    ('[[path]]\nfrom = "web"\n', 1, 'the key "to" is missing', "write to ="),
    ('[[pair]]\nto = "web"\n', 1, 'the key "from" is missing', "write from ="),
    ("[[link]]\nprivate = true\n", 1, 'the key "between" is missing', "write between ="),
    (ANALYSIS + 'command = "ls"\n', 1, 'the key "min_loss" is missing', 'write min_loss = "10%"'),
    ('[[maintenance]]\nwhat = "web1"\nbegin = 2030-01-01T00:00:00Z\n', 1,
     'the key "end" is missing', "write end ="),
    ('[[escalation]]\nbetween = ["eu.de", "eu"]\n', 1, 'the key "contacts" is missing',
     "write contacts ="),
]  # fmt: skip

# what is replaced, by what, the line of the fault, what is wrong, what helps
REPLACED = [
    ("version = 1", 'versoin = 1', 2, 'unknown key "versoin"', 'did you mean "version"?'),
    ('rate = "10/s"', 'name = "x"', 4, 'unknown key "name"', ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_key_that_is_unknown_missing_or_twice_is_one_line_with_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


@pytest.mark.parametrize(("old", "new", "line", "words", "remedy"), REPLACED)
def test_a_mistake_in_a_sound_file_is_one_line(
    old: str, new: str, line: int, words: str, remedy: str
) -> None:
    assert old in BASE
    check_line(only_fault(BASE.replace(old, new)), line, words, remedy)


def setting(value: str | float) -> Setting:
    return Setting(value, None, "built in")


def test_a_value_is_canonical_and_knows_its_place_and_its_table() -> None:
    checked = table('[[server]]\nname = "a"\nip = "2001:DB8::1"\nrate = "30/m"\n')
    subject = '[[server]] "a"'
    assert checked.fields == {
        "name": Setting("a", Place("x.toml", 2), subject),
        "ip": Setting("2001:db8::1", Place("x.toml", 3), subject),
    }
    assert checked.topics == {"udp": {"rate": Setting(0.5, Place("x.toml", 4), subject)}}


def test_a_bare_setting_means_what_its_table_measures() -> None:
    flows = 'from = "a"\nto = "b"\nflows = 3\n'
    assert table("[[path]]\n" + flows).topics["path"]["flows"].value == 3
    assert table("[[pair]]\n" + flows).topics["udp"]["flows"].value == 3
    nested = table('[[pair]]\nfrom = "a"\nto = "b"\npath = { flows = 3 }\n')
    assert nested.topics["path"]["flows"].value == 3


def test_identifier_is_another_word_for_name() -> None:
    assert table('[[server]]\nidentifier = "a"\nip = "192.0.2.1"\n').text("name") == "a"


def test_a_broken_value_is_a_fault_and_is_left_out() -> None:
    faults = Faults()
    checked = table('[[server]]\nname = "a"\nip = "192.0.2"\nport = 0\n', faults)
    assert (list(checked.fields), checked.topics) == (["name"], {})
    assert [line for line, _ in words(faults)] == [3, 4]


def test_fields_are_read_by_their_type_with_a_default() -> None:
    checked = table('[[group]]\nname = "g"\ncontacts = ["noc", "boss"]\nallow_empty = true\n')
    assert (checked.text("name"), checked.text("match", "all")) == ("g", "all")
    assert (checked.texts("contacts"), checked.texts("name")) == (("noc", "boss"), ())
    assert (checked.flag("allow_empty"), checked.flag("disabled")) == (True, False)
    assert checked.place("contacts") == Place("x.toml", 3)


def test_later_layers_win_key_by_key() -> None:
    first: dict[Topic, Settings] = {
        "udp": {"rate": setting(1.0), "window": setting(10.0)},
        "path": {"flows": setting(2)},
    }
    second: dict[Topic, Settings] = {"udp": {"rate": setting(3.0)}}
    assert merged(first, second) == {
        "udp": {"rate": setting(3.0), "window": setting(10.0)},
        "path": {"flows": setting(2)},
    }
    assert merged() == {}
