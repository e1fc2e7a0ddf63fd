"""Name look-ups of one run."""

from bothsides.base.deadline import Deadline
from bothsides.base.types import TYPE_CHECKING, Iterable, NamedTuple
from bothsides.model.failure import Failure
from bothsides.model.https import Route
from bothsides.parse.target import is_plain_ipv4

if TYPE_CHECKING:
    from bothsides.probe.net.resolve import Address

_PATIENCE = 4.0  # s for a look-up
_SHARE = 0.7  # of the time that is left, which a look-up may take

Hosts = tuple[str, ...] | Failure  # addresses of a name, or why there is none


class LookUp(NamedTuple):
    """What came of one name."""

    hosts: Hosts
    seconds: float  # s that it took; 0 for whoever asks for the same name again
    fault: str = ""  # what is wrong with our resolver, though there is an answer


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
        family, unknown = self._route.family, []
        for name in names:
            if family != 6 and is_plain_ipv4(name):
                self._known[name] = LookUp((name,), 0.0)
            else:
                unknown.append(name)
        if unknown:
            self._resolve(unknown, family)

    def _resolve(self, names: Iterable[str], family: int) -> None:
        from bothsides.probe.net.resolve import resolve_all  # an address needs none: 0.5 ms

        canary = self._route.canary if self._route.suspicious else None
        patience = min(_PATIENCE, self._deadline.left() * _SHARE)
        for name, one in resolve_all(names, family, self._deadline, patience, canary).items():
            self._known[name] = LookUp(_hosts(one.answer), one.seconds, one.fault)


def _hosts(answer: "tuple[Address, ...] | Failure") -> Hosts:
    if isinstance(answer, Failure):
        return answer
    return tuple(address.host for address in answer)
