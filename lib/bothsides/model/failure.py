"""What kept a probe from its reply, as data for a judge."""

from bothsides.base.types import NamedTuple


class Failure(NamedTuple):
    """What kept a probe from its answer, as data for a judge.

    blame: whose it is: "config", "local" (our resolver, route, descriptors), "dns", "proxy",
    "path", "tls" or "server"; "refused" is a server whose port is closed, "silent" one that sends
    nothing, where a check tells them apart. words: one line, as a person would say it. doubt: who
    else it may be, as "far end"; "" where that is proved.
    """

    blame: str
    words: str
    doubt: str = ""
