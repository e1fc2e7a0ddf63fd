"""check_udp_loss as a process: its own options against far ends of every kind."""

import re
import socket
from pathlib import Path

import pytest

from bothsides.parse import stamp
from bothsides.reflector.session import Rules
from tests.support.far_end import far_end, stamping
from tests.support.forked import run
from tests.support.process import Outcome
from tests.support.reflecting import reflector

QUICK = ("-n", "16", "-i", "2ms", "--wait", "0.2")


def check(port: int, *arguments: str, host: str = "127.0.0.1") -> Outcome:
    return run("check_udp_loss", "-H", host, "-p", str(port), *QUICK, *arguments)


def test_line_1_says_loss_and_round_trip_and_v_the_rest() -> None:
    with far_end(stamping()) as port:
        outcome = check(port, "-vv")
    assert re.match(
        r"UDP_LOSS OK - 127\.0\.0\.1: lost 0/16, rta [0-9.]+ [mu]s, p95 [0-9.]+ [mu]s \|",
        outcome.text,
    )
    for words in (
        "16 packets sent to 127.0.0.1 port",
        "round trip min/mean/median/p95/max",
        "way out: 0 % lost",
        "stamped by the kernel: 16 of 16 sent",
        "round trips",
        "flow   sent  lost",
        "packet flow  seq",
    ):
        assert words in outcome.text
    assert outcome.perfdata["sent"].value == outcome.perfdata["recv"].value == 16


def test_an_echo_is_measured_and_its_missing_direction_said() -> None:
    count = [0]

    def echo(data: bytes, source: tuple[str, int]) -> list[bytes]:
        count[0] += 1
        return [] if count[0] % 4 == 0 else [data]

    with far_end(echo) as port:
        for protocol in ("echo", "stamp"):
            outcome = check(port, "--protocol", protocol)
            assert outcome.perfdata["pl"].value == 25
            assert outcome.perfdata["pl_out"].value is None
            assert (
                "direction of loss unknown: the far end echoes and does not count" in outcome.text
            )


def test_a_reflector_that_was_taken_for_an_echo_is_named_with_its_protocol() -> None:
    with far_end(stamping()) as port:
        outcome = check(port, "--protocol", "echo")
    assert outcome.code == 2
    assert "no answers (a reflector answers: try --protocol stamp)" in outcome.line


def test_mehsh_is_spoken() -> None:
    with far_end(stamping(Rules(mehsh=True))) as port:
        outcome = check(port, "--protocol", "mehsh")
    assert (outcome.code, outcome.perfdata["recv"].value, outcome.perfdata["dup_out"].value) == (
        0,
        16,
        None,
    )


@pytest.mark.parametrize("size", [38, 41])
def test_a_twamp_light_reflectors_short_answers_are_taken(size: int) -> None:
    reflect = stamping()

    def short(data: bytes, source: tuple[str, int]) -> list[bytes]:
        return [reply[:size] for reply in reflect(data, source)]

    with far_end(short) as port:
        outcome = check(port)
    assert (outcome.code, outcome.perfdata["recv"].value) == (0, 16)
    assert (outcome.perfdata["hops_out"].value is None) == (size == 38)


@pytest.mark.parametrize("keyless", [False, True])
def test_answers_that_this_key_has_not_sealed_are_named(keyless: bool, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("7 our own key\n")
    path.chmod(0o600)
    reflect = stamping(Rules(keys={None: b"our own key"}))

    def resealed(data: bytes, source: tuple[str, int]) -> list[bytes]:
        return [
            reply[:96] + stamp.digest(reply[:96], b"another key") for reply in reflect(data, source)
        ]

    with far_end(stamping() if keyless else resealed) as port:
        outcome = check(port, "--key-file", str(path))
    assert outcome.code == 2
    assert "are not sealed with this key" in outcome.line
    assert outcome.perfdata["recv"].value == 0


def test_a_larger_packet_comes_back_whole() -> None:
    seen: set[int] = set()
    reflect = stamping()

    def noting(data: bytes, source: tuple[str, int]) -> list[bytes]:
        replies = list(reflect(data, source))
        seen.update((len(data), *(len(reply) for reply in replies)))
        return replies

    with far_end(noting) as port:
        assert check(port, "--size", "1400", "--dscp", "EF").code == 0
    assert seen == {1400}


def test_the_local_port_can_be_named() -> None:
    ports = list[int]()
    reflect = stamping()

    def noting(data: bytes, source: tuple[str, int]) -> list[bytes]:
        ports.append(source[1])
        return list(reflect(data, source))

    with far_end(noting) as port:
        assert check(port, "--source-port", "41862").code == 0
        assert set(ports) == {41862}
        assert check(port, "--source-port", "41862", "--flows", "3").code == 0
        assert set(ports) == {41862, 41863, 41864}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 41863))
        refused = check(9, "--source-port", "41863")
    assert refused.code == 3
    assert "local port 41863 is not to be had" in refused.line


def test_a_reflector_that_leaves_t1_in_its_place_is_understood() -> None:
    reflect, lost = stamping(), [0]

    def twamp_light(data: bytes, source: tuple[str, int]) -> list[bytes]:
        lost[0] += 1
        if lost[0] % 4 == 0:
            return []
        return [
            data[:4] + data[4:12] + bytes(4) + reply[16:24] + data[:4] + reply[4:12] + reply[36:44]
            for reply in reflect(data[:44], source)
        ]

    with far_end(twamp_light) as port:
        outcome = check(port)
    assert outcome.perfdata["pl"].value == 25
    assert "direction of loss unknown: the reflector does not count" in outcome.text
    assert (outcome.perfdata["ipdv_out"].value or 1) < 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("-n", "1000", "-i", "10ms", "-t", "3"),
            "1000 packets every 10 ms and 200 ms for the last answer take 10.2 s, more than -t 3",
        ),
        (
            ("-n", "1000", "-i", "10ms", "--wait", "9"),
            "1000 packets every 10 ms and 9 s for the last answer take 19 s, more than -t 8, see",
        ),
        (("--size", "20"), "at least 44 octets"),
        (("--source-port", "65530", "--flows", "8"), "65530 leaves no room for 8 flows"),
        (
            ("-H", ",".join(f"127.0.{n // 250}.{n % 250 + 1}" for n in range(999)), "-i", "60ms"),
            "999 targets every 60 ms are 16650 packets a second, more than one process can send:"
            " -i 125 ms or longer",
        ),
        (("--protocol", "mehsh", "--size", "44"), "packets of mehsh have 18 octets"),
        (("--confidence", "30"), "between 50 and 100"),
        (("--dscp", "184"), "is no DSCP"),
        (("--key-file", "/nonexistent"), "cannot read /nonexistent"),
        (("--targets", "/nonexistent"), "cannot read /nonexistent"),
        (("-w", "5%,6%"), "one loss in %"),
    ],
)
def test_what_cannot_be_done_is_said_before_it_is_tried(
    arguments: tuple[str, ...], said: str
) -> None:
    outcome = check(9, *arguments)
    assert outcome.code == 3
    assert said.replace("'", "") in outcome.text


def test_a_pace_that_a_reflector_takes_for_a_flood_is_not_chosen_unasked() -> None:
    outcome = run("check_udp_loss", "-H", "127.0.0.1", "-p", "9", "-n", "10000")
    assert outcome.code == 3
    assert (
        "10000 packets every 1 ms and 100 ms for the last answer take 10.1 s,"
        " more than -t 8: give a longer -t"
    ) in outcome.text


def test_a_reflectors_own_limit_is_named_where_it_may_be_the_cause() -> None:
    with reflector("--rate", "100") as far:
        swift = run(
            "check_udp_loss",
            "-H",
            "127.0.0.1",
            "-p",
            str(far.port),
            "-n",
            "400",
            "-i",
            "0.5ms",
            "--wait",
            "0.2",
        )
    with reflector("--rate", "100") as far:
        calm = run(
            "check_udp_loss",
            "-H",
            "127.0.0.1",
            "-p",
            str(far.port),
            "-n",
            "400",
            "-i",
            "2ms",
            "--wait",
            "0.2",
        )
    for outcome in (swift, calm):
        sent, received = (outcome.perfdata[label].value for label in ("sent", "recv"))
        assert sent is not None and received is not None
        lost = round(sent - received)
        assert lost > 50
        assert (
            f"{lost} of them arrived and were refused by the reflector: they are over its --rate"
            in outcome.text
        )
        assert "all of it was lost on the way" not in outcome.text


def test_an_answer_from_a_wrong_address_is_said(tmp_path: Path) -> None:
    """A reflector that is asked at one address and answers from another: all would look lost."""
    answer = stamping()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.9", 0))

        def elsewhere(data: bytes, source: tuple[str, int]) -> list[bytes]:
            for reply in answer(data, source):
                other.sendto(reply, source)
            return []

        with far_end(elsewhere) as port:
            outcome = check(port)
    assert outcome.code == 1
    assert "answers come from 127.0.0.9 instead of 127.0.0.1" in outcome.line
