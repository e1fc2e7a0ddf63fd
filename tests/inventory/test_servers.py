"""Servers and groups: what they inherit, who belongs to a group, and names that clash."""

import pytest

from bothsides.inventory.faults import Faults, Place
from bothsides.inventory.servers import People, layer, people, virtual_monitor
from tests.inventory.mistakes import BASE, LAST, SERVER, check_line, only_fault
from tests.inventory.tables import table, tables, words

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    (SERVER + 'identifier = "x2"\n', 4, "name and identifier mean the same", "take one out"),
    (SERVER + 'groups = ["wbe"]\n', 4, 'unknown group "wbe"', 'did you mean "web"?'),
    (SERVER + 'groups = ["web", "web"]\n', 4, 'the group "web" stands twice', "take one out"),
    (SERVER + 'provider = "ips"\n', 4, 'unknown provider "ips"', 'did you mean "isp"?'),
    ('[[server]]\nname = "web1"\nip = "192.0.2.99"\n', 2, "a second server of this name",
     "rename one"),
    ('[[group]]\nname = "web"\n', 2, "a second group of this name", "rename one"),
    ('[[group]]\nname = "db1"\nmatch = "all"\n', 2, "a server has this name too", "rename one"),
    ('[[server]]\nname = "x1"\nip = "192.0.2.1"\n', 3, 'the address 192.0.2.1 belongs to "web1"',
     "network"),
    ('[[server]]\nname = "x1"\nip = "192.0.2.99"\nips = ["192.0.2.12"]\n', 4, 'belongs to "db2"',
     "network"),
    (SERVER + '[[server]]\nname = "x_1"\nip = "192.0.2.98"\n[[server]]\nname = "x.1"\n'
    'ip = "192.0.2.97"\n', 7, "SmokePing writes this name like", "rename one"),
    ('[[group]]\nname = "empty"\n', 1, "a group without members", "allow_empty = true"),
    ('[[group]]\nname = "a"\nmatch = "b"\nallow_empty = true\n[[group]]\nname = "b"\n'
    'match = "web1 | a"\n', 7, "groups refer to each other: a -> b -> a", "take one match out"),
    ('[[group]]\nname = "a"\nmatch = "self"\n', 3, '"self" has no meaning in a group',
     "name a role"),
    ('[[group]]\nname = "a"\nmatch = "web2"\n', 3, 'unknown host or group "web2"', "did you mean"),
]  # fmt: skip

# what is replaced, by what, the line of the fault, what is wrong, what helps
REPLACED = [
    ('rate = "10/s"', 'provider = "ips"', 4, 'unknown provider "ips"', 'did you mean "isp"?'),
    ('match = "role:db"', 'match = "role:dbs"', 7, "a group without members", "give it a match"),
    ('match = "role:db"', 'match = "role:db &"', 9, "something missing at the end", "name a host"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_host_or_group_that_cannot_be_told_apart_is_one_line_with_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


@pytest.mark.parametrize(("old", "new", "line", "words", "remedy"), REPLACED)
def test_a_mistake_in_a_sound_file_is_one_line(
    old: str, new: str, line: int, words: str, remedy: str
) -> None:
    assert old in BASE
    check_line(only_fault(BASE.replace(old, new)), line, words, remedy)


def made(text: str, faults: Faults | None = None, providers: tuple[str, ...] = ()) -> People:
    """The servers and groups of a text."""
    faults = Faults() if faults is None else faults
    checked = tables(text, faults)
    by_name = {
        name: [each for each in checked if each.entry.table == name]
        for name in ("defaults", "group", "server")
    }
    base = next(iter(by_name["defaults"]), None)
    return people(base, by_name["group"], by_name["server"], providers, faults)


def host(name: str, number: int, more: str = "") -> str:
    return f'[[server]]\nname = "{name}"\nip = "192.0.2.{number}"\n{more}'


def test_a_group_hands_down_its_fields_but_not_its_own_name_and_match() -> None:
    text = '[[group]]\nname = "g"\nmatch = "all"\nallow_empty = true\nrole = "web"\nrate = 3\n'
    handed_down = layer(table(text))
    assert list(handed_down.fields) == ["role"]
    assert handed_down.topics["udp"]["rate"].value == 3.0


def test_a_server_of_name_and_address_alone_has_these_defaults() -> None:
    server = made(host("a", 1)).servers["a"]
    assert (server.ip, server.trace_ip, server.monitor) == ("192.0.2.1", "192.0.2.1", "a")
    assert (server.transport, server.max_pps, server.disabled) == ("nrpe", 2000, False)
    assert (server.groups, server.ips, server.contacts) == ((), (), ())
    assert server.place == Place("x.toml", 1)


def test_members_are_those_that_name_the_group_and_those_that_it_matches() -> None:
    text = '[[group]]\nname = "g"\nmatch = "role:db"\n' + host("a", 1, 'groups = ["g"]\n')
    found = made(text + host("b", 2, 'role = "db"\n') + host("c", 3))
    assert found.groups["g"].members == {"a", "b"}
    assert {name: server.groups for name, server in found.servers.items()} == {
        "a": ("g",),
        "b": ("g",),
        "c": (),
    }


def test_a_group_may_match_the_members_of_another_one_in_any_order() -> None:
    text = (
        '[[group]]\nname = "outer"\nmatch = "inner | b"\n[[group]]\nname = "inner"\nmatch = "a"\n'
    )
    found = made(text + host("a", 1) + host("b", 2) + host("c", 3))
    assert found.groups["outer"].members == {"a", "b"}


def test_groups_that_refer_to_each_other_over_many_levels_are_a_fault() -> None:
    chain = "".join(
        f'[[group]]\nname = "g{number}"\nmatch = "g{number + 1}"\n' for number in range(150)
    )
    faults = Faults()
    made(chain + '[[group]]\nname = "g150"\nmatch = "a"\n' + host("a", 1), faults)
    assert "over too many levels" in str(faults.errors[0])


def test_faults_of_servers_do_not_hide_the_servers() -> None:
    faults = Faults()
    found = made(host("a", 1) + host("b", 1) + host("c", 3, 'groups = ["g"]\n'), faults)
    assert list(found.servers) == ["a", "b", "c"]
    assert words(faults) == [
        (10, 'unknown group "g"'),
        (6, 'the address 192.0.2.1 belongs to "a" already'),
    ]


def test_a_provider_must_be_known() -> None:
    text = host("a", 1, 'provider = "isp"\n')
    faults = Faults()
    assert made(text, faults, ("isp",)).servers["a"].provider == "isp"
    assert faults.entries == []
    made(text, faults)
    assert words(faults) == [(4, 'unknown provider "isp"')]


def test_a_broken_host_is_known_all_the_same() -> None:
    broken = '[[server]]\nname = "bad one"\nip = "192.0.2.50"\n'
    line = only_fault(
        BASE + broken + '[[check]]\nfrom = "web"\nto = "bad one"\ncheck = "udp_ping"\n'
    )
    assert '"bad one" is not a name' in line


def test_the_monitor_of_no_table_has_no_address_and_inherits_the_defaults() -> None:
    topics = table('[defaults]\nrate = "2/s"\n').topics
    monitor = virtual_monitor("monitor", topics)
    assert (monitor.name, monitor.ip, monitor.place) == ("monitor", "", Place("", 0))
    assert monitor.settings == topics
