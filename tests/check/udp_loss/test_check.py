"""What a UDP measurement means, by equality of values."""

from collections.abc import Iterable
from typing import Any

import pytest

from bothsides.base.deadline import Stop
from bothsides.check.udp_loss.check import CHECK, Terms, judge, short
from bothsides.check.udp_loss.figures import FIGURES
from bothsides.model.failure import Failure
from bothsides.model.udp import Answer, Packet, Target
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.command_line import limits_of
from bothsides.plugin.finding import Figure, Ranges, Reading, Remark, State, Table
from bothsides.probe.udp.measure import Run
from bothsides.probe.udp.protocol import JUMP
from bothsides.probe.udp.socket import Refusal

WALL = 1_700_000_000_000_000_000
MS = 1_000_000


def packet(flow: int, sequence: int, at: float, fault: str = "") -> Packet:
    sent = WALL + round(at * 1e9)
    return Packet(flow, sequence, at, sent, None if fault else sent + 1000, fault)


def answer(asked: Packet, number: int | None, rtt: float = 0.010, ttl: int = 250) -> Answer:
    """An answer after `rtt` seconds, a tenth of a millisecond of which was spent at the far end."""
    sent = asked.left or asked.sent
    arrived = sent + round(rtt * 1e9) + MS // 10
    received, replied = sent + 4 * MS, sent + 4 * MS + MS // 10
    at = asked.at + (arrived - asked.sent + 1000) / 1e9
    whole = Answer(
        asked.flow,
        asked.sequence,
        at,
        arrived + 1000,
        arrived,
        number,
        received,
        replied,
        0x2001,
        ttl,
        250,
    )
    return (
        whole
        if number is not None
        else whole._replace(received=None, replied=None, error=None, ttl_there=None)
    )


def target(
    count: int,
    flows: int = 1,
    lost_out: Iterable[int] = (),
    lost_back: Iterable[int] = (),
    **changes: Any,
) -> Target:
    """What a stateful reflector leaves when the packets in those places are lost."""
    packets = tuple(packet(place % flows, place // flows, place * 0.02) for place in range(count))
    numbers = dict.fromkeys(range(flows), 0)
    answers = []
    for place, asked in enumerate(packets):
        if place not in lost_out:
            if place not in lost_back:
                answers.append(answer(asked, numbers[asked.flow]))
            numbers[asked.flow] += 1
    closing = [packet(flow, JUMP, count * 0.02 + 1) for flow in range(flows)]
    closed = [answer(asked, numbers[asked.flow]) for asked in closing]
    made = Target(
        "far",
        "192.0.2.7",
        862,
        None,
        packets,
        tuple(answers),
        (tuple(closing), tuple(closed)),
        (),
        {},
        (),
    )
    return made._replace(**changes)


def run(*targets: Target, stopped: Stop | None = None) -> Run:
    return Run("far", targets, 1.0, 0, 0, 9.0, None, stopped)


def judged(measured: Run, *limits: str, confidence: float = 0.0) -> list[Reading | Remark | Table]:
    given = type("Options", (), {"warning": list(limits), "critical": list(limits)})
    return list(judge(measured, Terms(limits_of(CHECK, given), confidence), ()))


def values(measured: Run) -> dict[str, float | None]:
    found = {
        finding.figure.label: finding.value
        for finding in judged(measured)
        if isinstance(finding, Reading)
    }
    return {figure.label: found[figure.label] for figure in FIGURES}


def words(measured: Run) -> str:
    return "\n".join(
        "\n".join(finding.lines) if isinstance(finding, Table) else finding.words
        for finding in judged(measured)
        if isinstance(finding, Table | Remark)
    )


def test_nothing_lost_is_ok_and_every_figure_is_there() -> None:
    found = values(run(target(100, 8)))
    assert (found["sent"], found["recv"], found["pl"], found["pl_out"], found["pl_back"]) == (
        100,
        100,
        0,
        0,
        0,
    )
    assert found["rta"] == pytest.approx(0.010)
    assert (found["hops_out"], found["hops_back"]) == (5, 5)
    assert (found["flows"], found["flows_bad"]) == (8, 0)
    assert [found[label] for label in ("owd_out", "owd_back")] == [None, None]
    assert all(
        state is State.OK
        for state in (
            finding.state
            for finding in judged(run(target(100, 8)))
            if not isinstance(finding, Table)
        )
    )


def test_the_first_words_say_loss_mean_and_95th() -> None:
    first = judged(run(target(100, 8)))[0]
    assert isinstance(first, Reading)
    assert first.words == "lost 0/100, rta 10 ms, p95 10 ms"


def test_the_direction_of_every_loss_is_told() -> None:
    measured = run(target(100, 4, lost_out={3, 50, 99}, lost_back={7, 60, 61, 98}))
    found = values(measured)
    assert (found["pl"], found["pl_out"], found["pl_back"]) == (7, 3, 4)
    first = judged(measured)[0]
    assert isinstance(first, Reading)
    assert first.words == "lost 7/100 (7 %: 3 out, 4 back)"
    assert first.state is State.WARNING


@pytest.mark.parametrize("kind", [range(0), range(100)])
def test_all_lost_one_way_but_the_closing_probes(kind: range) -> None:
    found = values(
        run(
            target(
                100,
                1,
                lost_out=set(range(10, 100)) & set(kind),
                lost_back=set(range(10, 100)) - set(kind),
            )
        )
    )
    assert (found["pl_out"], found["pl_back"]) == ((90, 0) if len(kind) else (0, 90))


def test_without_a_closing_answer_a_long_tail_has_no_direction() -> None:
    measured = target(100, 1, lost_out=range(90, 100))
    measured = measured._replace(closing=(measured.closing[0], ()))
    found = values(run(measured))
    assert (found["pl"], found["pl_out"], found["pl_back"]) == (10, None, None)
    assert "direction of loss unknown: no closing probe was answered" in words(run(measured))


def test_a_reflector_that_does_not_count_tells_no_direction() -> None:
    stateless = target(20, 1, lost_out={5})
    answers = tuple(one._replace(number=one.sequence) for one in stateless.answers)
    closed = tuple(one._replace(number=one.sequence) for one in stateless.closing[1])
    measured = run(stateless._replace(answers=answers, closing=(stateless.closing[0], closed)))
    assert (values(measured)["pl"], values(measured)["pl_back"]) == (5, None)
    assert "the reflector does not count" in words(measured)


def test_a_duplicate_does_not_hide_a_loss() -> None:
    lossy = target(100, 4, lost_back={10, 20})
    doubled = lossy._replace(answers=lossy.answers + lossy.answers[:5])
    found = values(run(doubled))
    assert (found["pl"], found["dup_back"], found["dup_out"], found["recv"]) == (2, 5, 0, 98)


def test_a_duplicate_with_a_number_of_its_own_was_made_on_the_way_out() -> None:
    packets = target(3).packets
    answers = tuple(answer(packets[place], number) for number, place in enumerate((0, 1, 1, 2)))
    found = values(run(target(3)._replace(answers=answers)))
    assert (found["dup_out"], found["dup_back"], found["pl"]) == (1, 0, 0)


def test_overtaking_is_told_by_direction() -> None:
    packets = target(4).packets
    out = tuple(answer(packets[place], number) for number, place in enumerate((0, 2, 1, 3)))
    back = tuple(answer(packets[place], place) for place in (0, 2, 1, 3))
    assert [
        values(run(target(4)._replace(answers=out)))[label]
        for label in ("reorder_out", "reorder_back")
    ] == [1, 0]
    assert [
        values(run(target(4)._replace(answers=back)))[label]
        for label in ("reorder_out", "reorder_back")
    ] == [0, 1]


def test_late_is_not_lost() -> None:
    packets = target(10).packets
    answers = tuple(
        answer(asked, place, 1.5 if place == 3 else 0.01) for place, asked in enumerate(packets)
    )
    found = values(run(target(10)._replace(answers=answers)))
    assert (found["late"], found["pl"]) == (1, 0)


def test_bursts_are_counted_in_the_order_of_sending() -> None:
    found = values(run(target(100, 8, lost_back={1, 2, 3, 50, 60, 61})))
    assert (found["bursts"], found["burst_max"]) == (3, 3)


def test_a_dead_path_is_one_of_several_flows() -> None:
    found = values(run(target(96, 16, lost_out={place for place in range(96) if place % 16 == 5})))
    assert (found["flows"], found["flows_bad"], found["pl"]) == (16, 1, 6.25)


def test_a_reflector_that_was_restarted_is_named_and_tells_no_direction() -> None:
    packets = target(20).packets
    answers = tuple(
        answer(asked, place if place < 8 else place - 10)
        for place, asked in enumerate(packets)
        if not 8 <= place < 10
    )
    measured = run(target(20)._replace(answers=answers))
    assert "restarted during the run" in words(measured)
    assert (values(measured)["pl"], values(measured)["pl_out"]) == (10, None)


def test_a_reflector_that_remembers_an_earlier_run_still_tells_the_direction() -> None:
    lossy = target(40, 1, lost_out={10}, lost_back={20, 39})
    later = lossy._replace(
        answers=tuple(one._replace(number=(one.number or 0) + 13) for one in lossy.answers),
        closing=(
            lossy.closing[0],
            tuple(one._replace(number=(one.number or 0) + 13) for one in lossy.closing[1]),
        ),
    )
    found = values(run(later))
    assert (found["pl_out"], found["pl_back"]) == (2.5, 5)


@pytest.mark.parametrize("by", [-1, -10, 10])
def test_a_far_clock_that_is_set_during_the_run_is_no_restart(by: int) -> None:
    steady = target(100, 2, lost_back={30})
    answers = tuple(
        one._replace(
            received=(one.received or 0) + by * 10**9, replied=(one.replied or 0) + by * 10**9
        )
        if one.sequence >= 25
        else one
        for one in steady.answers
    )
    measured = run(steady._replace(answers=answers))
    assert "restarted" not in words(measured)
    assert (values(measured)["pl_out"], values(measured)["pl_back"]) == (0, 1)


def test_a_clock_that_is_set_during_the_run_does_no_harm() -> None:
    steady = target(20)
    answers = tuple(
        one._replace(read=one.read + 3600 * 10**9, arrived=(one.arrived or 0) + 3600 * 10**9)
        if one.sequence >= 10
        else one
        for one in steady.answers
    )
    packets = tuple(
        one._replace(sent=one.sent + 3600 * 10**9, left=None) if one.sequence > 10 else one
        for one in steady.packets
    )
    found = values(run(steady._replace(answers=answers, packets=packets)))
    assert found["rtmax"] == pytest.approx(0.010, abs=0.0003)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal(4, 3, 3, "192.0.2.7", 0), "reflector not running on 192.0.2.7:862"),
        (Refusal(6, 1, 4, "192.0.2.7", 0), "reflector not running on 192.0.2.7:862"),
        (Refusal(4, 3, 3, "192.0.2.1", 0), "rejected by 192.0.2.1"),
        (Refusal(4, 3, 13, "192.0.2.1", 0), "administratively prohibited by 192.0.2.1"),
        (Refusal(4, 11, 0, "192.0.2.1", 0), "TTL exceeded at 192.0.2.1"),
        (Refusal(4, 3, 4, "192.0.2.1", 1400), "too big for 192.0.2.1 (MTU 1400)"),
        (Refusal(4, 3, 1, "192.0.2.1", 0), "unreachable, said 192.0.2.1"),
        (Refusal(4, 12, 0, "192.0.2.1", 0), "ICMP type 12 code 0 from 192.0.2.1"),
    ],
)
def test_refusals_name_their_sender(refusal: Refusal, said: str) -> None:
    refused = target(10, lost_out=range(10), closing=((), ()), refused=((refusal, 10),))
    first = judged(run(refused))[0]
    assert isinstance(first, Remark)
    assert first.state is State.CRITICAL
    assert said in first.words


def test_silence_is_critical_and_has_no_round_trip() -> None:
    measured = run(target(10, lost_out=range(10), closing=((), ())))
    assert judged(measured)[0] == Remark(
        State.CRITICAL, "no answer from 192.0.2.7:862 to 10 packets"
    )
    assert (values(measured)["rta"], values(measured)["pl"], values(measured)["pl_out"]) == (
        None,
        100,
        None,
    )


def test_what_this_host_cannot_send_is_not_the_networks_loss() -> None:
    none = target(
        4,
        answers=(),
        packets=tuple(packet(0, place, 0.1, "EPERM") for place in range(4)),
        closing=((), ()),
    )
    first = judged(run(none))[0]
    assert isinstance(first, Remark)
    assert first.state is State.UNKNOWN
    assert "operation not permitted" in first.words
    assert (values(run(none))["senderr"], values(run(none))["pl"]) == (4, None)


def test_a_name_that_does_not_resolve_is_unknown() -> None:
    failed = target(
        0, failure=Failure("dns", "far has no address (the name does not exist)"), closing=((), ())
    )
    assert judged(run(failed))[0] == Remark(
        State.UNKNOWN, "far has no address (the name does not exist)"
    )


def test_packets_that_could_still_be_answered_at_an_interrupt_are_not_lost() -> None:
    early = target(100, 1, lost_out=range(98, 100))._replace(closing=((), ()))
    stopped = run(early, stopped=Stop("SIGINT", "sending", 2.0))._replace(ended=1.99)
    assert (values(stopped)["sent"], values(stopped)["pl"]) == (98, 0)


def test_the_short_form_is_check_pings() -> None:
    assert short(["100.0", "5%"]) == {"rta": Range(0.0, 0.1), "pl": Range(0.0, 5.0)}
    assert short(["0.5%"]) == {"pl": Range(0.0, 0.5)}
    assert short(["2ms"]) == {"rta": Range(0.0, 0.002)}
    with pytest.raises(Unreadable, match="one loss"):
        short(["1%", "2%"])


def test_any_figure_takes_limits() -> None:
    limits = Ranges(FIGURES, {"burst_max": Range(0, 2)}, {"burst_max": Range(0, 5)})
    found = {
        f.figure.label: f
        for f in judge(run(target(50, lost_back={1, 2, 3})), Terms(limits), ())
        if isinstance(f, Reading)
    }
    assert found["burst_max"].state is State.WARNING
    assert all(isinstance(reading.figure, Figure) for reading in found.values())


def test_confidence_lets_one_lost_packet_of_twenty_sleep_but_not_ten() -> None:
    def state(lost: int, confidence: float) -> State:
        first = judged(run(target(20, 4, lost_back=range(lost))), "pl=4", confidence=confidence)[0]
        assert isinstance(first, Reading)
        return first.state

    assert [state(1, 0.0), state(1, 0.95), state(10, 0.95)] == [
        State.CRITICAL,
        State.OK,
        State.CRITICAL,
    ]


def test_the_dead_one_of_several_paths_is_said_in_words() -> None:
    measured = run(target(96, 16, lost_out={place for place in range(96) if place % 4 == 1}))
    said = [finding.words for finding in judged(measured) if isinstance(finding, Reading)]
    assert "4 of 16 flows lose 100 %: one of several parallel paths is dead" in said


def test_even_loss_is_no_dead_path() -> None:
    for step in (2, 3, 5, 7):
        assert values(run(target(96, 16, lost_out=range(0, 96, step))))["flows_bad"] in (0, 8)
    assert values(run(target(100, 8, lost_out=range(0, 100, 3))))["flows_bad"] == 0


def test_the_worst_of_many_targets_leads() -> None:
    well, ill = target(20), target(20, lost_back=range(10), host="ill", address="192.0.2.9")
    found = judged(run(well, ill))
    assert found[0] == Remark(
        State.CRITICAL, "1 of 2 targets in trouble, worst ill: lost 10/20 (50 %: 0 out, 10 back)"
    )
    lines = [finding.words for finding in found if isinstance(finding, Remark)]
    assert [line.partition(":")[0] for line in lines[1:]] == ["ill", "far"]
    readings = {
        finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)
    }
    assert (
        readings["pl"],
        readings["sent"],
        readings["recv"],
        readings["pl_far"],
        readings["pl_ill"],
    ) == (50, 40, 30, 0, 50)


def test_many_targets_have_only_the_common_figures() -> None:
    found = judged(run(*(target(8, host=f"host{number}") for number in range(5))))
    assert [f.figure.label for f in found if isinstance(f, Reading)] == [
        figure.label for figure in FIGURES
    ]
    assert found[0] == Remark(
        State.OK, "all 5 targets answer, worst host0: lost 0/8, rta 10 ms, p95 10 ms"
    )


def labelled(*hosts: str) -> list[str]:
    found = judged(run(*(target(8, host=host) for host in hosts)))
    own = [f.figure.label for f in found if isinstance(f, Reading)][len(FIGURES) :]
    return [label.removeprefix("pl_") for label in own if label.startswith("pl_")]


def test_hosts_whose_names_look_alike_have_figures_of_their_own() -> None:
    assert labelled("b-1.test", "b.1.test", "web") == ["b_1_test_c48e", "b_1_test_de13", "web"]
    assert "out" not in labelled("out", "web")


def test_the_label_of_a_long_name_does_not_depend_on_the_other_targets() -> None:
    long = "reflector.north.example.net"
    (alone, _) = labelled(long, "web")
    assert alone == "reflector_44e5"
    assert alone in labelled("a.example.net", long, "reflector.south.example.net")


def test_one_way_delays_need_both_clocks_and_say_how_far_they_may_be_off() -> None:
    whole = target(20)
    sure = whole._replace(answers=tuple(one._replace(error=0x8C10) for one in whole.answers))
    for measured, clock in ((whole, 0.001), (sure, None)):
        assert values(run(measured)._replace(clock=clock))["owd_out"] is None
    both = run(sure)._replace(clock=0.001)
    assert values(both)["owd_out"] == pytest.approx(0.004)
    assert values(both)["owd_back"] == pytest.approx(0.006)
    assert "delay 4 ms +- 1.02 ms" in words(both)
