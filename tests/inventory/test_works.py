"""Each table of what is measured as its record, or the fault where it lacks something."""

from datetime import UTC, datetime

import pytest

from bothsides.inventory import works
from bothsides.inventory.faults import Faults, Place
from bothsides.inventory.model import Escalation, Link, Maintenance, Override, Provider
from tests.inventory.mistakes import ANALYSIS, BASE, CHECK, LAST, check_line, only_fault
from tests.inventory.tables import table, tables, words

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "http"\n', 1, 'the key "http_url" is missing',
     "write http_url ="),
    (ANALYSIS + "min_loss = 3\n", 1, "no command", "write argv ="),
    (CHECK + 'http_url = "https://h/"\n', 5, "http_url has no meaning here", 'check = "http"'),
    (ANALYSIS + 'min_loss = 3\nargv = ["mtr"]\ncommand = "mtr"\n', 7, "exclude each other",
     "take one out"),
    ('[[maintenance]]\nwhat = "web1"\nend = 2030-01-01T00:00:00Z\nbegin = 2030-01-02T00:00:00Z\n',
     3, "ends before it begins", "exchange begin and end"),
    ('[[link]]\nbetween = ["isp", "swisix"]\n', 2, 'unknown provider "swisix"', "known: isp"),
    ('[[link]]\nbetween = ["isp"]\n', 2, "a link is between two providers", "write between ="),
    ('[[escalation]]\nbetween = ["eu.de"]\ncontacts = "noc"\n', 2,
     "an escalation is between two data centres", "write between ="),
    ('[[escalation]]\nbetween = ["eu.de", "eu"]\ncontacts = []\n', 3, "nobody is notified",
     "write contacts ="),
    ('[[provider]]\nname = "isp"\n', 2, "a second provider of this name", "join the two"),
    ('[[provider]]\nname = "p"\nnetworks = ["203.0.113.0/24"]\n', 3, 'belongs to "isp" already',
     "take one out"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_table_without_what_it_needs_is_one_line_with_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


ENDS = 'from = "a"\nto = "b"\n'


def test_providers_are_known_by_name_with_plain_evidence_by_default() -> None:
    text = '[[provider]]\nname = "isp"\nnetworks = ["AS64500"]\n[[provider]]\nname = "aws"\n'
    found = works.providers(tables(text + 'role = "cloud"\nevidence = "aws"\n'), Faults())
    assert found == {
        "isp": Provider("isp", Place("x.toml", 1), "", ("AS64500",), "plain", ""),
        "aws": Provider("aws", Place("x.toml", 4), "cloud", (), "aws", ""),
    }


def test_a_check_has_its_ends_and_the_settings_of_its_topic() -> None:
    text = f'[[path]]\n{ENDS}both = true\nexcept = "c"\nthird = ["d", "e"]\nflows = 3\nname = "x"\n'
    work = works.work(table(text), "path", Faults())
    assert work is not None
    assert (work.topic, work.name, work.origin) == ("path", "x", '[[path]] "x"')
    assert (work.source, work.target, work.both) == ("a", "b", True)
    assert (work.excluded, work.third) == ("c", "(d) | (e)")
    assert {key: setting.value for key, setting in work.settings.items()} == {"flows": 3}


def test_a_check_of_http_is_a_measurement_of_https() -> None:
    text = f'[[check]]\n{ENDS}check = "http"\nhttp_url = "http://b/"\n'
    work = works.work(table(text), "udp", Faults())
    assert work is not None
    assert (work.topic, work.settings["url"].value) == ("https", "http://b/")


@pytest.mark.parametrize(
    ("more", "with_self"),
    [("", True), ("rate = 3\n", True), ("both = true\n", False), ('except = "a"\n', False)],
)
def test_a_plain_check_is_meant_as_in_mehsh(more: str, with_self: bool) -> None:
    text = f'[[check]]\n{ENDS}check = "udp_ping"\n{more}'
    work = works.work(table(text), "udp", Faults())
    assert work is not None
    assert work.with_self == with_self


@pytest.mark.parametrize("lost", ENDS.splitlines(keepends=True))
def test_without_one_end_there_is_no_record(lost: str) -> None:
    ends = ENDS.replace(lost, "")
    assert works.work(table("[[path]]\n" + ends), "path", Faults()) is None
    assert works.override(table("[[pair]]\n" + ends)) is None
    analysis = f'[[analysis]]\nname = "x"\nmin_loss = 3\ncommand = "ls"\n{ends}'
    assert works.analysis(table(analysis), {}, Faults()) is None


def test_an_override_holds_what_is_said_about_its_pairs() -> None:
    checked = table(f'[[pair]]\n{ENDS}ip = "10.0.0.1"\nreason = "VPN"\nrate = 3\n')
    assert works.override(checked) == Override(
        place=Place("x.toml", 1),
        origin="[[pair]] 1",
        source="a",
        target="b",
        both=False,
        ip="10.0.0.1",
        disabled=False,
        reason="VPN",
        settings=checked.topics,
    )


def test_a_link_is_between_two_known_providers() -> None:
    checked = table('[[link]]\nbetween = ["isp", "aws"]\nvia = "SwissIX"\n')
    faults = Faults()
    expected = Link(Place("x.toml", 1), ("isp", "aws"), ("SwissIX",), False)
    assert works.link(checked, ("isp", "aws"), faults) == expected
    assert faults.entries == []
    works.link(checked, ("isp",), faults)
    assert words(faults) == [(2, 'unknown provider "aws"')]
    assert works.link(table('[[link]]\nbetween = ["isp", "isp"]\n'), ("isp",), faults) is None


@pytest.mark.parametrize(
    ("text", "min_loss", "of_slice"), [("20", 20.0, False), ('"10%"', 0.1, True)]
)
def test_an_analysis_begins_at_a_number_or_a_share_of_lost_packets(
    text: str, min_loss: float, of_slice: bool
) -> None:
    checked = table(f'[[analysis]]\nname = "x"\nargv = ["mtr"]\nmin_loss = {text}\n{ENDS}')
    analysis = works.analysis(checked, {}, Faults())
    assert analysis is not None
    assert (analysis.min_loss, analysis.of_slice) == (min_loss, of_slice)
    assert (analysis.argv, analysis.command) == (("mtr",), "")
    assert (analysis.cooldown, analysis.limit, analysis.keep) == (120.0, 60.0, 14 * 86400.0)


def test_an_analysis_takes_its_times_from_the_defaults_and_then_from_itself() -> None:
    defaults = table('[defaults]\nanalysis = { limit = "5s", cooldown = "5m" }\n').topics
    text = f'[[analysis]]\nname = "x"\ncommand = "ls"\nmin_loss = 3\nlimit = "9s"\n{ENDS}'
    analysis = works.analysis(table(text), defaults, Faults())
    assert analysis is not None
    assert (analysis.cooldown, analysis.limit) == (300.0, 9.0)


def test_an_escalation_begins_with_the_third_notification_by_default() -> None:
    text = '[[escalation]]\nbetween = ["eu", "us"]\ncontacts = "noc"\n'
    place, between = Place("x.toml", 1), ("eu", "us")
    expected = Escalation(place, "[[escalation]] 1", between, ("noc",), 3, 1800.0)
    assert works.escalation(table(text), Faults()) == expected
    other = works.escalation(table(text + 'after = 5\nevery = "1h"\n'), Faults())
    assert other == expected._replace(after=5, every=3600.0)


def test_a_maintenance_lasts_from_its_begin_to_its_end() -> None:
    text = '[[maintenance]]\nwhat = "all"\nbegin = 2030-01-01T00:00:00Z\n'
    assert works.maintenance(table(text + "end = 2030-01-01T01:00:00Z\n"), Faults()) == Maintenance(
        what="all",
        begin=datetime(2030, 1, 1, tzinfo=UTC),
        end=datetime(2030, 1, 1, 1, tzinfo=UTC),
        reason="",
        place=Place("x.toml", 1),
        origin="[[maintenance]] 1",
    )
    faults = Faults()
    assert works.maintenance(table(text + "end = 2030-01-01T01:00:00+01:00\n"), faults) is None
    assert words(faults) == [(4, "ends before it begins")]
