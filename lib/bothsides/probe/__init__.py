"""Room 2: the only room that touches the world; it decides no state."""

from typing import NamedTuple


class Unable(Exception):
    """We could not ask: nothing is known about the far end, and the text says what to mend."""


class Failure(NamedTuple):
    """What kept a probe from its answer, as data for a judge.

    blame: whose it is: "config", "local" (our resolver, route, descriptors), "dns", "proxy",
    "path", "tls" or "server". words: one line, as a person would say it.
    """

    blame: str
    words: str
