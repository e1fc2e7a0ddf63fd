"""The dashboards of stores that speak InfluxQL."""

from bothsides.generate.grafana import Board, Panel, Query, Variable, loss_lines, loss_matrix

_WHO = "source =~ /^$source$/ AND target =~ /^$target$/"
_TIME = f"$timeFilter AND {_WHO}"


def _series(fields: str, measurement: str, by: str, legend: str) -> Query:
    """Means of the time between two points of the graph."""
    names = [name.strip() for name in fields.split(",")]
    chosen = ", ".join(f'mean("{name}") AS "{name}"' for name in names)
    text = f'SELECT {chosen} FROM "{measurement}" WHERE {_TIME} GROUP BY time($__interval), {by}'
    return Query(f"{text} fill(none)", legend)


def _last(fields: str, measurement: str, by: str) -> Query:
    """The last value of each series."""
    names = [name.strip() for name in fields.split(",")]
    chosen = ", ".join(f'last("{name}") AS "{name}"' for name in names)
    return Query(f'SELECT {chosen} FROM "{measurement}" WHERE {_TIME} GROUP BY {by}', now=True)


def _variables(measurement: str) -> tuple[Variable, ...]:
    return tuple(
        Variable(name, f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "{name}"')
        for name in ("source", "target")
    )


_PAIR = '"source", "target"'
_ARROW = "$tag_source to $tag_target"
_CHANGES = f'SELECT title, text, tags FROM "bothsides_event" WHERE {_TIME}'


def _matrix(title: str, measurement: str) -> Panel:
    return loss_matrix(title, _last("loss", measurement, _PAIR), "loss")


def _ways(measurement: str, words: str = "") -> Panel:
    query = _series("loss_out, loss_back", measurement, _PAIR, f"{_ARROW}, $col")
    return loss_lines(query, words)


BOARDS = (
    Board(
        "bothsides-pairs",
        "pairs",
        (
            _matrix("Loss, last run", "bothsides_udp"),
            Panel("State", "status-history",
                  (_series("state", "bothsides_udp", _PAIR, _ARROW),), states=True),
            _ways("bothsides_udp", "Out and back apart, where the far end counts."),
            Panel("Round trip", "timeseries",
                  (_series("rtt_avg, rtt_p95", "bothsides_udp", _PAIR, f"{_ARROW}, $col"),),
                  "s", width=12),
        ),
        _variables("bothsides_udp"),
    ),
    Board(
        "bothsides-path",
        "path",
        (
            Panel("Hops, last run", "table",
                  (_last("loss, rtt_avg, rtt_max", "bothsides_hop",
                         f'{_PAIR}, "hop", "address", "owner"'),),
                  "short", "Who answers at each hop, and whose network that is.", height=12),
            Panel("Round trip by hop", "timeseries",
                  (_series("rtt_avg", "bothsides_hop", f'{_PAIR}, "hop"',
                           "$tag_hop to $tag_target"),),
                  "s", "Red lines: the path changed.", 12),
            Panel("Loss by hop", "timeseries",
                  (_series("loss", "bothsides_hop", f'{_PAIR}, "hop"',
                           "$tag_hop to $tag_target"),),
                  "percentunit", "A loss counts from the hop on at which it stays.", 12),
            Panel("Changes", "table", (Query(_CHANGES, now=True),), words="What became what."),
        ),
        _variables("bothsides_path"),
        _CHANGES,
    ),
    Board(
        "bothsides-https",
        "HTTPS",
        (
            Panel("State", "status-history",
                  (_series("state", "bothsides_https", '"source", "url"', "$tag_url"),),
                  states=True),
            Panel("Phases", "timeseries",
                  (_series("duration", "bothsides_https_phase", '"source", "url", "phase"',
                           "$tag_phase of $tag_url"),),
                  "s", stacked=True),
            Panel("Status code, last visit", "table",
                  (_last("status, duration, size", "bothsides_https", '"source", "url"'),),
                  width=12),
            Panel("Days until a certificate expires", "table",
                  (_last("cert_days, chain_days", "bothsides_https", '"source", "url"'),),
                  "d", width=12),
        ),
        _variables("bothsides_https"),
    ),
    Board(
        "bothsides-clock",
        "clocks",
        (
            Panel("Offset", "timeseries", (_series("offset", "bothsides_clock", _PAIR, _ARROW),),
                  "s", "Remote clock minus ours."),
            Panel("Uncertainty", "timeseries",
                  (_series("uncertainty", "bothsides_clock", _PAIR, _ARROW),), "s",
                  "Half the width of the interval that holds the offset.", 12),
            Panel("Last run", "table",
                  (_last("offset, uncertainty, state", "bothsides_clock", _PAIR),), "s", width=12),
        ),
        _variables("bothsides_clock"),
    ),
    Board(
        "bothsides-mesh",
        "mesh",
        (
            _matrix("Loss, last window", "bothsides_mesh"),
            _ways("bothsides_mesh"),
            Panel("Round trip", "timeseries",
                  (_series("rtt_avg, rtt_max", "bothsides_mesh", _PAIR, f"{_ARROW}, $col"),),
                  "s", width=12),
        ),
        _variables("bothsides_mesh"),
    ),
)  # fmt: skip
"""All dashboards, as `--export influx:URL` feeds them."""
