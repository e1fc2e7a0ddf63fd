"""Name look-ups of one run; when one fails, our resolver is asked for its own health."""

import time

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.types import Iterable, NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.https import Route
from bothsides.probe.net.resolve import Address, resolve_all

_PATIENCE = 2.0  # s for a look-up, before our own resolver comes under suspicion
_IMPATIENCE = 0.3  # s, once a look-up has failed on our side
_SHARE = 0.7  # of the time that is left, which a look-up may take

Hosts = tuple[str, ...] | Failure  # addresses of a name, or why there is none


class LookUp(NamedTuple):
    """What came of one name."""

    hosts: Hosts
    seconds: float  # s that it took; 0 for whoever asks for the same name again


class Names:
    """Look-ups of one run.

    Many visits share what was found; many tries of one URL do not, since a look-up may be what
    fails.
    """

    def __init__(self, route: Route, deadline: Deadline, shared: bool = True) -> None:
        self.shared = shared
        self._route, self._deadline = route, deadline
        self._known: dict[str, LookUp] = {}

    def lacks(self, name: str) -> bool:
        """Whether it has to be looked up, which may take its time."""
        return not self.shared or name not in self._known

    def hosts(self, name: str) -> LookUp:
        """What came of a name; looks it up where that has not been done."""
        if self.lacks(name):
            self.look_up((name,))
        result = self._known[name]
        self._known[name] = result._replace(seconds=0.0)
        return result

    def look_up(self, names: Iterable[str]) -> None:
        """Looks up names at once: one without an answer holds up neither the others nor a visit."""
        answers = resolve_all(names, self._route.family, self._deadline, self._patience())
        began = time.monotonic()
        silent = [name for name, (answer, took) in answers.items() if took and _ours(answer)]
        settled = self._settled(silent) if silent and self._route.suspicious else {}
        more = time.monotonic() - began
        for name, (answer, seconds) in answers.items():
            if name in settled:
                self._known[name] = LookUp(settled[name], seconds + more)
            else:
                self._known[name] = LookUp(_hosts(answer), seconds)

    def _patience(self) -> float:
        # A copy: other look-ups may add to it meanwhile.
        dead = any(_ours(result.hosts) for result in list(self._known.values()))
        return min(_IMPATIENCE if dead else _PATIENCE, self._deadline.left() * _SHARE)

    def _settled(self, names: list[str]) -> dict[str, Hosts]:
        """Whose fault look-ups without an answer are.

        Ours only when our resolver answers nothing else either.
        """
        from bothsides.probe.net.resolver_health import ask

        try:
            resolver = ask(self._route.canary, self._deadline)
        except Unable as fault:
            return dict.fromkeys(names, Failure("local", f"{fault} (target not tested)"))
        if not resolver.alive:
            servers = ", ".join(resolver.servers)
            words = f"our resolver {servers} does not answer (target not tested)"
            return dict.fromkeys(names, Failure("local", words))
        patience = min(_PATIENCE, self._deadline.left() * _SHARE)
        again = resolve_all(names, self._route.family, self._deadline, patience)
        settled: dict[str, Hosts] = {}
        for name, (answer, seconds) in again.items():
            settled[name] = _hosts(answer)
            if _ours(answer) and seconds:
                silent = f"the name servers of {name} give no answer"
                words = f"{silent}, while our resolver {resolver.alive[0]} works"
                settled[name] = Failure("dns", words)
        return settled


def _ours(answer: object) -> bool:
    """Whether a look-up failed on our side."""
    return isinstance(answer, Failure) and answer.blame == "local"


def _hosts(answer: tuple[Address, ...] | Failure) -> Hosts:
    if isinstance(answer, Failure):
        return answer
    return tuple(address.host for address in answer)
