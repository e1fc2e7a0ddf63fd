"""fping's lines out of our records, and its command line as a plan."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.errors import Misuse
from bothsides.command import udp_fping
from bothsides.command.udp_fping import reply_lines, summary, trouble
from bothsides.model.udp import Plan
from bothsides.parse import Unreadable
from tests.support.udp_run import kept, packet, target

PLAN = Plan(("far",), 862, packets=4)


def plan(*words: str) -> Plan:
    """The plan of a command line."""
    return udp_fping._plan(udp_fping.parser().parse_args(list(words)))


def test_the_summary_has_a_time_or_a_dash_for_every_packet() -> None:
    lossy = target(4, lost_back={1})
    assert summary(lossy, PLAN) == "far : 10.0000 - 10.0000 10.0000"
    assert summary(target(0), PLAN) == "far : - - - -"


def test_each_packet_has_a_line_with_the_mean_and_the_loss_so_far() -> None:
    assert list(reply_lines(target(3, lost_back={1}), PLAN._replace(packets=3))) == [
        "far : [0], 72 bytes, 10.0000 ms (10.0000 avg, 0% loss)",
        "far : [1], timed out (50% loss)",
        "far : [2], 72 bytes, 10.0000 ms (10.0000 avg, 33% loss)",
    ]
    six = target(1, address="2001:db8::1")
    assert "92 bytes" in next(reply_lines(six, PLAN._replace(packets=1)))


def test_a_packet_that_could_not_be_sent_did_not_time_out() -> None:
    unsent = packet(0, 1, 0.02, "ENETUNREACH")
    none = kept([packet(0, 0, 0.0), unsent], [])
    assert list(reply_lines(none, PLAN._replace(packets=2))) == [
        "far : [0], timed out (100% loss)",
        "far : [1], not sent: network is unreachable (100% loss)",
    ]
    assert trouble(none) == "far: 1 of 2 packets not sent: network is unreachable"
    assert trouble(target(2, lost_out={1})) == ""


def test_fpings_options_are_a_plan(tmp_path: Path) -> None:
    config = tmp_path / "ini"
    config.write_text("[udp_fping]\nport = 8620\nflows = 2\n")
    words = ("-C5", "-p50", "-i10", "-t300", "-O184", "-b100", "--config", str(config), "a", "b")
    assert plan(*words) == Plan(
        hosts=("a", "b"),
        port=8620,
        packets=5,
        interval=0.05,
        flows=2,
        patience=0.3,
        size=100,
        dscp=46,
    )


def test_the_interval_between_any_two_packets_holds_for_all_targets_together(
    tmp_path: Path,
) -> None:
    empty = tmp_path / "ini"
    empty.write_text("[udp_fping]\n")
    hosts = [f"host{number}" for number in range(10)]
    assert plan("-p50", "-i10", "--config", str(empty), *hosts).interval == pytest.approx(0.1)


def test_a_key_makes_the_packets_large_enough_for_its_seal(tmp_path: Path) -> None:
    keys, config = tmp_path / "keys", tmp_path / "ini"
    keys.write_text("7 hex:0011223344556677\n")
    keys.chmod(0o600)
    config.write_text(f"[udp_fping]\nkey-file = {keys}\n")
    made = plan("--config", str(config), "far")
    assert (made.size, made.key, made.ssid) == (112, "0011223344556677", 7)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[udp_fping]\nprot = 5\n",
            "unknown key prot .* line 2; known are port, flows and key-file",
        ),
        ("[udp_fping]\nport = 0\n", "not a whole number"),
        ("[other]\n", "udp_fping"),
    ],
)
def test_a_wrong_ini_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    config = tmp_path / "ini"
    config.write_text(text)
    with pytest.raises((Misuse, Unreadable), match=said):
        plan("--config", str(config), "far")


@given(st.text())
def test_what_is_printed_is_ascii(text: str) -> None:
    harmless = udp_fping._printable(text)
    assert all(" " <= c <= "~" or c == "\n" for c in harmless)
    assert len(harmless) == len(text)
