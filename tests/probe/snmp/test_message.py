"""Messages of SNMP versions 1 and 2c, against a real agent and bent octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.snmp import HR_SYSTEM_DATE, IN_PACKETS, SYS_UPTIME, Response
from bothsides.probe.snmp.message import Community
from tests.support import daemons
from tests.support.snmp import sent

ANSWER = bytes.fromhex(
    "3081500201010406 7075626c6963a2430202126702010002010030 373010060 82b06010201010300430403a0"
    "b1f2 3023 06 08 2b06010201190102 04 0b 07ea0b14152535002b0000".replace(" ", "")
)


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
def test_arbitrary_octets_are_no_response(octets: bytes) -> None:
    assert Community(1, "public").read(octets) is None


@given(st.data())
def test_a_bent_answer_is_read_or_refused_but_never_harms(data: st.DataObject) -> None:
    whole = bytearray(ANSWER)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read = Community(1, "public").read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert read is None or isinstance(read[1][0], Response)


def test_the_agent_counts_our_packets(agent: daemons.Daemon) -> None:
    session = Community(1, "public")
    counts = []
    for number in range(2):
        read = session.read(sent(agent.port, session.ask(number, (IN_PACKETS,))))
        assert read is not None
        counts.append(read[1][0].values[0].data)
    assert isinstance(counts[0], int)
    assert counts[1] == counts[0] + 1


@pytest.mark.parametrize("request_id", [1, 255, 1 << 24, 0x01020304, 0x7FFFFFFF])
def test_a_request_made_from_an_earlier_one_has_the_same_octets(request_id: int) -> None:
    oids = ((1, 3, 6, 1, 2, 1, 25, 1, 2, 0), (1, 3, 6, 1, 2, 1, 1, 3, 0))
    for community in ("public", "\x01\x02\x03\x04", ""):
        session = Community(1, community)
        expected = session._encoded(request_id, oids)
        session.ask(0x01020304, oids)
        assert session.ask(request_id, oids) == expected
