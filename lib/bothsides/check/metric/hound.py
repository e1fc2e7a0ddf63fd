"""Hound's alerts as command lines of check_metric.

    {"Alerts": [{"Name": "disk", "Metric": "a.b", "Threshold": 90, "Direction": "above"}]}

Hound fails where the value equals the threshold too, so its limits become `@90:` and `@~:90`, which
alert inside. Its keepLastValue() is left out: --max-age says how old a value may be.
"""

import json
import shlex

from bothsides.base import files
from bothsides.base.deadline import TIMEOUT, Deadline, Interrupted, arm
from bothsides.base.errors import Misuse, Unable
from bothsides.base.types import Iterator, NamedTuple, NoReturn, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, to_range
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import TextAsked, understood
from bothsides.plugin.output import Report, brief, leave

_GRAPHITE = "http://graphite.example"
_MOST = 4 << 20  # characters


class Alert(NamedTuple):
    """One alert of Hound."""

    name: str
    metric: str
    threshold: float
    above: bool  # whether it fails above its threshold, or below
    notice: bool  # a Notice, or else an Alert
    runbook: str


def listed(check: AnyCheck, argv: Sequence[str]) -> NoReturn:
    """Prints the command lines and leaves; with 3, since nothing was measured."""
    deadline = Deadline(TIMEOUT)
    try:
        arm(deadline)  # the file may be a pipe into which nobody writes
        options = understood(check, argv)
        alerts = files.text(options.hound, _MOST)
        text = "".join(f"{line}\n" for line in lines(alerts, options.graphite))
        leave(Report(text, 3))
    except TextAsked as asked:
        leave(Report(f"{asked}\n", 3))
    except (Misuse, Unreadable, Unable) as fault:
        leave(brief(check.name, str(fault)))
    except Interrupted as cause:
        why = (
            f"own deadline reached after {TIMEOUT:g} s" if str(cause) == "deadline" else str(cause)
        )
        leave(brief(check.name, f"{options.hound} was not read: {why}"))


def lines(text: str, graphite: str = "") -> Iterator[str]:
    """A comment and a command line for each alert. Raises Unreadable before the first."""
    base, alerts = read(text)
    server = graphite or base or _GRAPHITE
    for alert in alerts:
        inf = float("inf")
        low, high = (alert.threshold, inf) if alert.above else (-inf, alert.threshold)
        limit = to_range(Range(low, high, True))
        query = ["-q", alert.metric] if alert.metric[0] != "-" else [f"--query={alert.metric}"]
        words = ["check_metric", "--graphite", server, *query, "--window", "10m"]
        words += ["-w" if alert.notice else "-c", limit]
        yield f"# {alert.name}{f', {alert.runbook}' if alert.runbook else ''}"
        yield shlex.join(words)


def read(text: str) -> tuple[str, list[Alert]]:
    """Graphite's URL where the file has it, and the alerts. Raises Unreadable."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(f"no configuration of Hound: {fault}") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("Alerts"), list):
        raise Unreadable("no configuration of Hound: it has no list Alerts")
    alerts = [_alert(number, each) for number, each in enumerate(whole["Alerts"], 1)]
    return str(whole.get("GraphiteBase", "")), alerts


def _alert(number: int, entry: object) -> Alert:
    about = f"alert {number}"
    if not isinstance(entry, dict):
        raise Unreadable(f"{about} is not a table")
    texts = {
        key: " ".join(str(entry.get(key) or "").split())
        for key in ("Name", "Metric", "Direction", "Type", "RunBookLink")
    }
    about += f" ({texts['Name'][:40]})" if texts["Name"] else ""
    threshold = entry.get("Threshold")
    if not texts["Metric"]:
        raise Unreadable(f"{about} has no Metric")
    if (
        isinstance(threshold, bool)
        or not isinstance(threshold, int | float)
        or not abs(threshold) < float("inf")  # JSON's NaN is no number either
    ):
        raise Unreadable(f"{about} has no number for its Threshold")
    if texts["Direction"] not in ("above", "below"):
        raise Unreadable(f"{about}: Direction is above or below")
    return Alert(
        name=texts["Name"] or texts["Metric"],
        metric=texts["Metric"],
        threshold=float(threshold),
        above=texts["Direction"] == "above",
        notice=texts["Type"].lower() == "notice",
        runbook=texts["RunBookLink"],
    )
