"""The conversation with one agent: repetitions, refusals, reports."""

import time
from collections.abc import Callable, Sequence

from bothsides.analyse.clock_schedule import next_look
from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.model.clock import Plan, Wish
from bothsides.parse.range import Range
from bothsides.parse.snmp import SYS_UPTIME, from_source
from bothsides.probe.net.datagrams import Ask, Conversation, Outcome, Reply, Talk, converse
from bothsides.probe.net.resolve import Address
from bothsides.probe.snmp.measure import measure
from bothsides.probe.snmp.message import Community, Received
from bothsides.probe.snmp.usm import NOT_IN_WINDOW, UNKNOWN_ENGINE, Keys, Usm
from tests.support import daemons
from tests.support.delay import Path, delayed
from tests.support.snmp import ENGINE, USER, scripted, versed
from tests.support.stopwatch import Stopwatch


def test_lost_packets_are_asked_again_and_late_ones_still_count(agent: daemons.Daemon) -> None:
    with delayed(agent.port, Path(out=0.45, back=0.45)) as port:
        (host,) = measure(
            Plan(("127.0.0.1",), port, 4, community=Secret("public")), Deadline(60)
        ).hosts
    assert host.failure is None
    (sample,) = host.samples
    assert (
        0.9e9 < sample.received - sample.sent < 1.5e9
    )  # the first question's answer, not the second's
    with delayed(agent.port, Path(loss=0.4), seed=2) as port:
        (host,) = measure(
            Plan(("127.0.0.1",), port, 4, community=Secret("public")), Deadline(60)
        ).hosts
    assert host.failure is None


def test_a_limit_inside_the_bounds_is_worth_at_most_three_questions(agent: daemons.Daemon) -> None:
    wish = Wish(Range(-0.2, 0.2), Range(-60, 60))
    (host,) = measure(
        Plan(("127.0.0.1",), agent.port, 4, community=Secret("public"), wish=wish), Deadline(60)
    ).hosts
    assert host.queries <= 3
    assert (host.samples[-1].received - host.samples[0].sent) / 1e9 <= 2.1


def test_a_look_at_a_limit_that_is_lost_is_repeated_where_it_was_aimed(
    agent: daemons.Daemon,
) -> None:
    """Else it would hit any moment of the far second and decide nothing."""
    wish = Wish(Range(-0.2, 0.2), Range(-60, 60))
    with delayed(agent.port, Path(out=0.02, back=0.02, dropped=(2,))) as port:
        (host,) = measure(
            Plan(("127.0.0.1",), port, 4, community=Secret("public"), wish=wish), Deadline(60)
        ).hosts
    first, second = [sample.look for sample in host.samples if sample.look is not None][:2]
    aimed = next_look([first], wish)
    assert aimed is not None
    late = second.sent - aimed
    assert late > 0.7e9  # it was lost, and repeated
    assert min(late % 10**9, -late % 10**9) < 0.03e9
    assert host.queries == len(host.samples) + 1


def refusing(octets: bytes) -> Sequence[bytes]:
    """Version 2c by version 1's rules: everything is refused for one variable that is not there."""
    from pyasn1.codec.ber import decoder, encoder
    from pysnmp.proto.api import v2c

    message, _ = decoder.decode(octets, asn1Spec=v2c.Message())
    response = v2c.apiMessage.get_response(message)
    pdu = v2c.apiMessage.get_pdu(response)
    names = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(v2c.apiMessage.get_pdu(message))]
    known = {
        (1, 3, 6, 1, 4, 1, 9999, 1, 0): v2c.OctetString(f"{time.time():.6f}"),
        SYS_UPTIME: v2c.TimeTicks(4711),
    }
    missing = next((place for place, name in enumerate(names, 1) if name not in known), 0)
    if missing:
        v2c.apiPDU.set_error_status(pdu, 2)
        v2c.apiPDU.set_error_index(pdu, missing)
    else:
        v2c.apiPDU.set_varbinds(pdu, [(name, known[name]) for name in names])
    return [bytes(encoder.encode(response))]


def test_an_agent_that_refuses_what_lies_beside_is_asked_without_it() -> None:
    source = from_source(".1.3.6.1.4.1.9999.1.0")
    with scripted(refusing) as port:
        (host,) = measure(
            Plan(("127.0.0.1",), port, source=source, community=Secret("x"), restarts=True),
            Deadline(3),
        ).hosts
    assert host.failure is None
    assert len(host.samples) == 2, "the second shows whether the value moves"
    assert host.queries <= 4


def test_reports_without_end_end_the_conversation() -> None:
    """Each tells another time of the engine, so that it is always worth another try."""
    usm = Usm(USER, Keys(USER))
    told = iter(range(1000, 10**6, 500))

    def reply(octets: bytes) -> Sequence[bytes]:
        from pyasn1.codec.ber import decoder
        from pysnmp.proto.mpmod import rfc3412

        message, _ = decoder.decode(octets, asn1Spec=rfc3412.SNMPv3Message())
        first = not bytes(message[1][2])[0] & 3
        engine = ENGINE._replace(time=next(told))
        return [
            versed(
                usm,
                0,
                engine,
                int(message[1][0]),
                "report",
                UNKNOWN_ENGINE if first else NOT_IN_WINDOW,
                1,
            )
        ]

    with scripted(reply) as port:
        (host,) = measure(Plan(("127.0.0.1",), port, version="3", user=USER), Deadline(60)).hosts
    assert host.queries < 20
    assert host.failure is not None
    assert "notInTimeWindows" in host.failure.words


def test_a_flood_from_one_agent_leaves_the_others_their_answers(agent: daemons.Daemon) -> None:
    flooded = [b"\x30" + bytes(60)] * 3000
    ports = [agent.port]

    def ask(port: int) -> "Callable[[], Talk[Received, tuple[Outcome[Received], float]]]":
        def talk() -> "Talk[Received, tuple[Outcome[Received], float]]":
            session = Community(1, "public")
            outcome = yield Ask(
                session.ask(7, (SYS_UPTIME,)), 7, time.monotonic() + 1.0, session.read
            )
            return outcome, watch.seconds

        return talk

    with scripted(lambda octets: flooded) as port:
        watch = Stopwatch()
        home = Address(4, "127.0.0.1")
        talks = [Conversation(home, each, ask(each)) for each in (port, *ports)]
        (_, (outcome, took)) = converse(talks, Deadline(4))
    assert isinstance(outcome, Reply)
    assert took < 0.5
