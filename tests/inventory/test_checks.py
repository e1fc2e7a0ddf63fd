"""Every expression of a landscape selects a host; what selects nobody is a fault or a doubt."""

import pytest

from bothsides.inventory.checks import check_selections, index_of
from bothsides.inventory.faults import Faults, Faulty
from bothsides.inventory.read import read
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
from tests.inventory.tables import words

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    ('[[escalation]]\nbetween = ["eu.de", "ue"]\ncontacts = "noc"\n', 2, 'unknown data centre "ue"',
     "known: eu, eu.de"),
    (CHECK.replace('"web"', '"wbe"'), 2, 'from: unknown host or group "wbe"',
     'did you mean "web"?'),
    (CHECK.replace('"db"', '"dbs"'), 3, 'to: unknown host or group "dbs"', "did you mean"),
    (CHECK.replace('"db"', '"db,web"'), 3, 'to: unknown host or group "db,web"',
     "join names by |, as web1 | web2"),
    (CHECK.replace('"db"', '"db &"'), 3, "something missing at the end", "name a host"),
    (CHECK.replace('"db"', '"(db"'), 3, "something missing at the end", "close the bracket"),
    (CHECK.replace('"db"', '"db)"'), 3, 'unexpected ")"', "join the parts"),
    (CHECK.replace('"db"', '"db web"'), 3, 'unexpected "web"', "join the parts"),
    (CHECK.replace('"db"', '"| db"'), 3, 'unexpected "|"', "name a host"),
    (CHECK.replace('"db"', '"dc:"'), 3, '"dc:" has no value', "write dc:VALUE"),
    (CHECK.replace('"db"', '"rle:db"'), 3, 'unknown attribute "rle"', 'did you mean "role"?'),
    (CHECK.replace('"db"', '"provider:ips"'), 3, 'unknown provider "ips"', 'did you mean "isp"?'),
    (CHECK.replace('"db"', '"net:192.0.2.1/24"'), 3, "is not a network", "without host bits"),
    (CHECK.replace('"db"', '"dc:eu.dee"'), 3, '"dc:eu.dee" selects no server',
     'did you mean "eu.de"?'),
    (CHECK.replace('"db"', '"role:dbs"'), 3, '"role:dbs" selects no server', 'did you mean "db"?'),
    (CHECK.replace('"db"', '"name:zz*"'), 3, '"name:zz*" selects no server', "allow_empty = true"),
    (CHECK.replace('"db"', '"web & db"'), 3, '"web & db" selects no server', "allow_empty = true"),
    (CHECK.replace('"web"', '"self"'), 2, '"self" has no meaning here', "name a host"),
    (CHECK.replace('"db"', '"monitor"'), 1, "the monitor is asked", 'the role "monitor"'),
    (CHECK + 'except = "sefl"\n', 5, 'except: unknown host or group "sefl"',
     'did you mean "self"?'),
    (CHECK + 'except = "db"\n', 1, "no pair is left to measure", "allow_empty = true"),
    ('[[path]]\nfrom = "web1"\nto = "web1"\n', 1, "no pair is left to measure",
     "allow_empty = true"),
    (CHECK + 'third = "wit"\n', 5, 'third: unknown host or group "wit"', "known: all, db"),
    (CHECK + 'third = "web1"\n', 5, 'third: "web1" is one of the two ends', "neither"),
    (CHECK + '[[pair]]\nfrom = "db1"\nto = "db2"\n', 5, "nothing measures these pairs",
     "add a [[check]]"),
    (CHECK + '[[pair]]\nfrom = "web1"\nto = "db3"\n', 7, 'to: unknown host or group "db3"',
     "did you mean"),
    (ANALYSIS.replace("web", "wbe") + 'min_loss = 3\ncommand = "ls"\n', 2,
     'unknown host or group "wbe"', "did you mean"),
    ('[[maintenance]]\nwhat = "web9"\n' + TIMES, 2, 'what: unknown host or group "web9"',
     "did you mean"),
    (CHECK.replace('"db"', '"' + "(" * 60 + "db" + ")" * 60 + '"'), 3, "more than 50 levels",
     "use a group"),
    (CHECK.replace('"db"', '"' + "db|" * 2000 + 'db"'), 3, "an expression of 6002 characters",
     "use a group"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_broken_or_empty_expression_is_one_line_with_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


ABROAD = '[[server]]\nname = "w1"\nip = "192.0.2.98"\ndatacenter = "us.east"\n'
BARE = SERVER + 'datacenter = "af"\n'


def warnings(text: str) -> list[tuple[int, str]]:
    """Line, counted from what is appended, and words of every warning."""
    return [(each.place.line - LAST, each.words) for each in read(BASE + text).warnings]


def test_the_landscape_of_the_cases_has_no_fault() -> None:
    assert read(BASE).warnings == ()


def test_the_index_knows_the_servers_groups_and_providers_of_the_landscape() -> None:
    index = index_of(read(BASE))
    assert index.select("db") == {"db1", "db2"}
    assert index.select("dc:eu & provider:isp") == {"web1", "db1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHECK, []),
        (CHECK + CHECK, [(5, "the same as [[check]] 1 at landscape.toml:31; this one holds")]),
        (CHECK.replace('"db"', '"db | role:mail"'), [(3, 'to: "role:mail" selects no server')]),
        (CHECK.replace('"db"', '"db1"') + 'third = "dc:us"\n', []),
        (
            ABROAD + CHECK + 'third = "w1"\n',
            [(9, "third: every third host is in the data centre us.east of an end")],
        ),
        (
            BARE + CHECK.replace('"web"', '"x1"') + 'third = "web1"\n',
            [(9, 'third: a verdict needs providers, and "x1" has none')],
        ),
    ],
)
def test_what_may_be_meant_is_a_warning(text: str, expected: list[tuple[int, str]]) -> None:
    assert warnings(text) == expected


def test_an_unknown_value_is_doubted_once() -> None:
    text = CHECK.replace('"db"', '"db | role:mail"') + '[[path]]\nfrom = "web"\nto = "db|role:mail"'
    assert warnings(text) == [(3, 'to: "role:mail" selects no server')]


@pytest.mark.parametrize(
    "text",
    [
        CHECK.replace('"db"', '"role:mail"'),
        CHECK + 'except = "db"\n',
        CHECK + '[[pair]]\nfrom = "db1"\nto = "db2"\n',
    ],
)
def test_an_empty_selection_may_be_meant(text: str) -> None:
    with pytest.raises(Faulty):
        read(BASE + text)
    assert read(BASE + text + "allow_empty = true\n").warnings == ()


def test_a_pair_of_the_other_direction_is_measured_when_both_are() -> None:
    pair = '[[pair]]\nfrom = "db1"\nto = "web1"\n'
    assert "nothing measures these pairs" in only_fault(BASE + CHECK + pair)
    assert warnings(CHECK + "both = true\n" + pair) == []
    assert warnings(CHECK + pair + "both = true\n") == []


def test_a_fault_without_its_table_stands_at_the_place_of_the_record() -> None:
    landscape = read(BASE + CHECK)
    (work,) = landscape.works
    faults = Faults()
    check_selections(landscape._replace(works=(work._replace(target="role:x"),)), {}, faults)
    assert words(faults) == [(LAST + 1, 'to: "role:x" selects no server')]


def test_a_thousand_unknown_names_are_said_in_a_second() -> None:
    names = [
        f'[[check]]\nfrom = "nobody{number}"\nto = "db"\ncheck = "udp_ping"\n'
        for number in range(1000)
    ]
    with pytest.raises(Faulty) as caught:
        read(BASE + "".join(names))
    assert len(caught.value.faults) == 1000


@pytest.mark.parametrize("topic", ["udp", "clock"])
def test_a_word_is_no_limit_but_of_a_path(topic: str) -> None:
    table = {"udp": 'check = "udp_ping"\n', "clock": ""}[topic]
    name = {"udp": "check", "clock": "clock"}[topic]
    text = (
        'server = [{ name = "a", ip = "192.0.2.1" }, { name = "b", ip = "192.0.2.2" }]\n'
        f'[[{name}]]\nfrom = "a"\nto = "b"\n{table}warning = "abc,pl=5"\n'
        '[[path]]\nfrom = "a"\nto = "b"\nwarning = "change"\n'
    )
    with pytest.raises(Faulty) as caught:
        read(text)
    line = text.splitlines().index('warning = "abc,pl=5"') + 1
    assert str(caught.value) == (
        f'landscape.toml:{line}: [[{name}]] 1: warning: "abc" is no limit of {topic}; '
        "write ranges as 100,5%; words are events of a [[path]]"
    )
