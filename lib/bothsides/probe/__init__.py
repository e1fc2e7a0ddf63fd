"""Room 2: the only room that touches the world; it decides no state."""

import select
from collections.abc import Iterable
from typing import Any, NamedTuple


class Unable(Exception):
    """We could not ask: nothing is known about the far end, and the text says what to mend."""


class Failure(NamedTuple):
    """What kept a probe from its answer, as data for a judge.

    blame: whose it is: "config", "local" (our resolver, route, descriptors), "dns", "proxy",
    "path", "tls" or "server". words: one line, as a person would say it.
    """

    blame: str
    words: str


def ready(reading: Iterable[Any], seconds: float, writing: Iterable[Any] = ()) -> set[int]:
    """The descriptors that can be read or written, once one can or so many seconds are over.

    poll(2), since select(2) knows no descriptor above 1023, and some parents leave us more than that.
    """
    poll = select.poll()
    events: dict[Any, int] = {}
    for files, event in ((reading, select.POLLIN), (writing, select.POLLOUT)):
        for file in files:
            events[file] = events.get(file, 0) | event
    for file, wanted in events.items():
        poll.register(file, wanted)
    return {descriptor for descriptor, _ in poll.poll(max(0, int(seconds * 1000 + 1)))}
