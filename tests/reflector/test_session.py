"""What the reflector says to whom."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import mehsh, stamp
from bothsides.reflector.session import SESSIONS, Reflector, Rules
from bothsides.reflector.sources import SOURCES
from tests.support.far_end import networks

NOW = 1_700_000_000_000_000_000
REQUEST = stamp.to_request(stamp.Request(7, NOW, 0x2001, 99))
KEY = b"a key of the house"
SEALED = stamp.to_request(stamp.Request(7, NOW, 0x2001, 99), stamp.SEALED, KEY)


def say(
    reflector: Reflector, data: bytes, host: str = "10.0.0.9", port: int = 40000, now: float = 0.0
) -> bytes | None:
    draft = reflector.reply(data, host, port, 63, NOW + 5000, now)
    return None if draft is None else bytes(draft.leaving(NOW + 9000))


def test_a_request_is_answered_with_all_that_the_rfc_asks_for() -> None:
    reflector = Reflector(Rules())
    reply = say(reflector, REQUEST)
    assert reply is not None
    assert stamp.from_reply(reply) == stamp.Reply(0, NOW + 9000, 0x2001, 99, NOW + 5000, 7, NOW, 63)
    second = say(reflector, REQUEST)
    assert second is not None
    assert stamp.from_reply(second).number == 1
    assert reflector.counts == {"received": 2, "reflected": 2}


def test_every_flow_is_counted_for_itself_and_forgotten_when_silent() -> None:
    reflector = Reflector(Rules())

    def number(port: int, now: float) -> int:
        reply = say(reflector, REQUEST, port=port, now=now)
        assert reply is not None
        return stamp.from_reply(reply).number

    assert [
        number(2000, 0),
        number(2000, 1),
        number(2001, 2),
        number(2000, 3),
        number(2000, 400),
    ] == [0, 1, 0, 2, 0]


def test_a_stateless_reflector_returns_the_senders_number() -> None:
    reply = say(Reflector(Rules(stateless=True)), REQUEST)
    assert reply is not None
    assert stamp.from_reply(reply).number == 7


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("8.8.8.8", 40000, "not_allowed"),
        ("2001:db8::1", 40000, "not_allowed"),
        ("10.0.0.9", 53, "port_refused"),
        ("10.0.0.9", 862, "port_refused"),
        ("10.0.0.9", 8620, "port_refused"),
    ],
)
def test_strangers_and_servers_ports_get_no_answer(host: str, port: int, why: str) -> None:
    reflector = Reflector(Rules(ports=frozenset((8620,))))
    assert say(reflector, REQUEST, host, port) is None
    assert reflector.counts == {"received": 1, why: 1}


def test_link_local_addresses_with_their_interface_are_at_home() -> None:
    assert say(Reflector(Rules()), REQUEST, "fe80::1%eth0") is not None


def test_a_list_of_networks_replaces_home_and_open_answers_all() -> None:
    listed = Rules(allow=networks("198.51.100.0/24"))
    assert say(Reflector(listed), REQUEST, "10.0.0.9") is None
    assert say(Reflector(listed), REQUEST, "198.51.100.7") is not None
    assert say(Reflector(Rules(everybody=True)), REQUEST, "8.8.8.8") is not None


def test_new_rules_hold_at_once_for_known_sources() -> None:
    reflector = Reflector(Rules())
    assert say(reflector, REQUEST) is not None
    reflector.follow(Rules(allow=networks("198.51.100.0/24")))
    assert say(reflector, REQUEST) is None


def test_an_answer_is_never_answered() -> None:
    for rules, request in ((Rules(), REQUEST), (Rules(keys={None: KEY}), SEALED)):
        reply = say(Reflector(rules), request)
        assert reply is not None
        reflector = Reflector(rules)
        assert say(reflector, reply) is None
        assert reflector.counts["answer_refused"] == 1


def test_a_senders_random_padding_is_no_answer() -> None:
    padding = random.Random(1).randbytes(30)
    assert say(Reflector(Rules()), REQUEST[:14] + padding) is not None


def test_mehsh_is_answered_only_when_told_to_and_answers_never() -> None:
    request = mehsh.to_packet(mehsh.Packet(42, mehsh.REQUEST))
    answer = mehsh.to_packet(mehsh.Packet(42, mehsh.REPLY))
    assert say(Reflector(Rules(mehsh=True)), request) == answer
    assert say(Reflector(Rules(mehsh=True)), answer) is None
    assert say(Reflector(Rules()), request) != answer


def test_with_keys_only_sealed_requests_are_answered_and_sealed_with_the_key_of_their_ssid() -> (
    None
):
    reflector = Reflector(Rules(keys={99: KEY, 100: b"another key"}))
    assert say(reflector, REQUEST) is None
    reply = say(reflector, SEALED)
    assert reply is not None
    assert stamp.from_reply(reply, KEY).sequence == 7
    assert say(reflector, SEALED[:26] + b"\0\x64" + SEALED[28:]) is None
    assert say(reflector, SEALED[:26] + b"\0\x65" + SEALED[28:]) is None
    assert reflector.counts == {"received": 4, "reflected": 1, "unreadable": 3}
    assert len(reflector.sessions) == 1, "nothing is remembered about what is not sealed"


def test_a_source_is_slowed_down_and_recovers() -> None:
    reflector = Reflector(Rules(rate=10.0))
    assert sum(say(reflector, REQUEST, now=0.0) is not None for _ in range(100)) == 20
    assert sum(say(reflector, REQUEST, now=1.0) is not None for _ in range(100)) == 10
    assert (
        sum(say(reflector, REQUEST, host="10.0.0.10", now=1.0) is not None for _ in range(100))
        == 20
    )


def test_an_ipv6_network_is_one_source() -> None:
    reflector = Reflector(Rules(rate=10.0))
    assert sum(say(reflector, REQUEST, f"fd00::{n:x}") is not None for n in range(1, 100)) == 20


def test_sessions_and_sources_are_bounded() -> None:
    reflector = Reflector(Rules())
    for number in range(20000):
        say(
            reflector,
            REQUEST,
            f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            now=number / 1000,
        )
    assert len(reflector.sessions) <= SESSIONS
    assert len(reflector.sources) <= SOURCES + 1
    assert reflector.counts["reflected"] == 20000


def _mutated(dice: random.Random, packet: bytes) -> bytes:
    data = bytearray(packet)
    for _ in range(dice.randrange(1, 6)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[: dice.choice((len(data), dice.randrange(len(data) + 1)))]) + dice.randbytes(
        dice.choice((0, 0, 7))
    )


def _fuzz(count: int, mutated: int) -> None:
    """Random and mutated packets: nothing raises, no reply is longer, no reply is answered."""
    dice = random.Random(862)
    whole = stamp.to_reply(stamp.Reply(1, NOW, 1, 99, NOW, 7, NOW, 63), REQUEST)
    valid = (REQUEST, SEALED, whole, stamp.to_request(stamp.Request(1, NOW, 1, 1), 200))
    reflectors = [
        Reflector(Rules(rate=1e9)),
        Reflector(Rules(rate=1e9, mehsh=True, keys={99: KEY})),
        Reflector(Rules(rate=1e9, mehsh=True)),
    ]
    for number in range(count + mutated):
        data = (
            dice.randbytes(dice.randrange(120))
            if number < count
            else _mutated(dice, valid[number % len(valid)])
        )
        reflector = reflectors[number % len(reflectors)]
        reply = say(reflector, data, port=1024 + number % 50)
        if reply is not None:
            assert len(reply) <= len(data)
            assert say(reflector, reply) is None, (data, reply)


def test_no_octets_bring_it_down_or_make_it_say_more_than_it_was_told() -> None:
    _fuzz(20_000, 10_000)


@pytest.mark.soak
def test_a_million_random_and_a_hundred_thousand_mutated_datagrams() -> None:
    _fuzz(1_000_000, 100_000)


@given(st.binary(max_size=300), st.sampled_from([{}, {99: KEY}, {None: KEY}]), st.booleans())
def test_no_answer_is_longer_than_its_question(
    data: bytes, keys: dict[int | None, bytes], with_mehsh: bool
) -> None:
    reply = say(Reflector(Rules(keys=keys, mehsh=with_mehsh)), data)
    assert reply is None or len(reply) <= len(data)


@pytest.mark.parametrize("size", [0, 5, 14, 37])
def test_too_short_a_request_gets_no_answer_that_could_pass_for_a_request(size: int) -> None:
    reflector = Reflector(Rules())
    assert say(reflector, REQUEST[:size]) is None
    assert reflector.counts["short"] == 1
    assert say(reflector, REQUEST[:38]) is not None
