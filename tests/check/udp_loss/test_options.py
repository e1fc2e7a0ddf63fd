"""The command line of check_udp_loss: options to plan and limits."""

from pathlib import Path

import pytest

from bothsides.base.errors import Misuse, Unable
from bothsides.check.udp_loss.check import CHECK
from bothsides.check.udp_loss.options import Limits, limits, plan, short
from bothsides.model.udp import Plan
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.parser import Namespace
from tests.support.process import run


def given(*words: str) -> Namespace:
    """The options of a command line."""
    options: Namespace = understood(CHECK, words)
    return options


def planned(*words: str) -> Plan:
    """The plan of a command line."""
    options = given(*words)
    return plan(options, limits(options, limits_of(CHECK, options)))


def test_a_host_alone_suffices() -> None:
    assert planned("-H", "far.example") == Plan(hosts=("far.example",), port=862)


def test_every_option_has_its_place_in_the_plan() -> None:
    words = "-H a,[2001:db8::1],a -p 8620 -6 -n 40 -i 10ms --wait 0.5 --flows 16 --size 100"
    assert planned(*words.split(), "--dscp", "EF") == Plan(
        hosts=("a", "2001:db8::1"),
        port=8620,
        family=6,
        packets=40,
        interval=0.01,
        flows=16,
        patience=0.5,
        size=100,
        dscp=46,
    )


@pytest.mark.parametrize(
    ("protocol", "port", "size"), [("stamp", 862, 44), ("echo", 7, 44), ("mehsh", 4232, 18)]
)
def test_every_protocol_has_its_port_and_its_size(protocol: str, port: int, size: int) -> None:
    made = planned("-H", "far", "--protocol", protocol)
    assert (made.protocol, made.port, made.size) == (protocol, port, size)


def test_no_flow_is_without_a_packet() -> None:
    assert planned("-H", "far", "-n", "3", "--flows", "8").flows == 3


def test_a_file_names_more_targets_and_each_counts_once(tmp_path: Path) -> None:
    listed = tmp_path / "targets"
    listed.write_text("b\na # the same again\nc\n")
    assert planned("-H", "a,b", "--targets", str(listed)).hosts == ("a", "b", "c")
    with pytest.raises(Misuse, match="missing option -H"):
        planned()


def test_the_first_key_of_the_file_seals_the_packets(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("7 hex:0011223344556677\n8 another key\n")
    keys.chmod(0o640)
    made = planned("-H", "far", "--key-file", str(keys))
    assert (made.key, made.ssid, made.size) == ("0011223344556677", 7, 112)
    with pytest.raises(Misuse, match="no key"):
        planned("-H", "far", "--protocol", "mehsh", "--key-file", str(keys))
    keys.chmod(0o644)
    with pytest.raises(Unable, match="open to everybody"):
        planned("-H", "far", "--key-file", str(keys))


@pytest.mark.parametrize(("packets", "interval"), [(100, 0.02), (400, 0.008), (2000, 0.0016)])
def test_the_interval_is_made_to_fit_into_the_timeout(packets: int, interval: float) -> None:
    made = planned("-H", "far", "-n", str(packets))
    assert made.interval == pytest.approx(interval)
    assert (packets - 1) * made.interval + made.patience < 8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-n 10000", "give a longer -t, or -i below 1ms"),
        ("-n 100 -i 1s", "100 packets every 1 s .* more than -t 8$"),
        ("--wait 9", "9 s for the last answer"),
        ("--size 43", "at least 44 octets, not 43"),
        ("--protocol mehsh --size 44", "packets of mehsh have 18 octets"),
    ],
)
def test_a_plan_that_cannot_work_is_refused(words: str, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        planned("-H", "far", *words.split())


@pytest.mark.parametrize("text", ["49", "100", "1-2", "nan", "x"])
def test_a_confidence_lies_between_half_and_all(text: str) -> None:
    with pytest.raises((Misuse, Unreadable)):
        given("-H", "far", "--confidence", text)


def test_limits_hold_ranges_and_confidence() -> None:
    options = given("-H", "far", "-w", "50,1%", "--confidence", "95%")
    made = limits(options, limits_of(CHECK, options))
    assert isinstance(made, Limits)
    assert made.confidence == 0.95
    assert made.ranges.warning["rta"] == Range(0.0, 0.05)
    assert made.ranges.warning["pl"] == Range(0.0, 1.0)
    assert made.ranges.warning["flows_bad"] == Range(0.0, 0.0)
    assert made.ranges.critical["pl"] == Range(0.0, 15.0)


def test_the_short_form_is_check_pings() -> None:
    assert short(["100.0", "5%"]) == {"rta": Range(0.0, 0.1), "pl": Range(0.0, 5.0)}
    assert short(["0.5%"]) == {"pl": Range(0.0, 0.5)}
    assert short(["2ms"]) == {"rta": Range(0.0, 0.002)}
    with pytest.raises(Unreadable, match="one loss"):
        short(["1%", "2%"])


@pytest.mark.parametrize("words", [("-H", "fe80::1"), ("-H", "192.0.2.1,FE80::1:2")])
def test_a_link_local_address_needs_its_interface(words: tuple[str, ...]) -> None:
    outcome = run("check_udp_loss", *words)
    assert outcome.code == 3
    assert "a link-local address needs its interface, as " in outcome.line
    assert "%eth0" in outcome.line
