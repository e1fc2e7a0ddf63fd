"""What it means that an agent is silent, reports or refuses."""

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.clock import Plan, User
from bothsides.model.failure import Failure
from bothsides.parse.snmp import SYS_UPTIME, Response, Value
from bothsides.probe.snmp.failures import refused, reported, silence
from bothsides.probe.snmp.measure import measure
from bothsides.probe.snmp.message import Community
from bothsides.probe.snmp.usm import NOT_IN_WINDOW, Usm
from tests.support import daemons
from tests.support.snmp import ENGINE, KEYS, USER


def failure_of(agent: daemons.Daemon, user: User) -> str:
    (host,) = measure(Plan(("127.0.0.1",), agent.port, 4, "3", user=user), Deadline(3)).hosts
    assert host.failure is not None
    return host.failure.words


def test_a_user_without_a_privacy_key_cannot_be_asked_in_secret(agent: daemons.Daemon) -> None:
    assert "unsupportedSecLevels" in failure_of(agent, USER._replace(name="plain"))


def test_the_wrong_key_extension_is_hinted_at(agent: daemons.Daemon) -> None:
    words = failure_of(agent, USER._replace(priv="AES-256"))
    assert (
        "engine answers, then silence: wrong privacy password or protocol"
        " (AES-256, AES-256-C extends keys the other way)" in words
    )


OID = (SYS_UPTIME,)


def community() -> Community:
    return Community(1, "public")


def known(user: User) -> Usm:
    session = Usm(user, KEYS)
    session.engine = ENGINE
    return session


@pytest.mark.parametrize(
    ("session", "queries", "unread", "failure"),
    [
        (community(), 1, 0, "silent: no answer to 1 query: host down, filtered, or wrong community"
         " (agents never say which)"),
        (community(), 6, 1, "server: a datagram comes back, but none that can be read as an answer"
         " of this agent"),
        (community(), 6, 2, "server: 2 datagrams come back, but none that can be read as an answer"
         " of this agent"),
        (Usm(USER, KEYS), 6, 0, "silent: no answer to 6 queries: host down or filtered, or no"
         " SNMPv3 there"),
        (known(USER), 6, 0, "config: its SNMPv3 engine answers, then silence: wrong privacy"
         " password or protocol (AES)"),
        (known(USER._replace(level=1, context="x")), 6, 0, "config: its SNMPv3 engine answers, then"
         " silence: no context x"),
        (known(USER._replace(level=0)), 6, 0, "server: its SNMPv3 engine answers, then silence"),
        (known(USER._replace(priv="AES-256-C")), 6, 0, "config: its SNMPv3 engine answers, then"
         " silence: wrong privacy password or protocol"
         " (AES-256-C, AES-256 extends keys the other way)"),
    ],
)  # fmt: skip
def test_silence_says_what_it_may_mean(
    session: Community | Usm, queries: int, unread: int, failure: str
) -> None:
    found = silence(session, queries, unread)
    assert f"{found.blame}: {found.words}" == failure


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (Response(1, 0, 0, OID, (Value("TimeTicks", 1),)), None),
        (Response(1, 2, 1, OID, (Value("Null"),)), None),
        (Response(1, 16, 0, OID, ()), "config: the agent refuses (authorizationError): this user"
         " needs a higher security level there"),
        (Response(1, 5, 0, OID, ()), "server: the agent answers with genErr"),
        (Response(1, 99, 0, OID, ()), "server: the agent answers with error 99"),
        (Response(1, 0, 0, (), ()), "server: the agent answers other variables than those asked"
         " for"),
    ],
)  # fmt: skip
def test_a_refusal_says_why(response: Response, failure: str | None) -> None:
    found = refused(response, OID)
    assert (None if found is None else f"{found.blame}: {found.words}") == failure


def test_a_report_ends_the_conversation() -> None:
    response = Response(1, 0, 0, OID, ())
    assert reported(response) is None
    unknown = reported(response._replace(report=(1, 3, 6)))
    assert unknown == Failure("config", "SNMPv3: it reports .1.3.6")
    late = reported(response._replace(report=NOT_IN_WINDOW))
    assert late is not None
    assert "notInTimeWindows" in late.words
