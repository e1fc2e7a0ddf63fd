"""Messages of SNMP version 3 and their security, against a real agent and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.model.clock import User
from bothsides.parse.snmp import SYS_UPTIME
from bothsides.probe.snmp.message import Engine
from bothsides.probe.snmp.usm import NOT_IN_WINDOW, UNKNOWN_ENGINE, Keys, Usm
from tests.support import daemons
from tests.support.snmp import ENGINE, KEYS, USER, sent, versed


def discovered(agent: daemons.Daemon) -> tuple[Usm, Engine]:
    session = Usm(USER, KEYS)
    read = session.read(sent(agent.port, session.discover(5)))
    assert read is not None
    number, (answer, engine) = read
    assert number == 5
    assert answer.report == UNKNOWN_ENGINE
    session.learn(engine)
    return session, engine


@given(st.binary(max_size=200))
def test_arbitrary_octets_are_no_answer(octets: bytes) -> None:
    assert Usm(USER, KEYS).read(octets) is None


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


def test_a_cryptography_that_is_too_old_is_said_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from pysnmp.proto.secmod.rfc3826.priv import aes

    monkeypatch.setattr(aes, "PysnmpCryptoError", True)
    with pytest.raises(Unable, match="AES does not work here: install cryptography 47 or newer"):
        Keys(USER)


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
