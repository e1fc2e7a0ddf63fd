"""The reader of the laboratory: planted right, vague and wrong lines get their marks."""

import pytest

from tests.support.side.checks import Said
from tests.support.side.faults import Direction, Effect, Truth
from tests.support.side.score import read, scored
from tests.support.side.worlds import ipv6, short, tunnel

OWN_ISP = frozenset({"TalNet"})
BORDER = (frozenset({"TalNet", "Nimbus", "SwissIX"}),)


def said(line: str, code: int = 2, check: str = "check_mtr_path") -> Said:
    return Said("A", "B", check, code, line, 1.0)


def truth(
    *culprits: str,
    effect: Effect = "loss",
    direction: Direction = "out",
    plain: bool = True,
) -> Truth:
    spans = BORDER if "SwissIX" in culprits else (frozenset(culprits),)
    return Truth(effect if culprits else "none", frozenset(culprits), spans, direction, plain)


HEALTHY = "X OK - 52.93.9.10: 8 hops, rta 2.7 ms, Alpenhaus TalNet SwissIX Nimbus"
BEGINS = "40 % loss, begins after hop 4 (62.2.11.6 TalNet), before hop 5 "
LAST = "the target does not answer, the last answer comes from hop 7 (52.93.2.2 Nimbus)"
PROHIBITED = "administratively prohibited by {} on the way to 52.93.9.10:862"


@pytest.mark.parametrize(
    ("words", "sides"),
    [
        (BEGINS + "(80.249.208.30 SwissIX)", {"TalNet", "SwissIX"}),
        (BEGINS + "(62.2.12.2 TalNet), above 40 %", {"TalNet"}),
        (
            "21 % loss, begins after hop 7 (52.93.2.2 Nimbus), before the target",
            {"Nimbus", "far end"},
        ),
        ("loop between 80.249.208.30 SwissIX and 62.2.11.2 TalNet", {"SwissIX", "TalNet"}),
        ("hop 5 (62.2.11.2) refuses to forward", {"TalNet"}),
        (LAST, {"Nimbus"}),
        (LAST + ", not from hop 8 (52.93.9.10 Nimbus)", {"Nimbus", "far end"}),
        (PROHIBITED.format("4.68.9.2"), {"Nimbus"}),
        (PROHIBITED.format("52.93.9.10"), {"far end"}),
        ("reflector not running on 52.93.9.10:862 (port unreachable)", {"far end"}),
        ("no answer from 52.93.9.10:862 to 200 packets", set()),
        ("no answer from 52.93.9.10 port 443 (blame: path)", {"the path"}),
        ("connected, but the TLS handshake stalls (blame: tls)", {"far end"}),
        ("no way out to 52.93.9.10 (target not tested) (blame: local)", {"monitor"}),
        ("20 % loss; where depends on the direction: ask the other end", set()),
        ("loss inside Nimbus; TalNet and SwissIX are ruled out, 14 of 200 lost", {"Nimbus"}),
        (
            "no answer\nthe last router that answers is 52.93.2.2 (hop 7):"
            " packets are lost behind it, or answers on the way back",
            {"the path", "far end"},
        ),
        ("20 % loss on the way back; run check_mtr_path at the far end", set()),
        ("rta 80 ms, above 4 ms, Alpenhaus TalNet SwissIX Nimbus", set()),
    ],
)
def test_the_sides_that_a_line_names(words: str, sides: set[str]) -> None:
    assert read(short.WORLD, said(f"X CRITICAL - 52.93.9.10: {words}")).sides == sides


def test_a_healthy_line_names_nobody() -> None:
    assert read(short.WORLD, said(HEALTHY, 0)).sides == set()


@pytest.mark.parametrize(
    ("named", "culprits", "mark"),
    [
        ("inside TalNet", ("TalNet",), "right"),
        ("between TalNet and SwissIX", ("TalNet",), "one of two"),
        ("inside Nimbus", ("TalNet",), "wrong"),
        ("between Nimbus and Rhonelink", ("TalNet",), "wrong"),
        ("between TalNet and Nimbus", ("SwissIX",), "one of two"),
        ("inside TalNet", ("SwissIX",), "wrong"),
        ("inside SwissIX", ("SwissIX",), "right"),
        ("between TalNet and Rhonelink", ("TalNet", "Rhonelink"), "right"),
        ("inside Rhonelink", ("TalNet", "Rhonelink"), "right"),
        ("before the target", ("TalNet",), "wrong"),
        ("(blame: path)", ("TalNet",), "only the path"),
        ("(blame: path)", ("far end",), "wrong"),
        ("(blame: path)", ("monitor",), "wrong"),
        ("(blame: path or far end)", ("TalNet",), "only the path"),
        ("(blame: path or far end or this host)", ("TalNet",), "only the path"),
        ("(blame: path or far end or this host)", ("monitor",), "one of two"),
        ("(blame: path or far end)", ("far end",), "one of two"),
        ("(blame: path or far end)", ("monitor",), "wrong"),
        ("between TalNet and Nimbus (blame: path)", ("Rhonelink",), "wrong"),
        ("(blame: server)", ("TalNet",), "wrong"),
        ("(blame: local)", ("monitor",), "right"),
        ("(blame: server)", ("far end",), "right"),
        ("20 % loss", ("TalNet",), "does not say"),
    ],
)
def test_the_mark_of_a_line(named: str, culprits: tuple[str, ...], mark: str) -> None:
    reading = read(short.WORLD, said(f"X CRITICAL - 52.93.9.10: {named}"))
    assert scored(short.WORLD, reading, truth(*culprits)).mark == mark


def test_the_link_of_a_host_is_the_path_and_the_host_itself_is_not() -> None:
    reading = read(short.WORLD, said("X CRITICAL - 52.93.9.10: no answer (blame: path)"))
    link = truth("far end")._replace(spans=(frozenset({"Nimbus", "far end"}),))
    assert scored(short.WORLD, reading, link).mark == "only the path"
    assert scored(short.WORLD, reading, truth("far end")).mark == "wrong"


def test_silence_about_a_large_fault_is_a_miss_and_about_a_small_one_is_none() -> None:
    reading = read(short.WORLD, said(HEALTHY, 0))
    assert scored(short.WORLD, reading, truth("TalNet")).mark == "missed"
    assert scored(short.WORLD, reading, truth("TalNet", plain=False)).mark == "unseen"


def test_any_alarm_about_a_nuisance_is_a_false_one() -> None:
    for line, code in (
        (BEGINS + "(62.2.12.2 TalNet)", 1),
        ("X UNKNOWN - 52.93.9.10: out of time", 3),
    ):
        reading = read(short.WORLD, said(line, code))
        assert scored(short.WORLD, reading, truth()).mark == "false alarm"
    assert scored(short.WORLD, read(short.WORLD, said(HEALTHY, 0)), truth()).mark == "quiet"


def test_an_accusation_in_an_ok_state_is_still_one() -> None:
    text = HEALTHY + "\n[OK] the path turns off inside Nimbus\n"
    reading = read(short.WORLD, said(text, 0))
    assert reading.sides == {"Nimbus"}
    assert scored(short.WORLD, reading, truth()).mark == "wrong"
    assert scored(short.WORLD, reading, truth("TalNet", effect="change")).mark == "wrong"


def test_the_long_output_accuses_as_well_as_line_1() -> None:
    text = "X CRITICAL - 52.93.9.10: 40 % loss\n[CRITICAL] begins inside Rhonelink\n[OK] Nimbus\n"
    assert read(short.WORLD, said(text)).sides == {"Rhonelink"}


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("lost 28/100 (28 %: 28 out, 0 back), above 15 %", "out"),
        ("lost 28/100 (28 %: 1 out, 27 back)", "back"),
        ("lost 28/100 (28 %: 10 out, 18 back)", "both"),
        ("lost 28/100 (28 %)", "not said"),
        ("lost 14 of 100 packets (14 %), all on the return path, limit 5 %", "back"),
        ("all of it was lost on the way out", "out"),
        ("lost 0/200", "not said"),
        (
            "no answer\nthe last router that answers is 52.93.2.2 (hop 7):"
            " packets are lost behind it, or answers on the way back",
            "not said",
        ),
        ("lost 9/20 (45 %)\nlost on the way out: 0 to 9, on the way back: 0 to 9", "not said"),
        ("lost 9/20 (45 %)\nlost on the way out: 8 to 9, on the way back: 0 to 1", "out"),
        ("lost 9/20 (45 %)\nlost on the way out: 3 to 5, on the way back: 4 to 6", "both"),
    ],
)
def test_the_direction_that_words_name(words: str, direction: str) -> None:
    line = f"UDP_LOSS CRITICAL - 52.93.9.10: {words}"
    reading = read(short.WORLD, said(line, 2, "check_udp_loss"))
    assert reading.direction == direction


def test_a_planted_wrong_direction_is_found() -> None:
    line = "UDP_LOSS CRITICAL - 52.93.9.10: lost 28/100 (28 %: 28 out, 0 back)"
    reading = read(short.WORLD, said(line, 2, "check_udp_loss"))
    assert scored(short.WORLD, reading, truth("TalNet", direction="back")).direction == "wrong"
    assert scored(short.WORLD, reading, truth("TalNet", direction="out")).direction == "right"


def test_inside_a_tunnel_nobody_may_be_accused() -> None:
    world = tunnel.WORLD
    own = "X CRITICAL - 10.20.0.10: 40 % loss, begins after hop 1 (10.10.0.1 Stammhaus)"
    own += ", before hop 2 (10.200.0.2 our tunnel)"
    fault = truth("Transalp")
    assert scored(world, read(world, said(own)), fault).mark == "wrong"
    mended = own + ": inside the tunnel to B; its carriers are not seen from here"
    assert scored(world, read(world, said(mended)), fault).mark == "only the path"
    assert scored(world, read(world, said(mended)), truth("Stammhaus")).mark == "wrong"
    carrier = "X CRITICAL - 10.20.0.10: inside Transalp"
    assert scored(world, read(world, said(carrier)), fault).mark == "right"


def test_an_ipv6_address_with_a_port_is_still_the_target() -> None:
    start, target = "X CRITICAL - 2a01:4f8:9::b", "2a01:4f8:9::b"
    line = f"{start}: administratively prohibited by {target} on the way to {target}:862"
    assert read(ipv6.WORLD, said(line)).sides == {"far end"}
    line = f"{start}:862 is unreachable, reported by 2a00:f10:3::1 (ICMP type 1 code 0)"
    assert read(ipv6.WORLD, said(line)).sides == {"Flussnet"}
