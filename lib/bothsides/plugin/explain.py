"""The inside of a run: --explain, and where an exception came from."""

import errno
import json
import os
import traceback

from bothsides.base.record import to_json
from bothsides.base.types import Iterable
from bothsides.plugin.finding import Finding, Reading, Remark, State, Table

_LACKS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)  # errors that are no bug


def explained(plan: object, run: object, findings: Iterable[Finding]) -> Table:
    """Plan, run and findings as they are."""
    said = [
        f"{finding.state.value} {finding.words}"
        for finding in findings
        if isinstance(finding, Reading | Remark)
    ]
    lines = []
    for title, value in (("Plan:", plan), ("Run:", run)):
        lines += [title, *json.dumps(to_json(value), indent=1).splitlines()]
    return Table((*lines, "Findings:", *said), 0)


def bug(fault: BaseException, record: str | None) -> list[Finding]:
    """An unexpected exception: UNKNOWN, so that it does not look like a state of the network.

    record: the file that was replayed. A record that was changed by hand can hold values that
    contradict each other; no parser checks each value against all others.
    """
    if record:
        name = type(fault).__name__
        words = (
            f"{record} does not fit together: no measurement leaves such values ({name}: {fault})"
        )
    elif isinstance(fault, OSError) and fault.errno in _LACKS:
        words = f"this host has too few resources for a check: {fault.strerror}"
    else:
        words = bug_words(fault)
    trace = "".join(traceback.format_exception(fault)).splitlines()
    return [Remark(State.UNKNOWN, words), Table(tuple(trace), 3)]


def bug_words(fault: BaseException) -> str:
    """What is said of a fault of ours, for a report of it."""
    return f"internal error, please report: {type(fault).__name__}: {fault}{_place(fault)}"


def _place(fault: BaseException) -> str:
    steps = traceback.extract_tb(fault.__traceback__)
    return f" in {os.path.basename(steps[-1].filename)} line {steps[-1].lineno}" if steps else ""
