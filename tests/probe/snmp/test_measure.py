"""Messages, security and sockets of the SNMP probe against real agents and bare sockets."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.clock_offset import Wish, next_look
from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.model.clock import Plan
from bothsides.model.failure import Failure
from bothsides.parse import Unreadable
from bothsides.parse.ntp import from_reply, to_request
from bothsides.parse.range import Range
from bothsides.parse.snmp import HR_SYSTEM_DATE, IN_PACKETS, SYS_UPTIME, from_source
from bothsides.probe.net.datagrams import Ask, Reply, Talk, converse
from bothsides.probe.net.local_clock import LocalClock, anchor, local_clock, reference
from bothsides.probe.net.resolve import Address
from bothsides.probe.snmp.measure import measure
from bothsides.probe.snmp.message import Answer, Community
from bothsides.probe.snmp.usm import NOT_IN_WINDOW, UNKNOWN_ENGINE, Engine, Keys, User, Usm
from tests.support import daemons, net
from tests.support.agent import answer as agent_answer
from tests.support.delay import Path, delayed

USER = User("mon", 2, "SHA-256", Secret("authpass12"), "AES", Secret("privpass12"))
CONFIG = """
rocommunity public
createUser mon SHA-256 authpass12 AES privpass12
createUser plain SHA-256 authpass12
rouser mon priv
rouser plain auth
"""


@pytest.fixture(scope="module")
def agent() -> Iterator[daemons.Daemon]:
    with daemons.folder() as root, daemons.snmpd(CONFIG, root) as daemon:
        yield daemon


def sent(port: int, octets: bytes) -> bytes:
    """One datagram there and one back, past everything of ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(3)
        asker.connect(("127.0.0.1", port))
        asker.send(octets)
        return asker.recv(65535)


@pytest.mark.parametrize("version", [0, 1])
def test_a_request_is_answered_under_its_own_number(agent: daemons.Daemon, version: int) -> None:
    session = Community(version, "public")
    read = session.read(sent(agent.port, session.ask(4711, (SYS_UPTIME, HR_SYSTEM_DATE))))
    assert read is not None
    number, (answer, _) = read
    assert number == answer.request == 4711
    assert [value.kind for value in answer.values] == ["TimeTicks", "OctetString"]
    assert (
        Community(1 - version, "public").read(sent(agent.port, session.ask(1, (SYS_UPTIME,))))
        is None
    )


def test_our_own_request_is_no_answer() -> None:
    session = Community(1, "public")
    assert session.read(session.ask(1, (SYS_UPTIME,))) is None


@given(st.binary(max_size=200))
def test_arbitrary_octets_are_no_answer(octets: bytes) -> None:
    assert Community(1, "public").read(octets) is None
    assert Usm(USER, KEYS).read(octets) is None


KEYS = Keys(USER)


@given(st.data())
def test_a_bent_answer_is_read_or_refused_but_never_harms(data: st.DataObject) -> None:
    whole = bytearray(ANSWER)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read = Community(1, "public").read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert read is None or isinstance(read[1][0], Answer)


ANSWER = bytes.fromhex(
    "3081500201010406 7075626c6963a2430202126702010002010030 373010060 82b06010201010300430403a0"
    "b1f2 3023 06 08 2b06010201190102 04 0b 07ea0b14152535002b0000".replace(" ", "")
)


def discovered(agent: daemons.Daemon) -> tuple[Usm, Engine]:
    session = Usm(USER, KEYS)
    read = session.read(sent(agent.port, session.discover(5)))
    assert read is not None
    number, (answer, engine) = read
    assert number == 5
    assert answer.report == UNKNOWN_ENGINE
    session.learn(engine)
    return session, engine


def test_a_message_out_of_the_time_window_is_reported_with_the_right_time(
    agent: daemons.Daemon,
) -> None:
    session, engine = discovered(agent)
    session.learn(engine._replace(time=engine.time + 1000))
    read = session.read(sent(agent.port, session.ask(6, (SYS_UPTIME,))))
    assert read is not None
    assert read[1][0].report == NOT_IN_WINDOW
    session.learn(read[1][1])
    read = session.read(sent(agent.port, session.ask(7, (SYS_UPTIME,))))
    assert read is not None
    assert read[1][0].values[0].kind == "TimeTicks"


def test_an_answer_that_is_not_signed_by_the_right_key_is_no_answer(agent: daemons.Daemon) -> None:
    session, engine = discovered(agent)
    octets = sent(agent.port, session.ask(8, (SYS_UPTIME,)))
    assert session.read(octets) is not None
    stranger = User("mon", 2, "SHA-256", Secret("otherpass"), "AES", Secret("privpass12"))
    other = Usm(stranger, Keys(stranger))
    other.learn(engine)
    assert other.read(octets) is None
    for place in range(60, len(octets), 7):
        assert (
            session.read(octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]) is None
        )


def failure_of(agent: daemons.Daemon, user: User) -> str:
    (host,) = measure(Plan(("127.0.0.1",), agent.port, 4, "3", user=user), Deadline(3)).hosts
    assert host.failure is not None
    return host.failure.words


def test_a_user_without_a_privacy_key_cannot_be_asked_in_secret(agent: daemons.Daemon) -> None:
    assert "unsupportedSecLevels" in failure_of(agent, USER._replace(name="plain"))


def test_the_wrong_key_extension_is_hinted_at(agent: daemons.Daemon) -> None:
    words = failure_of(agent, USER._replace(priv="AES-256"))
    assert (
        "engine answers, then silence: wrong privacy password or protocol (AES-256, AES-256-C extends keys the other way)"
        in words
    )


def test_a_cryptography_that_is_too_old_is_said_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pysnmp.proto.secmod.rfc3826.priv import aes

    monkeypatch.setattr(aes, "PysnmpCryptoError", True)
    with pytest.raises(Unable, match="AES does not work here: install cryptography 47 or newer"):
        Keys(USER)


def test_lost_packets_are_asked_again_and_late_ones_still_count(agent: daemons.Daemon) -> None:
    with delayed(agent.port, Path(out=0.45, back=0.45)) as port:
        (host,) = measure(
            Plan(("127.0.0.1",), port, 4, community=Secret("public")), Deadline(5)
        ).hosts
    assert host.failure is None
    (sample,) = host.samples
    assert (
        0.9e9 < sample.received - sample.sent < 1.5e9
    )  # the first question's answer, not the second's
    with delayed(agent.port, Path(loss=0.4), seed=2) as port:
        (host,) = measure(
            Plan(("127.0.0.1",), port, 4, community=Secret("public")), Deadline(8)
        ).hosts
    assert host.failure is None


def test_a_limit_inside_the_bounds_is_worth_at_most_three_questions(agent: daemons.Daemon) -> None:
    wish = Wish(Range(-0.2, 0.2), Range(-60, 60))
    (host,) = measure(
        Plan(("127.0.0.1",), agent.port, 4, community=Secret("public"), wish=wish), Deadline(8)
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
            Plan(("127.0.0.1",), port, 4, community=Secret("public"), wish=wish), Deadline(8)
        ).hosts
    first, second = [sample.look for sample in host.samples if sample.look is not None][:2]
    aimed = next_look([first], wish)
    assert aimed is not None
    late = second.sent - aimed
    assert late > 0.7e9  # it was lost, and repeated
    assert min(late % 10**9, -late % 10**9) < 0.03e9
    assert host.queries == len(host.samples) + 1


def test_the_agent_counts_our_packets(agent: daemons.Daemon) -> None:
    session = Community(1, "public")
    counts = []
    for number in range(2):
        read = session.read(sent(agent.port, session.ask(number, (IN_PACKETS,))))
        assert read is not None
        counts.append(read[1][0].values[0].data)
    assert isinstance(counts[0], int)
    assert counts[1] == counts[0] + 1


def test_the_kernel_stamps_lie_between_question_and_answer() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(5)

        def echo() -> None:
            octets, peer = far.recvfrom(100)
            far.sendto(octets, peer)

        thread = threading.Thread(target=echo)
        thread.start()

        def talk() -> Talk:
            import time

            heard = yield Ask(b"hello", 1, time.monotonic() + 3, lambda octets: (1, octets))
            return heard

        (heard,) = converse([(Address(4, "127.0.0.1"), far.getsockname()[1], talk)], Deadline(4))
        thread.join()
    assert isinstance(heard, Reply)
    assert heard.answer == b"hello"
    assert 0 < heard.received - heard.sent < 2e9


def failed(network: net.Network, target: str) -> str:
    """What the plugin says about a target, asked from inside the namespace `us`."""
    from tests.support.process import run

    outcome = run("check_snmp_clock", "-H", target, "-t", "3", inside=network.inside("us"))
    assert outcome.code == 3
    assert outcome.error == ""
    return outcome.line


def test_a_router_that_refuses_is_named() -> None:
    with net.network() as network:
        for name in ("us", "router"):
            network.host(name)
        network.link("us", "10.98.1.1/24", "router", "10.98.1.2/24")
        network.route("us", "default", "via", "10.98.1.2")
        assert "10.98.1.2 says: Network is unreachable" in failed(network, "10.98.99.99")
        network.route("router", "prohibit", "10.98.99.0/24")
        assert "10.98.1.2 says: No route to host" in failed(network, "10.98.99.99")


def test_no_route_from_here_is_our_own_fault() -> None:
    with net.network() as network:
        network.host("us")
        assert "no route from here: Network is unreachable" in failed(network, "10.98.99.99")


def test_our_own_clock_is_judged_by_its_greatest_error() -> None:
    assert LocalClock(0.2).synchronised
    assert not LocalClock(None).synchronised
    ours = local_clock(Deadline(8), chrony=False)
    assert ours.error is None or 0 <= ours.error < 17
    assert ours.told.startswith("kernel" if ours.error is None else "the kernel")


def test_two_looks_at_our_own_clock_agree() -> None:
    first = anchor()
    assert max(abs(anchor() - first) for _ in range(200)) < 1_000_000


@given(st.binary(max_size=80))
def test_arbitrary_octets_are_no_ntp_answer(octets: bytes) -> None:
    try:
        from_reply(octets, b"12345678", 0)
    except Unreadable:
        pass


def test_an_ntp_answer_must_repeat_our_cookie() -> None:
    assert len(to_request(b"12345678")) == 48
    answer = bytearray(48)
    answer[0], answer[1] = 0x24, 2
    answer[24:32] = b"12345678"
    answer[32:48] = (3_900_000_000 << 32).to_bytes(8) * 2
    read = from_reply(bytes(answer), b"12345678", 0)
    assert read.refused == ""
    assert read.transmit == (3_900_000_000 - 2_208_988_800) * 10**9
    with pytest.raises(Unreadable):
        from_reply(bytes(answer), b"87654321", 0)
    answer[1], answer[12:16] = 0, b"RATE"
    assert from_reply(bytes(answer), b"12345678", 0).refused == "it refuses (RATE)"
    answer[0], answer[1] = 0xE4, 3
    assert from_reply(bytes(answer), b"12345678", 0).refused == "it is not synchronised itself"


def test_a_name_that_does_not_resolve_is_a_failure_of_its_own() -> None:
    (host,) = measure(Plan(("no-such-host.invalid",)), Deadline(4)).hosts
    assert isinstance(host.failure, Failure)
    assert host.failure.blame in ("dns", "local")


def versed(
    usm: Usm,
    flags: int,
    engine: Engine,
    identity: int,
    kind: str,
    name: tuple[int, ...],
    value: int,
) -> bytes:
    """An SNMPv3 message in clear, with whatever flags: what anybody on the way could write."""
    from pyasn1.codec.ber import decoder, encoder
    from pysnmp.proto import rfc1905
    from pysnmp.proto.mpmod import rfc3412

    outer = Usm(usm.user._replace(level=0), usm.keys)._message(
        identity,
        0,
        (*engine, usm.user.name.encode(), b"", b""),
        usm._scoped(identity, (name,), engine.identity),
    )
    message, _ = decoder.decode(outer, asn1Spec=rfc3412.SNMPv3Message())
    message[1][2] = bytes([flags])
    asked = message[3].getComponent()[2].getComponent()
    pdu = rfc1905.ReportPDU() if kind == "report" else rfc1905.ResponsePDU()
    pdu[0], pdu[1], pdu[2] = int(asked[0]), 0, 0
    variable = rfc1905.VarBind()
    variable[0] = name
    variable.setComponentByPosition(1)[1]["value"]["application-wide"]["counter-value"] = value
    pdu.setComponentByPosition(3)[3].clear()
    pdu[3][0] = variable
    message[3].getComponent().setComponentByPosition(2)[2][kind] = pdu
    return bytes(encoder.encode(message))


ENGINE = Engine(b"\x80\x00\x1f\x88\x04abcdef", 3, 1000)


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("flags", [0, 2, 4, 6])
def test_nobody_without_the_key_can_answer(level: int, flags: int) -> None:
    user = USER._replace(level=level)
    usm = Usm(user, Keys(user))
    usm.learn(ENGINE)
    assert usm.read(versed(usm, flags, ENGINE, 7, "response", SYS_UPTIME, 100)) is None


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("flags", [1, 2, 3, 5, 7])
def test_before_the_engine_is_known_nothing_can_be_secured(level: int, flags: int) -> None:
    user = USER._replace(level=level)
    usm = Usm(user, Keys(user))
    assert usm.read(versed(usm, flags, ENGINE, 7, "report", UNKNOWN_ENGINE, 1)) is None
    known = usm.read(versed(usm, 0, ENGINE, 7, "report", UNKNOWN_ENGINE, 1))
    assert known is not None
    assert known[1][1] == ENGINE


@contextmanager
def scripted(reply: Callable[[bytes], Sequence[bytes]]) -> Iterator[int]:
    """The port of an agent that answers each datagram as the script says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(0.2)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    octets, peer = door.recvfrom(65535)
                except TimeoutError:
                    continue
                for answer in reply(octets):
                    door.sendto(answer, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            stop.set()
            thread.join()


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
    assert len(host.samples) == 1
    assert host.queries <= 3


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
        (host,) = measure(Plan(("127.0.0.1",), port, version="3", user=USER), Deadline(5)).hosts
    assert host.queries < 20
    assert host.failure is not None
    assert "notInTimeWindows" in host.failure.words


def test_tenths_of_a_second_may_come_from_a_clock_that_is_coarser_still() -> None:
    """Windows' clock goes on every 15.6 ms."""
    time.sleep((0.15 - time.time()) % 1.0)  # a value of no tenths looks like one that has none
    with scripted(lambda octets: [agent_answer(octets)]) as port:
        (host,) = measure(Plan(("127.0.0.1",), port, community=Secret("x")), Deadline(3)).hosts
    (sample,) = host.samples
    assert sample.look is not None
    assert (sample.look.grain, sample.look.slack) == (10**8, 20_000_000)


def test_a_flood_from_one_agent_leaves_the_others_their_answers(agent: daemons.Daemon) -> None:
    flooded = [b"\x30" + bytes(60)] * 3000
    ports = [agent.port]

    def ask(port: int) -> Callable[[], Talk]:
        def talk() -> Talk:
            session = Community(1, "public")
            heard = yield Ask(
                session.ask(7, (SYS_UPTIME,)), 7, time.monotonic() + 1.0, session.read
            )
            return heard, time.monotonic() - began

        return talk

    with scripted(lambda octets: flooded) as port:
        began = time.monotonic()
        home = Address(4, "127.0.0.1")
        talks = [(home, port, ask(port)), *((home, one, ask(one)) for one in ports)]
        (_, (heard, took)) = converse(talks, Deadline(4))
    assert isinstance(heard, Reply)
    assert took < 0.5


def test_a_reference_that_contradicts_itself_is_no_reference() -> None:
    def lying(octets: bytes) -> Sequence[bytes]:
        cookie = octets[40:48]
        now = int((time.time() + 2208988800) * 2**32)
        later = now + (10 << 32)  # sent ten seconds after it came, within a millisecond
        return [
            bytes([0x24, 2, 6, 0xE8])
            + bytes(20)
            + cookie
            + now.to_bytes(8, "big")
            + later.to_bytes(8, "big")
        ]

    with scripted(lying) as port:
        found = reference("127.0.0.1", port, 4, Deadline(5))
    assert found.ahead is None
    assert found.failure is not None
