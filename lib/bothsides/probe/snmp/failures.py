"""What it means that an agent is silent, reports an error, or refuses."""

from bothsides.model.clock import User
from bothsides.model.failure import Failure
from bothsides.parse.snmp import Oid, Response, to_oid
from bothsides.probe.snmp.message import Community
from bothsides.probe.snmp.usm import REPORTS, Usm

_AUTHORIZATION = 16  # error-status authorizationError (RFC 3416)
_ERRORS = {
    1: "tooBig",
    2: "noSuchName",
    5: "genErr",
    6: "noAccess",
    13: "resourceUnavailable",
    _AUTHORIZATION: "authorizationError",
}


def silence(session: Community | Usm, queries: int, unread: int) -> Failure:
    """What it may mean that nobody answered. unread: datagrams that were no answer."""
    if unread:
        few = "a datagram comes back" if unread == 1 else f"{unread} datagrams come back"
        return Failure("server", f"{few}, but none that can be read as an answer of this agent")
    if isinstance(session, Usm) and session.engine is not None:
        return _engine_alone(session.user)
    words = f"no answer to {queries} {'query' if queries == 1 else 'queries'}"
    if isinstance(session, Usm):
        return Failure("silent", f"{words}: host down or filtered, or no SNMPv3 there")
    causes = "host down, filtered, or wrong community (agents never say which)"
    return Failure("silent", f"{words}: {causes}")


def _engine_alone(user: User) -> Failure:
    """SNMPv3's engine described itself, and nothing came after that."""
    words = "its SNMPv3 engine answers, then silence"
    causes = [f"no context {user.context}"] if user.context else []
    if user.level == 2:
        other = user.priv.removesuffix("-C") if user.priv.endswith("-C") else f"{user.priv}-C"
        hint = f", {other} extends keys the other way" if "-" in user.priv else ""
        causes.append(f"wrong privacy password or protocol ({user.priv}{hint})")
    if not causes:
        return Failure("server", words)
    return Failure("config", f"{words}: {' or '.join(causes)}")


def reported(response: Response) -> Failure | None:
    """What a report of SNMPv3 says that ends the conversation; None for a response."""
    if not response.report:
        return None
    words = REPORTS.get(response.report, f"it reports {to_oid(response.report)}")
    return Failure("config", f"SNMPv3: {words}")


def refused(response: Response, oids: tuple[Oid, ...]) -> Failure | None:
    """Why a response does not answer the query, where asking otherwise would not help."""
    if response.error == _AUTHORIZATION:
        words = "this user needs a higher security level there"
        return Failure("config", f"the agent refuses (authorizationError): {words}")
    if response.error not in (0, 2):
        error = _ERRORS.get(response.error, f"error {response.error}")
        return Failure("server", f"the agent answers with {error}")
    if response.error == 0 and response.names != oids:
        return Failure("server", "the agent answers other variables than those asked for")
    return None
