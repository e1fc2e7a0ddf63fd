"""--output json: the same facts for programs; the schema is report.schema.json beside this file."""

import json

from bothsides import __version__
from bothsides.base.types import Any, Mapping, Sequence
from bothsides.parse.text import screened, to_number
from bothsides.plugin.finding import (
    Facts,
    Figure,
    Finding,
    Reading,
    Remark,
    Table,
    Target,
    in_order,
    state_of,
    targets_of,
)
from bothsides.plugin.text import head, words_of

_Object = Mapping[str, Any]  # Any: what `json` writes


def json_report(
    name: str, subject: str, findings: Sequence[Finding], figures: Sequence[Figure], code: int
) -> str:
    """The whole report: what all targets come to together, and each target as if it were alone."""
    report = {
        "bothsides": __version__,
        "check": name,
        "state": state_of(findings).value,
        "exit_code": code,
        "subject": subject,
        "text": head(name, state_of(findings), subject, findings),
        **_parts(findings, figures),
        **_facts(findings),
        "targets": [_target(name, target, figures) for target in targets_of(subject, findings)],
    }
    return json.dumps(report, indent=1).replace("|", "\\u007c")


def _facts(findings: Sequence[Finding]) -> _Object:
    """What the check says beside what every check says."""
    return {
        name: value
        for finding in findings
        if isinstance(finding, Facts)
        for name, value in finding.members.items()
    }


def _target(name: str, target: Target, figures: Sequence[Figure]) -> _Object:
    return {
        "name": screened(target.name),
        "address": screened(target.address),
        "state": target.state.value,
        "text": head(name, target.state, target.name, target.findings),
        **_parts(target.findings, figures),
    }


def _parts(findings: Sequence[Finding], figures: Sequence[Figure]) -> _Object:
    """Findings, perfdata and tables."""
    return {
        "findings": [
            {"state": finding.state.value, "words": words_of(finding)}
            for finding in findings
            if isinstance(finding, Reading | Remark) and words_of(finding)
        ],
        "perfdata": [_figure(reading) for reading in in_order(findings, figures)],
        "tables": [list(finding.lines) for finding in findings if isinstance(finding, Table)],
    }


def _figure(reading: Reading) -> _Object:
    number = to_number(reading.value)
    return {
        "label": reading.figure.label,
        "value": None if number == "U" else float(number),
        "uom": reading.figure.uom,
        "warning": None if reading.warning is None else str(reading.warning),
        "critical": None if reading.critical is None else str(reading.critical),
        "min": reading.figure.low,
        "max": reading.figure.high,
        "state": reading.state.value,
    }
