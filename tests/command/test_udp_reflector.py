"""udp_reflector's options as rules, and the files that they name."""

import ipaddress
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.command import udp_reflector
from bothsides.parse import Unreadable
from bothsides.reflector.session import Reflector, Rules
from tests.support.process import HOUSE


def rules(*words: str) -> Rules:
    """The rules of a command line, for a reflector on port 8620."""
    return udp_reflector._rules(udp_reflector._options(list(words)), frozenset((8620,)))


def allowed(made: Rules) -> list[str]:
    """The networks that are answered."""
    return [str(network) for network in made.allow]


def test_without_options_home_is_answered_and_no_port_that_would_answer_back() -> None:
    made = rules()
    assert made.allow == Rules().allow
    assert (made.everybody, made.keys, made.rate, made.mehsh, made.stateless) == (
        False,
        {},
        1000.0,
        False,
        False,
    )
    assert {7, 19, 862, 4232, 8620} == made.ports


def test_networks_come_from_options_and_files_instead_of_home(tmp_path: Path) -> None:
    listed = tmp_path / "allow"
    listed.write_text("192.0.2.0/25 # the lab\n2001:db8::/32\n")
    assert allowed(rules("--allow", "198.51.100.7, 203.0.113.0/24")) == [
        "198.51.100.7/32",
        "203.0.113.0/24",
    ]
    assert allowed(rules("--allow-file", str(listed))) == ["192.0.2.0/25", "2001:db8::/32"]


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0"])
def test_everybody_has_to_be_named(text: str) -> None:
    with pytest.raises(Unreadable, match="write --open"):
        rules("--allow", text)
    assert rules("--open").everybody


@pytest.mark.parametrize("text", ["x", "300.1.1.1", "", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="is not a network"):
        rules("--allow", text)


def test_a_wrong_network_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    listed = tmp_path / "allow"
    listed.write_text("192.0.2.0/24\nbranch\n")
    with pytest.raises(Unable, match=r"allow: 'branch' is not a network"):
        rules("--allow-file", str(listed))


def test_keys_belong_to_their_ssid_and_their_file_is_private(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("7 hex:0011223344556677\n* some long words\n")
    keys.chmod(0o640)
    assert rules("--key-file", str(keys)).keys == {
        7: bytes.fromhex("0011223344556677"),
        None: b"some long words",
    }
    keys.chmod(0o644)
    with pytest.raises(Unable, match="open to everybody"):
        rules("--key-file", str(keys))


def test_rate_and_protocols_are_rules() -> None:
    made = rules("--rate", "50", "--mehsh", "--stateless")
    assert (made.rate, made.mehsh, made.stateless) == (50.0, True, True)


def test_new_files_are_followed_and_broken_ones_are_not(capfd: pytest.CaptureFixture[str]) -> None:
    reflector = Reflector(Rules())
    network = ipaddress.ip_network("192.0.2.0/24")
    udp_reflector._reread(reflector, lambda: Rules(allow=(network,)))
    assert reflector.rules.allow == (network,)

    def broken() -> Rules:
        raise Unable("cannot read it")

    udp_reflector._reread(reflector, broken)
    assert reflector.rules.allow == (network,)
    assert capfd.readouterr().out == (
        "udp_reflector: lists and keys read again\n"
        "udp_reflector: keeps its old lists and keys: cannot read it\n"
    )


def test_counters_are_one_line() -> None:
    reflector = Reflector(Rules())
    reflector.count("reflected")
    reflector.count("overflow", 3)
    assert udp_reflector._counters(reflector) == "3 overflow, 1 reflected, 0 sessions"


def test_the_first_refusal_of_a_source_names_the_file_and_a_flood_does_not_fill_the_journal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    reflector = Reflector(Rules(allow=()))
    reflector.refused = udp_reflector._Refusals("/etc/bothsides/allow").note
    for _ in range(3):
        reflector.reply(bytes(44), "192.0.2.10", 40000, 64, 0, 0.0)
    said = capfd.readouterr().out
    assert said == (
        "udp_reflector: does not answer 192.0.2.10: in no network that is allowed;"
        " add it to /etc/bothsides/allow and reload\n"
    )
    for number in range(100):
        reflector.reply(bytes(44), f"198.51.100.{number}", 40000, 64, 0, 0.0)
    assert capfd.readouterr().out.count("\n") == 9


def test_a_list_that_others_may_change_or_that_is_empty_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "allow"
    path.write_text("192.0.2.0/24\n")
    path.chmod(0o666)
    with pytest.raises(Unable, match="can be changed by other users; run chmod go-w"):
        rules("--allow-file", str(path))
    path.write_text("# nobody yet\n")
    path.chmod(0o644)
    with pytest.raises(Unable, match="lists nothing, so nobody would be answered"):
        rules("--allow-file", str(path))


def test_the_shipped_list_is_the_reflectors_default() -> None:
    assert rules("--allow-file", str(HOUSE / "nrpe/allow")).allow == Rules().allow
