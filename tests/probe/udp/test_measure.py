"""The probe against real sockets."""

import resource
from collections.abc import Sequence
from typing import Any

import pytest

from bothsides.base.deadline import Deadline, Interrupted
from bothsides.base.errors import Unable
from bothsides.base.record import from_json, to_json
from bothsides.model.udp import FIRST_CLOSING, Plan, Run
from bothsides.parse.ntp_time import to_ntp
from bothsides.probe.udp.measure import measure
from bothsides.probe.udp.schedule import deal
from bothsides.probe.udp.socket import FlowSocket
from bothsides.reflector.session import Rules
from tests.support.far_end import far_end, stamping


def asked(port: int, host: str = "127.0.0.1", timeout: float = 5.0, **changes: object) -> Run:
    plan = Plan((host,), port, packets=16, interval=0.002, flows=4, patience=0.2)
    return measure(plan._replace(**changes), Deadline(timeout))  # type: ignore[arg-type]


def test_every_packet_and_its_answer_are_kept_with_kernel_stamps() -> None:
    with far_end(stamping()) as port:
        run = asked(port)
    (target,) = run.targets
    assert (target.address, target.port, target.failure) == ("127.0.0.1", port, None)
    assert [(packet.flow, packet.sequence) for packet in target.packets] == list(
        deal(16, 4, run.seed)
    )
    assert {(a.flow, a.sequence) for a in target.replies} == {(n % 4, n // 4) for n in range(16)}
    assert all(packet.left is not None and packet.sent <= packet.left for packet in target.packets)
    assert all(answer.number == answer.sequence for answer in target.replies)
    assert all(
        answer.arrived is not None and answer.arrived <= answer.read for answer in target.replies
    )
    assert run.stopped is None
    assert target.closing == ((), ())


def test_a_run_survives_its_record() -> None:
    with far_end(stamping()) as port:
        run = asked(port)
    assert from_json(Run, to_json(run)) == run


def test_ipv6_is_asked_the_same_way() -> None:
    with far_end(stamping(), "::1") as port:
        run = asked(port, "::1")
    assert len(run.targets[0].replies) == 16


def test_nobody_there_is_an_icmp_error_from_the_target_itself() -> None:
    with far_end(stamping()) as port:
        pass
    (target,) = asked(port).targets
    assert target.replies == ()
    assert [
        (refusal.version, refusal.kind, refusal.code, refusal.source)
        for refusal, _ in target.icmp_errors
    ] == [(4, 3, 3, "127.0.0.1")]
    assert sum(count for _, count in target.icmp_errors) == 16
    assert not any(packet.fault for packet in target.packets), (
        "the kernel's answer to one packet is no failure of the next"
    )


def test_closing_probes_ask_how_many_requests_had_arrived() -> None:
    reflect = stamping()

    def lossy(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        reply = reflect(data, source)
        return (
            [] if int.from_bytes(data[:4]) == 3 else reply
        )  # the last of each flow is lost on the way back

    with far_end(lossy) as port:
        (target,) = asked(port).targets
    packets, answers = target.closing
    assert {(answer.flow, answer.sequence, answer.number) for answer in answers} == {
        (flow, FIRST_CLOSING, 4) for flow in range(4)
    }
    assert len(packets) == 4


def test_a_far_end_that_floods_closing_answers_is_heard_once() -> None:
    reflect = stamping()

    def flooding(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        (reply,) = reflect(data, source)
        sequence = int.from_bytes(data[:4])
        return [] if sequence == 3 else [reply] * (100 if sequence >= FIRST_CLOSING else 1)

    with far_end(flooding) as port:
        (target,) = asked(port).targets
    _, answers = target.closing
    assert len(answers) == len({(answer.flow, answer.sequence) for answer in answers}) >= 4


def test_an_echo_is_taken_for_what_it_is() -> None:
    with far_end(lambda data, source: [data]) as port:
        (target,) = asked(port).targets
        (plain,) = asked(port, protocol="echo").targets
    for answers in (target.replies, plain.replies):
        assert len(answers) == 16
        assert {answer.number for answer in answers} == {None}


def test_mehsh_is_spoken_and_answered() -> None:
    with far_end(stamping(Rules(mehsh=True))) as port:
        (target,) = asked(port, protocol="mehsh").targets
    assert len(target.replies) == 16
    assert {answer.number for answer in target.replies} == {None}


def test_what_is_no_answer_is_counted_by_its_fault_and_never_as_an_answer() -> None:
    with far_end(lambda data, source: [b"hello", data[::-1]]) as port:
        (target,) = asked(port).targets
    assert target.replies == ()
    assert sum(target.strays.values()) == 32


def test_answers_with_a_made_up_time_or_number_are_not_believed() -> None:
    reflect = stamping()

    def forging(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        (reply,) = reflect(data, source)
        return [reply[:28] + bytes(7) + b"\x01" + reply[36:], reply[:24] + b"\0\1\0\0" + reply[28:]]

    with far_end(forging) as port:
        (target,) = asked(port).targets
    assert target.replies == ()


def test_an_answer_whose_time_is_1970_or_whose_session_is_another_is_not_believed() -> None:
    reflect = stamping()

    def blind(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        (reply,) = reflect(data, source)
        return [
            reply[:28] + to_ntp(0).to_bytes(8) + reply[36:],
            reply[:14] + b"\0\1" + reply[16:],
        ]

    with far_end(blind) as port:
        (target,) = asked(port, ssid=2).targets
    assert target.replies == ()
    assert sum(target.strays.values()) == 32


def test_a_reflector_that_knows_no_ssid_is_believed() -> None:
    reflect = stamping()

    def older(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        return [reply[:14] + bytes(2) + reply[16:] for reply in reflect(data, source)]

    with far_end(older) as port:
        (target,) = asked(port).targets
    assert len(target.replies) == 16


def test_the_deadline_ends_the_wait_and_is_said() -> None:
    with far_end(lambda data, source: []) as port:
        run = asked(port, patience=9.0, timeout=0.3)
    assert run.stopped is not None
    assert run.stopped.cause == "deadline"
    assert run.ended < 0.5


def test_a_name_that_does_not_exist_is_a_failure_of_its_target_only() -> None:
    with far_end(stamping()) as port:
        plan = Plan(
            ("127.0.0.1", "no-such-host.invalid"),
            port,
            packets=4,
            interval=0.002,
            flows=2,
            patience=0.2,
        )
        run = measure(plan, Deadline(60))
    assert len(run.targets[0].replies) == 4
    assert run.targets[1].failure is not None


def test_flows_are_neighbouring_ports_so_that_simple_hashes_spread_them_evenly() -> None:
    seen: set[int] = set()
    reflect = stamping()

    def noting(data: bytes, source: tuple[str, int]) -> Sequence[bytes]:
        seen.add(source[1])
        return reflect(data, source)

    with far_end(noting) as port:
        asked(port, flows=8)
    assert len(seen) == 8
    assert max(seen) - min(seen) == 7
    assert {number % 4 for number in seen} == {0, 1, 2, 3}


def test_without_descriptors_we_could_not_ask_and_say_so() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (20, hard))
    try:
        with pytest.raises(Unable, match="cannot open a UDP socket: Too many open files"):
            asked(9, flows=64, packets=64)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_two_names_of_one_address_are_asked_once_and_told_twice() -> None:
    with far_end(stamping()) as port:
        plan = Plan(
            ("127.0.0.1", "localhost"),
            port,
            family=4,
            packets=8,
            interval=0.002,
            flows=2,
            patience=0.2,
        )
        run = measure(plan, Deadline(60))
    assert [target.host for target in run.targets] == ["127.0.0.1", "localhost"]
    assert run.targets[0].replies == run.targets[1].replies
    assert all(answer.number == answer.sequence for answer in run.targets[0].replies)
    assert len(run.targets[0].replies) == 8


def test_a_signal_during_the_look_up_leaves_every_target_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise Interrupted("SIGINT")

    monkeypatch.setattr("bothsides.probe.udp.measure.resolve_all", interrupted)
    run = asked(9)
    assert run.stopped is not None
    assert run.stopped.cause == "SIGINT"
    assert [target.failure is None for target in run.targets] == [False]


def test_a_signal_while_a_packet_is_sent_leaves_all_the_packets_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send, count = FlowSocket.send, [0]

    def interrupted(
        port: FlowSocket, data: bytes, target: tuple[Any, ...], stamps: list[int | None], place: int
    ) -> str:
        count[0] += 1
        if count[0] == 6:
            raise Interrupted("SIGTERM")
        return send(port, data, target, stamps, place)

    monkeypatch.setattr(FlowSocket, "send", interrupted)
    with far_end(stamping()) as port:
        run = asked(port, interval=0.2)  # each reply has come before the next packet is sent
    assert run.stopped is not None
    assert run.stopped.cause == "SIGTERM"
    (target,) = run.targets
    assert len(target.packets) == 5
    assert len(target.replies) == 5
