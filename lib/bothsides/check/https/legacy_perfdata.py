"""check_http 2.3.3's perfdata labels, so that graphs which began with it continue."""

from bothsides.analyse.https import Figures
from bothsides.base.types import Iterable, Iterator
from bothsides.plugin.finding import Figure, Part, Reading

_SSL = Figure("time_ssl", "s", "TLS handshake")
_HEADERS = Figure("time_headers", "s", "sending the request")
_FIRST_BYTE = Figure("time_firstbyte", "s", "from there to the first octet of the answer")
LEGACY = (
    Figure("time", "s", "the whole"),
    Figure("size", "B", "octets of headers and body"),
    Figure("time_connect", "s", "TCP connection"),
    _SSL,
    _HEADERS,
    _FIRST_BYTE,
    Figure("time_transfer", "s", "from the first octet to the last"),
)


def relabelled(findings: Iterable[Part], figures: Figures | None) -> Iterator[Part]:
    """The same findings under the old labels; a figure of ours stays where a limit is set on it.

    figures: of all visits together.
    """
    old = {figure.label for figure in LEGACY}
    for finding in findings:
        if not isinstance(finding, Reading) or finding.figure.label in old or _limited(finding):
            yield finding
    if figures is not None:
        server = figures.phases.server
        yield Reading(_SSL, figures.phases.tls, "")
        # libcurl counts the sending to the first octet.
        yield Reading(_HEADERS, None if server is None else 0.0, "")
        yield Reading(_FIRST_BYTE, server, "")


def _limited(reading: Reading) -> bool:
    return reading.warning is not None or reading.critical is not None
