"""Points as a text file for the collector "textfile" of Prometheus' node_exporter.

    # HELP bothsides_hop_loss_ratio Lost probes at a hop, as a part of 1.
    # TYPE bothsides_hop_loss_ratio gauge
    bothsides_hop_loss_ratio{hop="08",source="mon1",target="198.51.100.10"} 0.26

HELP and TYPE never change: the collector drops all series of a second file that says otherwise, and
reports no error. For the same reason one file holds one check of one target, and no time stamps.
Source: prometheus.io, "Text-based format"; node_exporter 1.5.0 tried.
"""

import os

from bothsides.base.types import Callable, Iterable, Mapping, NamedTuple
from bothsides.base.write import place
from bothsides.export.graphite import part
from bothsides.export.merged_hops import merged
from bothsides.export.outcome import Undelivered
from bothsides.export.percent import sums
from bothsides.export.point import Point, Value, to_decimal

_NAMES = ("address", "owner")
_LABEL = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_USUAL = str.maketrans("-.:_/", "aaaaa")  # of a target's characters, beside letters and digits
_DAY = 86400


class Metric(NamedTuple):
    """One family: which field of which measurement, and the labels that the tags do not give."""

    name: str
    words: str  # HELP, for ever
    measurement: str  # "" for every measurement of a whole run
    field: str
    labels: tuple[tuple[str, str], ...] = ()
    value: Callable[[Value, Point], float] = lambda value, point: float(value)


_RUNS = ("bothsides_udp", "bothsides_path", "bothsides_https", "bothsides_clock")
_DIRECTIONS = {"loss": "both", "loss_out": "out", "loss_back": "back"}
_HOPS = {
    "loss": ("loss_ratio", "Lost probes at a hop, as a part of 1."),
    "rtt_min": ("rtt_min_seconds", "Shortest round-trip time at a hop."),
    "rtt_avg": ("rtt_avg_seconds", "Mean round-trip time at a hop."),
    "rtt_max": ("rtt_max_seconds", "Longest round-trip time at a hop."),
    "rtt_stddev": ("rtt_stddev_seconds", "Standard deviation of the round-trip times at a hop."),
    "sent": ("sent_packets", "Probes sent to a hop."),
}
_ROUND_TRIPS = {
    "rtt_min": "Shortest round-trip time.",
    "rtt_avg": "Mean round-trip time.",
    "rtt_median": "Median round-trip time.",
    "rtt_p95": "Round-trip time that 95 of 100 packets did not exceed.",
    "rtt_max": "Longest round-trip time.",
}


def _expiry(days: Value, point: Point) -> float:
    return round(point.at / 1e9 + float(days) * _DAY)


def _since(age: Value, point: Point) -> float:
    return round(point.at / 1e9 - float(age))


def _always_one(value: Value, point: Point) -> float:
    return 1.0


METRICS: tuple[Metric, ...] = (
    Metric("state", "State of the check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.", "", "state"),
    Metric(
        "last_run_timestamp_seconds",
        "When the last run began.",
        "",
        "state",
        value=lambda value, point: round(point.at / 1e9, 3),
    ),
    Metric("run_duration_seconds", "How long the last run took.", "", "run_duration"),
    *(
        Metric(f"hop_{name}", words, "bothsides_hop", field)
        for field, (name, words) in _HOPS.items()
    ),
    Metric("hop_info", "Who answers at a hop.", "bothsides_hop", "sent", value=_always_one),
    Metric("path_info", "Which path is taken.", "bothsides_path", "path_id", value=_always_one),
    Metric(
        "path_hops", "Hops to the target, or to the last that answers.", "bothsides_path", "hops"
    ),
    Metric("path_changed", "1 while the path is not its baseline.", "bothsides_path", "changed"),
    Metric(
        "path_since_timestamp_seconds",
        "Since when the path is as it is.",
        "bothsides_path",
        "path_age",
        value=_since,
    ),
    *(
        Metric(
            "udp_loss_ratio",
            "Lost packets, as a part of 1.",
            "bothsides_udp",
            field,
            (("direction", direction),),
        )
        for field, direction in _DIRECTIONS.items()
    ),
    *(
        Metric(
            f"udp_loss_ratio_{end}",
            f"{words} end of the interval that holds the true loss.",
            "bothsides_udp",
            f"loss_{end}",
            (("direction", "both"),),
        )
        for end, words in (("low", "Lower"), ("high", "Upper"))
    ),
    *(
        Metric(f"udp_{field}_seconds", words, "bothsides_udp", field)
        for field, words in _ROUND_TRIPS.items()
    ),
    Metric("udp_jitter_seconds", "Interarrival jitter (RFC 3550).", "bothsides_udp", "jitter"),
    Metric("https_duration_seconds", "Time of a whole visit.", "bothsides_https", "duration"),
    Metric(
        "https_phase_duration_seconds",
        "Time of one phase of a visit.",
        "bothsides_https_phase",
        "duration",
    ),
    Metric("https_status_code", "Status code of the last reply.", "bothsides_https", "status"),
    Metric(
        "https_cert_expiry_timestamp_seconds",
        "When the server's certificate expires.",
        "bothsides_https",
        "cert_days",
        value=_expiry,
    ),
    Metric(
        "https_chain_expiry_timestamp_seconds",
        "When the first certificate of the chain expires.",
        "bothsides_https",
        "chain_days",
        value=_expiry,
    ),
    *(
        Metric(
            "mesh_loss_ratio",
            "Packets of a pair that were lost in the window, as a part of 1.",
            "bothsides_mesh",
            field,
            (("direction", direction),),
        )
        for field, direction in _DIRECTIONS.items()
    ),
    *(
        Metric(f"mesh_{field}_seconds", words, "bothsides_mesh", field)
        for field, words in _ROUND_TRIPS.items()
        if field in ("rtt_min", "rtt_avg", "rtt_max")
    ),
    Metric("mesh_sent_packets", "Packets of a pair in the window.", "bothsides_mesh", "sent"),
    Metric("clock_offset_seconds", "Remote clock minus ours.", "bothsides_clock", "offset"),
    Metric(
        "clock_uncertainty_seconds",
        "Half the width of the interval that holds the offset.",
        "bothsides_clock",
        "uncertainty",
    ),
)


def to_history(points: Iterable[Point]) -> bytes:
    """The same families with the time behind each value, as OpenMetrics: for a store's import.

    `promtool tsdb create-blocks-from openmetrics FILE DATADIR` reads it.
    """
    runs: dict[int, list[Point]] = {}
    for point in points:
        runs.setdefault(point.at, []).append(point)
    merged_runs = [(at, merged(group)) for at, group in sorted(runs.items())]
    families: dict[str, tuple[str, list[str]]] = {}
    for metric in METRICS:
        _, lines = families.setdefault(metric.name, (metric.words, []))
        for at, rows in merged_runs:
            seconds = to_decimal(at / 1e9)
            series = {_labels(metric, row): value for row in rows if (value := _value(metric, row))}
            lines += [
                f"bothsides_{metric.name}{labels} {value} {seconds}\n"
                for labels, value in series.items()
            ]
    text = "".join(
        f"# HELP bothsides_{name} {words}\n# TYPE bothsides_{name} gauge\n{''.join(lines)}"
        for name, (words, lines) in families.items()
        if lines
    )
    return f"{text}# EOF\n".encode("utf-8", "replace")


def to_text(points: Iterable[Point]) -> bytes:
    """The whole file: families in the order of the table, each series once."""
    rows = merged(points)
    families: dict[str, tuple[str, dict[str, str]]] = {}
    for metric in METRICS:
        _, series = families.setdefault(metric.name, (metric.words, {}))
        for point in rows:
            value = _value(metric, point)
            if value:
                series[_labels(metric, point)] = value
    return "".join(
        f"# HELP bothsides_{name} {words}\n# TYPE bothsides_{name} gauge\n"
        + "".join(f"bothsides_{name}{labels} {value}\n" for labels, value in series.items())
        for name, (words, series) in families.items()
        if series
    ).encode("utf-8", "replace")


def file_name(check: str, target: str) -> str:
    """The name of the file of one check of one target; two strange targets have two files."""
    plain = target.isascii() and target.translate(_USUAL).isalnum()
    strange = "" if plain else f"_{sums(target)}"
    return f"bothsides_{check.lower()}_{part(target).replace(':', '_')}{strange}.prom"


def write(path: str, text: bytes) -> None:
    """Puts the file into its place in one step, readable for all. Raises Undelivered.

    The collector reads every name that ends in .prom, so the file grows under another one.
    """
    folder, name = os.path.split(path)
    draft = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        if os.path.lexists(draft):
            os.unlink(draft)  # of a run with our number that was killed
        place(draft, text)
        os.chmod(draft, 0o644)  # whatever the umask, the collector has to read it
        os.replace(draft, path)
    except OSError as fault:
        raise Undelivered(f"cannot write {path}: {fault.strerror}", again=False) from None


def _value(metric: Metric, point: Point) -> str:
    """The value of the metric's series for a point, "" where the point has none."""
    if metric.measurement != point.measurement and (
        metric.measurement or point.measurement not in _RUNS
    ):
        return ""
    fields: Mapping[str, Value] = dict(point.fields)
    return to_decimal(metric.value(fields[metric.field], point)) if metric.field in fields else ""


def _labels(metric: Metric, point: Point) -> str:
    """Labels in alphabetical order; what changes with the path stands in the info metrics alone."""
    fields = dict(point.fields)
    labels = {name: value for name, value in point.tags if value}
    labels |= dict(metric.labels)
    if metric.name == "hop_info":
        labels |= {"asn": str(fields["asn"])} if "asn" in fields else {}
    elif point.measurement == "bothsides_hop":
        labels = {name: value for name, value in labels.items() if name not in _NAMES}
    if metric.name == "path_info":
        labels["path_id"] = str(fields["path_id"])
    if not metric.measurement:
        labels["check"] = point.measurement.removeprefix("bothsides_")
    texts = [f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items())]
    return "{" + ",".join(texts) + "}" if texts else ""


def _escaped(text: str) -> str:
    return text.replace("\r", " ").replace("\0", " ").translate(_LABEL)
