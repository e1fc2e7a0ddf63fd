"""The rows of a clock run: one for each host."""

from bothsides.analyse.clock import Analysis
from bothsides.base.types import Iterator
from bothsides.export.point import Point
from bothsides.export.schema import Measured, points


def rows(analysis: Analysis, measured: Measured) -> Iterator[Point]:
    """The rows of all hosts, at the time of the first query that was answered."""
    reports = {report.name: report for report in measured.targets}
    more = {"run_duration": measured.duration}
    for host in analysis.hosts:
        report = reports.get(host.host.name)
        samples = host.host.samples
        at = samples[0].sent if samples else measured.began
        if report is not None:
            yield from points("SNMP_CLOCK", report, measured.origin, at, more=more)
