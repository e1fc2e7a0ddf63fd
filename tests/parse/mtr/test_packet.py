"""The engine's line protocol, as recorded from six versions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.mtr.packet import PacketLine, from_line, to_feature, to_probe

DATA = Path(__file__).resolve().parents[2] / "data/mtr/mtr-packet"


def test_every_recorded_answer_is_read() -> None:
    count = 0
    for path in DATA.rglob("*.txt"):
        for line in path.read_text().splitlines():
            if line.startswith("< "):
                from_line(line[2:])
                count += 1
    assert count > 700


def test_an_answer_has_its_parts() -> None:
    line = "5 ttl-expired ip-4 80.249.208.10 round-trip-time 21971 mpls 24001,0,1,1"
    assert from_line(line) == PacketLine(5, "ttl-expired", "80.249.208.10", 0.021971, "24001,0,1,1")
    assert from_line("1 feature-support support 0.95") == PacketLine(
        1, "feature-support", words="0.95"
    )
    assert (
        from_line("2 invalid-argument reason ip-version-not-supported").kind == "invalid-argument"
    )


def test_questions_are_as_the_manual_has_them() -> None:
    assert to_feature(1, "udp") == "1 check-support feature udp\n"
    assert to_probe(7, "198.51.100.10", "192.0.2.2", 5, (40000, 33434)) == (
        "7 send-probe ip-4 198.51.100.10 local-ip-4 192.0.2.2 protocol udp port 33434"
        " local-port 40000 ttl 5 timeout 1\n"
    )
    assert " ip-6 2001:db8::1 local-ip-6 2001:db8::2 protocol icmp ttl 255 " in to_probe(
        8, "2001:db8::1", "2001:db8::2", 255
    )


@given(st.text(max_size=80))
def test_any_line_is_an_answer_or_unreadable(line: str) -> None:
    try:
        from_line(line)
    except Unreadable:
        pass


@pytest.mark.parametrize(
    "line", ["", "x reply", "1", "1 reply ip-4 ;rm", "1 reply ip-4 10.0.0.1 round-trip-time -5"]
)
def test_what_is_no_answer_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        from_line(line)
