"""Whose hop it is, and what is said when it is not certain."""

from bothsides.analyse.path.ownership import (
    Maps,
    Owner,
    name_owners,
    networks,
    owners_along,
)
from bothsides.parse.ip_owners import from_exchanges, from_map

MAP = from_map("192.0.2.0/24 = office, us\nAS16509 = Amazon, cloud\n")
MAPS = Maps(MAP, from_exchanges("80.249.208.0/21 AMS-IX"))
ISP, AMAZON, UNKNOWN = Owner("AS64501", 64501), Owner("Amazon", 16509, "cloud"), Owner()


def test_the_map_comes_first_then_exchanges_special_ranges_and_tables() -> None:
    systems = {
        "52.93.1.1": (16509, "AMAZON-02"),
        "4.69.1.1": (3356, "LEVEL3"),
        "192.0.2.1": (1, "x"),
    }
    found = name_owners(
        ["192.0.2.1", "80.249.208.10", "10.1.1.1", "52.93.1.1", "4.69.1.1", "9.9.9.9"],
        MAPS,
        systems,
    )
    assert [str(owner) for owner in found.values()] == [
        "office",
        "AMS-IX",
        "private",
        "Amazon",
        "LEVEL3",
        "",
    ]


def test_a_label_of_the_map_without_a_role_makes_no_network_of_an_exchange() -> None:
    exchanges = from_exchanges("80.249.208.0/21 AMS-IX")
    for line, role in (("Amsterdam", "exchange"), ("Amsterdam, transit", "transit")):
        maps = Maps(from_map(f"80.249.208.0/21 = {line}\n"), exchanges)
        owner = name_owners(["80.249.208.10"], maps, {})["80.249.208.10"]
        assert (owner.label, owner.role) == ("Amsterdam", role)


def test_what_a_report_says_itself_is_a_guess_where_nobody_knows_better() -> None:
    guesses = {"192.0.2.1": 1, "52.93.1.1": 2, "10.1.1.1": 64500, "9.9.9.9": 16509, "8.8.8.8": 0}
    found = name_owners([*guesses], MAPS, {"52.93.1.1": (16509, "AMAZON-02")}, guesses)
    assert [str(owner) for owner in found.values()] == [
        "office",
        "Amazon",
        "AS64500?",
        "Amazon?",
        "",
    ]


def test_a_private_hop_between_two_of_one_network_is_guessed_to_be_its_own() -> None:
    known = {"a": ISP, "b": Owner("private"), "c": ISP, "d": Owner("private"), "e": AMAZON}
    owners = owners_along(["a", "b", "c", "d", None, "e"], known)
    assert [str(owner) for owner in owners] == [
        "AS64501",
        "AS64501?",
        "AS64501",
        "private",
        "",
        "Amazon",
    ]
    assert [str(owner) for owner in networks(owners)] == ["AS64501", "Amazon"]
