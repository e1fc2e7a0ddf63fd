"""Looks names up beside the system's resolver, when that is silent or says it cannot.

The C library asks the servers of resolv.conf one after the other, 5 s each, and answers only when
IPv4 and IPv6 are both known. Here all servers are asked side by side, and both families apart; of
several answers that of the first server in the list counts, as long as that one is not silent.
"""

import time

from bothsides.base.types import NamedTuple
from bothsides.model.failure import Failure
from bothsides.parse.dns import AAAA, NAME_ERROR, NO_ERROR, NS, A, Reply
from bothsides.parse.hosts_file import from_hosts
from bothsides.parse.resolv_conf import candidates
from bothsides.probe.net.address_order import in_order
from bothsides.probe.net.dns_servers import PORT, Question, Servers
from bothsides.probe.net.name_servers import configuration, text_of
from bothsides.probe.net.resolver_health import (
    canary_open,
    canary_tells,
    silence_words,
    silent_servers,
    whose_fault,
)

_WINDOW = 1.0  # s that a server has before one behind it in the list counts
_WINDOW_SHARE = 0.6  # of the patience, where that is less
_DEAD = 2.0  # s of silence of all servers, after which none is awaited any more
_MEMORY = 60.0  # s for which a silent server is not awaited again
_HOSTS = "/etc/hosts"
_FAMILIES = {4: (A,), 6: (AAAA,), 0: (A, AAAA)}
_KINDS = {A: "IPv4 address (A)", AAAA: "IPv6 address (AAAA)"}

_silent: dict[str, float] = {}
"""Servers that did not answer in this process, and until when (s, monotonic clock) that counts."""


class Verdict(NamedTuple):
    """What came of a name."""

    answer: tuple[str, ...] | Failure  # addresses, the one to try first in front
    fault: str = ""  # what is wrong with our resolver all the same


class _Search:
    """A name that is being looked up."""

    def __init__(self, name: str, names: tuple[str, ...], until: float) -> None:
        self.name, self.names = name, names
        self.began, self.until = time.monotonic(), until
        self.place = 0  # of the one that is asked for now
        self.asked_at = self.began
        self.exists = False  # whether one of the names had other records
        self.failing = False  # whether a server failed at one of them


class SecondOpinion:
    """Names that are looked up by questions of our own.

    canary: a name that a server must know to be well ("" is the root; None: no server is asked for
    another name than those wanted). Raises Unable without a descriptor to ask with.
    """

    def __init__(
        self, family: int, canary: str | None, until: float, path: str = "", port: int = PORT
    ) -> None:
        self._configuration = configuration(path) if path else configuration()
        without_aaaa = self._configuration.no_aaaa and family != 6
        self._kinds = [A] if without_aaaa else list(_FAMILIES[family])
        self._servers = Servers(self._configuration, until, port)
        self._canary = _question(canary)
        self._searches: dict[str, _Search] = {}
        self._verdicts: dict[str, Verdict] = {}
        if self._canary is not None:
            self._servers.ask(self._canary)

    def add(self, name: str, until: float) -> None:
        """Looks up one more name. until: s, monotonic clock, when it is given up."""
        if name in self._searches:
            return
        listed = [
            host
            for host in from_hosts(text_of(_HOSTS), name)
            if (AAAA if ":" in host else A) in self._kinds
        ]
        search = _Search(name, candidates(_wire(name), self._configuration), until)
        self._searches[name] = search
        if listed:
            self._verdicts[name] = Verdict(tuple(listed))
        else:
            self._ask(search)

    @property
    def sockets(self) -> tuple[object, ...]:
        """Where replies come in."""
        return self._servers.sockets

    def step(self) -> None:
        """Reads replies and decides what can be decided."""
        self._servers.step()
        for name, search in self._searches.items():
            while name not in self._verdicts and self._moved(search):
                pass

    def verdict(self, name: str) -> Verdict | None:
        """What came of a name; None as long as that is open."""
        return self._verdicts.get(name)

    def fault(self) -> str:
        """Which of our servers do not answer, in words; "" where all do or too little is known."""
        dead = silent_servers(self._servers)
        _silent.update(dict.fromkeys(dead, time.monotonic() + _MEMORY))
        return silence_words(self._servers)

    def close(self) -> None:
        """Gives the sockets back."""
        self._servers.close()

    def _all_dead(self) -> bool:
        """Whether no server is worth waiting for."""
        return all(self._given_up(one) for one in self._servers.addresses)

    def _given_up(self, server: str) -> bool:
        """Whether a server that has answered nothing will not, as far as anybody can tell."""
        late = time.monotonic() >= self._servers.began + _DEAD
        return self._servers.health(server) == "silent" and (
            late or server in self._servers.reasons
        )

    def _ask(self, search: _Search) -> None:
        search.asked_at = time.monotonic()
        for kind in self._kinds:
            self._servers.ask(Question(search.names[search.place], kind))

    def _moved(self, search: _Search) -> bool:
        """Goes one step on with a name: a verdict, or the next name to try. False: neither."""
        now = time.monotonic()
        patience = min(_WINDOW, (search.until - search.began) * _WINDOW_SHARE)
        over = now >= search.asked_at + patience
        replies = {kind: self._reply(search, kind, over) for kind in self._kinds}
        hosts = [host for one in replies.values() if one for host in one.addresses]
        open_kinds = [kind for kind, one in replies.items() if one is None]
        if hosts and (over or not open_kinds):
            self._found(search, hosts, open_kinds)
            return True
        if any(one and one.code == NAME_ERROR for one in replies.values()) or not open_kinds:
            search.exists |= all(one and one.code == NO_ERROR for one in replies.values())
            search.failing |= any(
                one and one.code not in (NO_ERROR, NAME_ERROR) for one in replies.values()
            )
            return self._next(search, over)
        if now >= search.until or self._all_dead():
            self._verdicts[search.name] = Verdict(self._unanswered(search, open_kinds))
            return True
        return False

    def _reply(self, search: _Search, kind: int, over: bool) -> Reply | None:
        """The reply that counts; None as long as a better one may come."""
        replies = self._servers.replies(Question(search.names[search.place], kind))
        now, failure = time.monotonic(), None
        missing = False
        for server in self._servers.addresses:
            reply = replies.get(server)
            known = self._given_up(server) or _silent.get(server, 0.0) > now
            if reply is None and not over and not known:
                return None
            if reply is None:
                missing |= not known
            elif reply.code in (NO_ERROR, NAME_ERROR):
                return reply
            else:
                failure = reply
        return None if missing else failure

    def _unanswered(self, search: _Search, kinds: list[int]) -> Failure:
        of = f" for the {_KINDS[kinds[0]]}" if 0 < len(kinds) < len(self._kinds) else ""
        tested = canary_tells(self._servers, self._canary)
        return whose_fault(self._servers, search.name, of, tested)

    def _found(self, search: _Search, hosts: list[str], missing: list[int]) -> None:
        fault = self.fault()
        if missing and not fault:
            kinds = " and ".join(_KINDS[kind] for kind in missing)
            seconds = time.monotonic() - search.asked_at
            servers = ", ".join(self._servers.addresses)
            fault = f"our resolver {servers} does not answer for the {kinds} of {search.name}"
            fault += f" (silent for {seconds:.1f} s)"
        self._verdicts[search.name] = Verdict(in_order(hosts), fault)

    def _next(self, search: _Search, over: bool) -> bool:
        """Tries the next name of the search list; the verdict where there is none.

        over: whether replies had their time. False: the canary's is awaited.
        """
        if search.place + 1 < len(search.names):
            search.place += 1
            self._ask(search)
        elif search.failing and not over and canary_open(self._servers, self._canary):
            return False
        elif search.failing:
            self._verdicts[search.name] = Verdict(self._unanswered(search, []), self.fault())
        else:
            self._verdicts[search.name] = Verdict(_no_address(search, self._kinds), self.fault())
        return True


def _question(canary: str | None) -> Question | None:
    if canary is None:
        return None
    bare = canary.strip(".")
    return Question(bare, A if bare else NS)


def _no_address(search: _Search, kinds: list[int]) -> Failure:
    family = kinds[0] if len(kinds) == 1 else 0
    kind = {A: "IPv4 address", AAAA: "IPv6 address"}.get(family, "address")
    why = "" if search.exists else " (the name does not exist)"
    return Failure("dns", f"{search.name} has no {kind}{why}")


def _wire(name: str) -> str:
    """The name as it goes over the wire."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
