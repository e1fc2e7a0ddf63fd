"""Who asks whom, and by which values."""

import pytest

from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.inventory.big import big

HOSTS = """\
[[server]]
name = "a1"
ip = "192.0.2.1"
datacenter = "eu.a"
[[server]]
name = "a2"
ip = "192.0.2.2"
datacenter = "eu.a"
[[server]]
name = "b1"
ip = "198.51.100.1"
datacenter = "us.b"
extra1 = "203.0.113.1"
[[server]]
name = "off"
ip = "198.51.100.9"
datacenter = "us.b"
disabled = true
"""


def mesh(text: str) -> Mesh:
    return Mesh(read(HOSTS + text))


def pairs(text: str) -> list[tuple[str, str]]:
    return [(pair.source.name, pair.target.name) for pair in mesh(text).all()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('from = "a1"\nto = "b1"', ["a1>b1"]),
        ('from = "a1"\nto = "b1"\nboth = true', ["a1>b1", "b1>a1"]),
        ('from = "dc:eu"\nto = "dc:eu"', ["a1>a2", "a2>a1"]),
        ('from = "dc:eu"\nto = "all"', ["a1>a2", "a1>b1", "a2>a1", "a2>b1"]),
        ('from = "all"\nto = "!dc:eu"', ["a1>b1", "a2>b1"]),
        ('from = "all"\nto = "b1 | self"', ["a1>b1", "a2>b1"]),
        ('from = "dc:eu"\nto = "all & !self & !dc:us"', ["a1>a2", "a2>a1"]),
        ('from = "a1"\nto = "all & !self & !a2"\nboth = true', ["a1>b1", "b1>a1"]),
        ('from = "dc:eu"\nto = "all"\nexcept = "dc:us"', ["a1>a2", "a2>a1"]),
        ('from = "dc:eu"\nto = "all"\nexcept = ["b1", "a1"]', ["a1>a2"]),
        ('from = "monitor"\nto = "dc:eu"', ["monitor>a1", "monitor>a2"]),
        ('from = "off"\nto = "a1"\nboth = true', []),
    ],
)
def test_a_path_is_measured_between_these_pairs(text: str, expected: list[str]) -> None:
    assert [f"{source}>{target}" for source, target in pairs(f"[[path]]\n{text}\n")] == expected


@pytest.mark.parametrize(
    ("more", "to_itself"),
    [
        ("", True),
        ('except = "self"\n', False),
        ("both = true\n", False),
        ('third = "any"\n', False),
    ],
)
def test_mehshs_checks_ask_themselves_and_ours_do_not(more: str, to_itself: bool) -> None:
    found = pairs(
        f'[[group]]\nname = "g"\nmatch = "dc:eu"\n[[check]]\nfrom = "g"\nto = "g"\n'
        f'check = "udp_ping"\n{more}'
    )
    assert (("a1", "a1") in found) is to_itself
    assert ("a1", "a2") in found


def test_a_later_check_of_the_same_pair_holds() -> None:
    made = mesh(
        '[[path]]\nfrom = "a1"\nto = "all"\nflows = 1\n[[path]]\nfrom = "a1"\nto = "b1"\n'
        "flows = 2\n"
    )
    assert {pair.target.name: made.effective(pair)["flows"].value for pair in made.all()} == {
        "a2": 1,
        "b1": 2,
    }


def test_checks_of_different_urls_stand_beside_each_other() -> None:
    text = "".join(f'[[https]]\nfrom = "a1"\nto = "b1"\nurl = "/{path}"\n' for path in "xy")
    made = mesh(text)
    assert [made.effective(pair)["url"].value for pair in made.all()] == ["/x", "/y"]


def test_mehshs_http_is_https_of_a_url() -> None:
    made = mesh('[[check]]\nfrom = "a1"\nto = "b1"\ncheck = "http"\nhttp_url = "http://h/x"\n')
    (pair,) = made.all()
    assert (pair.work.topic, made.effective(pair)["url"].value) == ("https", "http://h/x")


def test_values_come_from_the_narrowest_place_and_say_where() -> None:
    made = mesh(
        '[defaults]\nwarning = "1"\nrate = 1\nwindow = "1m"\n'
        '[[check]]\nfrom = "all"\nto = "all"\ncheck = "udp_ping"\nboth = true\nrate = 2\n'
        '[[pair]]\nfrom = "dc:eu"\nto = "b1"\nwarning = "3"\nip = "10.0.0.1"\nreason = "vpn"\n'
        '[[pair]]\nfrom = "a1"\nto = "b1"\nrate = 4\n'
    )
    (pair,) = made.between("a1", "b1")
    values = made.effective(pair)
    assert {key: values[key].value for key in ("warning", "rate", "window", "port", "slice")} == {
        "warning": "3",
        "rate": 4.0,
        "window": 60.0,
        "port": 862,
        "slice": 5.0,
    }
    origins = {key: values[key].origin for key in ("warning", "rate", "window", "slice")}
    assert origins == {
        "warning": "[[pair]] 1",
        "rate": "[[pair]] 2",
        "window": "[defaults]",
        "slice": "built in",
    }
    place = values["warning"].place
    assert place is not None
    assert (HOSTS.count("\n") + 14, pair.address, pair.trace_address) == (
        place.line,
        "10.0.0.1",
        "10.0.0.1",
    )
    (back,) = made.between("b1", "a1")
    assert (made.effective(back)["warning"].value, back.address) == ("1", "192.0.2.1")


def test_what_describes_the_far_end_comes_from_the_target_and_the_rest_from_the_source() -> None:
    made = Mesh(
        read(
            'server = [{ name = "a", ip = "192.0.2.1", port = 1, rate = 1, protocol = "echo" },'
            ' { name = "b", ip = "192.0.2.2", rate = 2, protocol = "mehsh" }]\n'
            'check = [{ from = "all", to = "all", check = "udp_ping", both = true }]\n'
        )
    )
    seen = {
        pair.source.name: [made.effective(pair)[key].value for key in ("rate", "protocol", "port")]
        for pair in made.all()
    }
    assert seen == {"a": [1.0, "mehsh", 4232], "b": [2.0, "echo", 1]}


def test_a_disabled_pair_is_not_measured() -> None:
    text = (
        '[[path]]\nfrom = "all"\nto = "all"\n[[pair]]\nfrom = "a1"\nto = "dc:us"\n'
        "both = true\ndisabled = true\n"
    )
    assert pairs(text) == [("a1", "a2"), ("a2", "a1"), ("a2", "b1"), ("b1", "a2")]


def test_the_path_goes_to_the_traced_address() -> None:
    (pair,) = mesh('[[path]]\nfrom = "a1"\nto = "b1"\n').all()
    assert (pair.address, pair.trace_address) == ("198.51.100.1", "203.0.113.1")


def test_the_third_is_neither_end_nor_switched_off() -> None:
    made = mesh(
        '[[path]]\nfrom = "a1"\nto = "b1"\nthird = "any"\n[[path]]\nfrom = "a2"\nto = "b1"\n'
        'third = ["dc:eu", "dc:us"]\n'
    )
    thirds = {pair.source.name: [third.name for third in made.thirds(pair)] for pair in made.all()}
    assert thirds == {"a1": ["a2"], "a2": ["a1"]}


def test_who_asks_and_who_is_asked_fit_together() -> None:
    made = mesh('[[path]]\nfrom = "all"\nto = "all"\n[[clock]]\nfrom = "monitor"\nto = "all"\n')
    every = list(made.all())
    for name in made.servers:
        assert list(made.asked_by(name)) == [pair for pair in every if pair.source.name == name]
        assert list(made.asking(name)) == [pair for pair in every if pair.target.name == name]
    assert made.sources() == ["a1", "a2", "b1", "monitor"]
    assert list(made.asked_by("nobody")) == []


def test_pairs_of_one_of_a_thousand_hosts_are_made_alone() -> None:
    made = Mesh(read(big(1000, rows=True)))
    assert len(list(made.asked_by("h0500"))) == 999
    assert sum(1 for _ in made.asking("h0500")) == 999
