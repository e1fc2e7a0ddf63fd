"""check_http 2.3.3's perfdata labels, so that graphs which began with it continue."""

from bothsides.base.types import Iterator
from bothsides.check.https.limits import Criteria
from bothsides.plugin.finding import Figure, Finding, Reading
from bothsides.probe.https.measure import Run

LEGACY = (
    Figure("time", "s", "the whole"),
    Figure("size", "B", "octets of headers and body"),
    Figure("time_connect", "s", "TCP connection"),
    Figure("time_ssl", "s", "TLS handshake"),
    Figure("time_headers", "s", "sending the request"),
    Figure("time_firstbyte", "s", "from there to the first octet of the answer"),
    Figure("time_transfer", "s", "from the first octet to the last"),
)


def relabelled(findings: Iterator[Finding], run: Run, criteria: Criteria) -> Iterator[Finding]:
    """The same findings under the old labels; a figure of ours stays where a limit is set on it."""
    old = {figure.label for figure in LEGACY}
    for finding in findings:
        judged = (
            not isinstance(finding, Reading)
            or finding.warning is not None
            or finding.critical is not None
        )
        if judged or (isinstance(finding, Reading) and finding.figure.label in old):
            yield finding
    if run.visits:
        lasts = [visit.last.phases for visit in run.visits]
        server = max((one.server for one in lasts if one.server is not None), default=None)
        yield Reading(
            LEGACY[3], max((one.tls for one in lasts if one.tls is not None), default=None), ""
        )
        yield Reading(
            LEGACY[4], None if server is None else 0.0, ""
        )  # libcurl counts it to the first octet
        yield Reading(LEGACY[5], server, "")
