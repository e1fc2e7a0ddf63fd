"""What is said about faults, ICMP errors and the direction of loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.one_way_loss import OneWayLoss
from bothsides.check.udp_loss.figures import lost_backward, lost_forward
from bothsides.check.udp_loss.text import loss
from bothsides.model.failure import Failure
from bothsides.model.interval import Interval
from bothsides.model.udp import FlowAccount, IcmpError
from bothsides.plugin.finding import Reading, Remark, State
from tests.support.examples import examples
from tests.support.udp_run import analysed, judged, packet, reply, run, target, values, words


def test_without_a_closing_answer_a_long_tail_has_no_direction() -> None:
    measured = target(100, 1, lost_out=range(90, 100))
    measured = measured._replace(closing=(measured.closing[0], ()))
    found = values(run(measured))
    assert (found["pl"], found["pl_out"], found["pl_back"]) == (10, None, None)
    assert "direction of loss unknown: no closing probe was answered" in words(run(measured))


def test_a_reflector_that_does_not_count_tells_no_direction() -> None:
    stateless = target(20, 1, lost_out={5})
    replies = tuple(one._replace(number=one.sequence) for one in stateless.replies)
    closed = tuple(one._replace(number=one.sequence) for one in stateless.closing[1])
    measured = run(stateless._replace(replies=replies, closing=(stateless.closing[0], closed)))
    assert (values(measured)["pl"], values(measured)["pl_back"]) == (5, None)
    assert "the reflector does not count" in words(measured)


def test_a_reflector_that_counts_again_is_named_and_tells_no_direction() -> None:
    packets = target(20).packets
    replies = tuple(
        reply(asked, place if place < 8 else place - 10)
        for place, asked in enumerate(packets)
        if not 8 <= place < 10
    )
    measured = run(target(20)._replace(replies=replies))
    causes = "began to count again: restarted, another NAT port, or its table was full"
    assert causes in words(measured)
    assert (values(measured)["pl"], values(measured)["pl_out"]) == (10, None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IcmpError(4, 3, 3, "192.0.2.7", 0), "reflector not running on 192.0.2.7:862"),
        (IcmpError(6, 1, 4, "192.0.2.7", 0), "reflector not running on 192.0.2.7:862"),
        (IcmpError(4, 3, 3, "192.0.2.1", 0), "rejected by 192.0.2.1"),
        (IcmpError(4, 3, 13, "192.0.2.1", 0), "administratively prohibited by 192.0.2.1"),
        (IcmpError(4, 11, 0, "192.0.2.1", 0), "TTL exceeded at 192.0.2.1"),
        (IcmpError(4, 3, 4, "192.0.2.1", 1400), "too big for 192.0.2.1 (MTU 1400)"),
        (IcmpError(4, 3, 1, "192.0.2.1", 0), "unreachable, reported by 192.0.2.1"),
        (IcmpError(4, 12, 0, "192.0.2.1", 0), "ICMP type 12 code 0 from 192.0.2.1"),
    ],
)
def test_icmp_errors_name_their_sender(error: IcmpError, said: str) -> None:
    refused = target(10, lost_out=range(10), closing=((), ()), icmp_errors=((error, 10),))
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
        replies=(),
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


def test_the_dead_one_of_several_paths_is_said_in_words() -> None:
    measured = run(target(96, 16, lost_out={place for place in range(96) if place % 4 == 1}))
    said = [finding.words for finding in judged(measured) if isinstance(finding, Reading)]
    assert "4 of 16 flows lose 100 %: one of several parallel paths is dead" in said


@examples(200)
@given(st.integers(1, 60), st.data())
def test_line_1_adds_up_whatever_the_bounds_are(lost: int, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, lost))
    high = data.draw(st.integers(low, lost))
    measured = analysed(target(100, lost_out=range(lost)))
    bounds = OneWayLoss(Interval(low, high), Interval(lost - high, lost - low))
    said = loss(measured._replace(loss=bounds))
    ends = [[int(end) for end in part.split()[::2] if end.isdigit()] for part in _parts(said)]
    if (low, high) == (0, lost) and lost > 3:  # no figure is given either
        assert said == f"lost {lost}/100 ({lost} %)"
    else:
        forward, backward = ends
        assert [forward[0], forward[-1]] == [low, high]
        assert forward[0] + backward[-1] == forward[-1] + backward[0] == lost
    if measured.loss and "all of it" in words(run(target(100, lost_out=range(lost)))):
        assert measured.loss.backward == Interval(0, 0)


def _parts(said: str) -> list[str]:
    """`42 to 46` and `41 to 45` of line 1."""
    inside = said.partition(": ")[2].rstrip(")")
    return [part.rpartition(" ")[0] for part in inside.split(", ")] if inside else []


def test_what_this_host_could_not_send_has_its_reason_on_line_1() -> None:
    whole = target(20, 1)
    packets = tuple(
        one._replace(fault="EPERM" if place > 14 else "") for place, one in enumerate(whole.packets)
    )
    partly = run(whole._replace(packets=packets, replies=whole.replies[:15]))
    said = [finding.words for finding in judged(partly) if isinstance(finding, Reading)]
    assert "this host could not send 5 of 20 packets (operation not permitted)" in said


def test_who_rejected_some_packets_stands_beside_the_loss() -> None:
    error = IcmpError(4, 3, 13, "192.0.2.1", 0)
    measured = analysed(target(20, 1, lost_out={3, 4}, icmp_errors=((error, 2),)))
    assert loss(measured) == "lost 2/20 (10 %: 2 out, 0 back), 2 rejected by 192.0.2.1"


def test_addresses_of_version_6_have_brackets_and_codes_have_words() -> None:
    error = IcmpError(6, 1, 0, "fd61::1", 0)
    refused = target(
        9, lost_out=range(9), closing=((), ()), icmp_errors=((error, 9),), address="fd61::dead"
    )
    first = judged(run(refused))[0]
    assert isinstance(first, Remark)
    assert first.words == "[fd61::dead]:862 is unreachable, reported by fd61::1 (no route)"


def test_what_the_reflector_refused_is_not_lost_on_the_way() -> None:
    account = FlowAccount(
        flow=0, at=2.0, known=True, by_port=False, first=0, end=24, forgotten=0,
        arrived=tuple(range(4)) + tuple(range(6, 20)), refused=(4, 5), uptime=100.0, age=1.99,
        boot="1", requests=18, ports=1, overflow=0, over_rate=2, evicted=0,
    )  # fmt: skip
    measured = analysed(target(20, 1, lost_out={4, 5}, lost_back={9}, accounts=(account,)))
    assert loss(measured) == "lost 3/20 (15 %: 0 out, 1 back, 2 refused by its rate limit)"


def test_line_1_has_the_bounds_wherever_a_figure_rests_on_them() -> None:
    unknown = OneWayLoss(Interval(0, 3), Interval(0, 3))
    measured = analysed(target(100, 1, lost_out=range(97, 100)))._replace(loss=unknown)
    assert loss(measured) == "lost 3/100 (3 %: 0 to 3 out, 0 to 3 back)"
    assert (lost_forward(measured), lost_backward(measured)) == (1, 2)


def test_beyond_a_usual_rate_loss_is_not_surely_on_the_way_out() -> None:
    lossy = target(100, 1, lost_out=range(50, 90))
    packets = tuple(each._replace(at=each.at / 50) for each in lossy.packets)
    said = words(run(lossy._replace(packets=packets)))
    assert "all of it was lost on the way out or refused by the reflector" in said
    assert "2500 packets a second were sent" in said
    assert "all of it was lost on the way out, in" in words(run(lossy))
