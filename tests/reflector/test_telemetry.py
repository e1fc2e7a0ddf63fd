"""Questions in requests and their answers in replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import stamp, stamp_tlv
from bothsides.parse.stamp_tlv import ANSWERED, DENIED, UNKNOWN, Account, Arrivals
from bothsides.reflector.session import Reflector, Rules
from tests.support.far_end import networks

NOW = 1_700_000_000_000_000_000
KEY = b"a key of the house"
MAPPED = b"\0" * 10 + b"\xff\xff"


def request(sequence: int, ssid: int = 99, tlv: bytes = b"", key: bytes = b"") -> bytes:
    return stamp.to_request(stamp.Request(sequence, NOW, 0x2001, ssid), 0, key) + tlv


def say(
    reflector: Reflector, data: bytes, host: str = "10.0.0.9", port: int = 40000
) -> bytes | None:
    draft = reflector.reply(data, host, port, 63, NOW, 0.0)
    return None if draft is None else bytes(draft.leaving(NOW))


def told(
    reflector: Reflector, asked: Account | Arrivals, key: bytes = b"", **sender: str | int
) -> stamp_tlv.Contents:
    tlv = (
        stamp_tlv.to_account(asked) if isinstance(asked, Account) else stamp_tlv.to_arrivals(asked)
    )
    data = request(1 << 21, tlv=tlv, key=key)
    reply = say(reflector, data, **sender)  # type: ignore[arg-type]
    assert reply is not None
    assert len(reply) == len(data), "never longer than the question"
    found = stamp_tlv.find(reply[stamp.SEALED if key else stamp.PLAIN :])
    assert found is not None
    return found[1]


def test_a_flow_can_be_asked_about_through_another_and_from_another_port() -> None:
    reflector = Reflector(Rules())
    for sequence, port in ((0, 40000), (2, 40000), (3, 50001)):
        say(reflector, request(sequence, ssid=101), port=port)
    account = told(reflector, Account(0, 101, 0, 0, 1), port=40007)
    assert isinstance(account, Account)
    assert (account.status, account.arrived_bits, account.ports) == (ANSWERED, b"\xb0", 2)


def test_nobody_learns_about_the_flows_of_another_host() -> None:
    reflector = Reflector(Rules())
    say(reflector, request(0, ssid=101))
    assert told(reflector, Account(0, 101, 0, 0, 1), host="10.0.0.8").status == UNKNOWN


def test_with_keys_the_port_tells_flows_of_one_ssid_apart() -> None:
    reflector = Reflector(Rules(keys={None: KEY}))
    say(reflector, request(0, key=KEY), port=40000)
    say(reflector, request(1, key=KEY), port=40001)
    first = told(reflector, Account(0, 99, 40000, 0, 1), key=KEY, port=40001)
    other = told(reflector, Account(0, 99, 40001, 0, 1), key=KEY, port=40001)
    assert isinstance(first, Account) and isinstance(other, Account)
    assert (first.arrived_bits, other.arrived_bits) == (b"\x80", b"\x40")


def test_requests_over_the_rate_are_told_one_by_one() -> None:
    reflector = Reflector(Rules(rate=2))
    answered = [say(reflector, request(sequence)) is not None for sequence in range(7)]
    draft = reflector.reply(
        request(1 << 21, tlv=stamp_tlv.to_account(Account(0, 99, 0, 0, 1))),
        "10.0.0.9", 40000, 63, NOW, 3.0,
    )  # fmt: skip
    assert draft is not None
    found = stamp_tlv.find(bytes(draft.packet[stamp.PLAIN :]))
    assert found is not None and isinstance(found[1], Account)
    assert answered == [True] * 4 + [False] * 3
    assert (found[1].arrived_bits, found[1].refused_bits, found[1].refused) == (b"\xf0", b"\x0e", 3)


@pytest.mark.parametrize(
    ("rules", "key", "status"),
    [
        (Rules(), b"", ANSWERED),
        (Rules(everybody=True, allow=networks("192.0.2.0/24")), b"", DENIED),
        (Rules(everybody=True, allow=(), keys={None: KEY}), KEY, ANSWERED),
    ],
)
def test_arrivals_are_told_under_a_key_or_to_networks_that_are_named(
    rules: Rules, key: bytes, status: int
) -> None:
    reflector = Reflector(rules)
    say(reflector, request(0, key=key), host="10.0.0.7")
    found = told(reflector, Arrivals(0, MAPPED + bytes((10, 0, 0, 7))), key=key)
    assert isinstance(found, Arrivals)
    assert found.status == status
    assert found.minutes[0] == (status == ANSWERED)


@given(st.binary(max_size=150))
def test_no_tail_brings_more_octets_back_or_harm(tail: bytes) -> None:
    head = b"\x80\xf0" + len(tail).to_bytes(2) + b"bsdT"
    for data in (request(1, tlv=tail), request(1, tlv=head + tail)):
        reply = say(Reflector(Rules()), data)
        assert reply is not None and len(reply) == len(data)


def test_questions_are_answered_over_the_rate_so_that_it_shows() -> None:
    reflector = Reflector(Rules(rate=5))
    replies = [say(reflector, request(sequence)) for sequence in range(30)]
    assert sum(reply is not None for reply in replies) == 10
    account = told(reflector, Account(0, 99, 0, 0, 4))
    assert isinstance(account, Account)
    assert list(stamp_tlv.sequences(account.arrived_bits, 0)) == list(range(10))
    assert list(stamp_tlv.sequences(account.refused_bits, 0)) == list(range(10, 30))
    assert account.refused == 20


def test_questions_over_the_rate_have_an_end() -> None:
    reflector = Reflector(Rules(rate=5))
    say(reflector, request(0))
    question = request(1 << 21, tlv=stamp_tlv.to_account(Account(0, 99, 0, 0, 4)))
    assert sum(say(reflector, question) is not None for _ in range(500)) == 9 + 128


@pytest.mark.parametrize("key", [b"", KEY])
def test_a_follow_up_carries_the_stamp_of_the_previous_reply_of_the_same_session(
    key: bytes,
) -> None:
    reflector = Reflector(Rules(keys={None: KEY} if key else {}))
    tlv = stamp_tlv.to_follow_up(stamp_tlv.FollowUp(stamp_tlv.REQUEST))
    base = stamp.SEALED if key else stamp.PLAIN
    left = NOW + 12345
    for sequence, expected in ((0, stamp_tlv.FollowUp(UNKNOWN)), (1, None)):
        data = request(sequence, tlv=tlv, key=key)
        draft = reflector.reply(data, "10.0.0.9", 40000, 63, NOW, 0.0)
        assert draft is not None
        assert draft.stamped == ("10.0.0.9", 40000, 99)
        found = stamp_tlv.find(bytes(draft.packet[base:]))
        assert found is not None and isinstance(found[1], stamp_tlv.FollowUp)
        if expected:
            assert found[1] == expected
        else:
            assert found[1][:2] == (ANSWERED, 0)
            assert abs(found[1].left - left) <= 1
        reflector.telemetry.follow_ups.note(draft.stamped, sequence, left)
    other = reflector.reply(request(0, tlv=tlv, key=key), "10.0.0.9", 40001, 63, NOW, 0.0)
    assert other is not None
    found = stamp_tlv.find(bytes(other.packet[base:]))
    assert found is not None
    assert found[1].status == UNKNOWN, "another port is another session"


def test_a_plain_request_is_never_stamped() -> None:
    for tlv in (b"", b"\x80\x01\x00\x20" + bytes(32)):
        draft = Reflector(Rules()).reply(request(0, tlv=tlv), "10.0.0.9", 40000, 63, NOW, 0.0)
        assert draft is not None
        assert draft.stamped is None


def test_a_flow_whose_requests_were_all_over_the_rate_is_known_too() -> None:
    reflector = Reflector(Rules(rate=1))
    for sequence in range(4):
        for ssid in (101, 102, 103):
            say(reflector, request(sequence, ssid=ssid))
    found = told(reflector, Account(0, 103, 0, 0, 1))
    assert isinstance(found, Account)
    assert (found.status, found.arrived_bits, found.refused_bits) == (ANSWERED, b"\0", b"\xf0")


def test_refused_requests_of_many_flows_fill_no_table() -> None:
    reflector = Reflector(Rules(rate=1))
    for ssid in range(1, 5000):
        say(reflector, request(0, ssid=ssid))
    assert len(reflector.telemetry.accounts) == 2 + 128
