"""What kept a probe from its reply, as data for a judge."""

from bothsides.base.types import NamedTuple


class Failure(NamedTuple):
    """What kept a probe from its answer, as data for a judge.

    blame: whose it is: "config", "local" (our resolver, route, descriptors), "dns", "proxy",
    "path", "tls" or "server". words: one line, as a person would say it.
    """

    blame: str
    words: str
    kind: str = ""  # "silent" or "refused", where a check tells such failures of a server apart
