"""The dashboards of Prometheus, and of stores that speak PromQL."""

from bothsides.generate.grafana import Board, Panel, Query, Variable, loss_lines, loss_matrix

_WHO = 'source=~"$source",target=~"$target"'
_BOTH, _WAYS = ',direction="both"', ',direction!="both"'
_HTTPS = ',check="https"'
_ARROW = "{{source}} to {{target}}"
_DAY = 86400
_CHANGE = (
    f"bothsides_path_info{{{_WHO}}} unless on(source,target,path_id)"
    f" bothsides_path_info{{{_WHO}}} offset 5m"
)
"""One while a path is not the one of 5 minutes before; a mark in the graphs at its first sample."""


def _of(metric: str, more: str = "") -> str:
    return f"bothsides_{metric}{{{_WHO}{more}}}"


def _variables(metric: str) -> tuple[Variable, ...]:
    return tuple(
        Variable(name, f"label_values(bothsides_{metric}, {name})") for name in ("source", "target")
    )


_OWNERS = "* on(source,target,hop) group_left(address,owner)"


def _matrix(title: str, family: str) -> Panel:
    last = Query(f"max by(source,target) ({_of(family, _BOTH)})", now=True)
    return loss_matrix(title, last, "Value")


def _ways(family: str, words: str = "") -> Panel:
    return loss_lines(Query(_of(family, _WAYS), f"{_ARROW}, {{{{direction}}}}"), words)


BOARDS = (
    Board(
        "bothsides-pairs",
        "pairs",
        (
            _matrix("Loss, last run", "udp_loss_ratio"),
            Panel("State", "status-history",
                  (Query(_of("state"), "{{check}}: {{source}} to {{target}}"),), states=True),
            _ways("udp_loss_ratio", "Out and back apart, where the far end counts."),
            Panel("Round trip", "timeseries",
                  (Query(_of("udp_rtt_avg_seconds"), _ARROW),
                   Query(_of("udp_rtt_p95_seconds"), f"{_ARROW}, p95")),
                  "s", width=12),
            Panel("Age of the last run", "table",
                  (Query(f'time() - {_of("last_run_timestamp_seconds")}', now=True),), "s",
                  "A file that nobody writes any more keeps its values.", red=600),
        ),
        _variables("state"),
    ),
    Board(
        "bothsides-path",
        "path",
        (
            Panel("Hops, last run", "table",
                  (Query(f'{_of("hop_loss_ratio")} {_OWNERS} {_of("hop_info")}', now=True),),
                  "percentunit", "Who answers at each hop, and whose network that is.", width=12,
                  height=12),
            Panel("Round trip, last run", "table",
                  (Query(f'{_of("hop_rtt_avg_seconds")} {_OWNERS} {_of("hop_info")}', now=True),),
                  "s", width=12, height=12),
            Panel("Round trip by hop", "timeseries",
                  (Query(_of("hop_rtt_avg_seconds"), "{{hop}} to {{target}}"),),
                  "s", "Red lines: the path changed.", 12),
            Panel("Loss by hop", "timeseries",
                  (Query(_of("hop_loss_ratio"), "{{hop}} to {{target}}"),),
                  "percentunit", "A loss counts from the hop on at which it stays.", 12),
            Panel("Paths", "status-history",
                  (Query(_of("path_info"), "{{target}}: {{path_id}}"),),
                  words="Which path was taken when."),
        ),
        _variables("path_hops"),
        _CHANGE,
    ),
    Board(
        "bothsides-https",
        "HTTPS",
        (
            Panel("State", "status-history",
                  (Query(_of("state", _HTTPS), "{{url}}"),), states=True),
            Panel("Phases", "timeseries",
                  (Query(_of("https_phase_duration_seconds"), "{{phase}} of {{url}}"),),
                  "s", stacked=True),
            Panel("Status code, last visit", "table",
                  (Query(_of("https_status_code"), now=True),), width=12),
            Panel("Days until a certificate expires", "table",
                  (Query(f'({_of("https_cert_expiry_timestamp_seconds")} - time()) / {_DAY}',
                         now=True),),
                  "d", width=12),
        ),
        _variables("https_duration_seconds"),
    ),
    Board(
        "bothsides-clock",
        "clocks",
        (
            Panel("Offset", "timeseries", (Query(_of("clock_offset_seconds"), _ARROW),), "s",
                  "Remote clock minus ours."),
            Panel("Uncertainty", "timeseries",
                  (Query(_of("clock_uncertainty_seconds"), _ARROW),), "s",
                  "Half the width of the interval that holds the offset.", 12),
            Panel("Last run", "table", (Query(_of("clock_offset_seconds"), now=True),), "s",
                  width=12),
        ),
        _variables("clock_offset_seconds"),
    ),
    Board(
        "bothsides-mesh",
        "mesh",
        (
            _matrix("Loss, last window", "mesh_loss_ratio"),
            _ways("mesh_loss_ratio"),
            Panel("Round trip", "timeseries",
                  (Query(_of("mesh_rtt_avg_seconds"), _ARROW),
                   Query(_of("mesh_rtt_max_seconds"), f"{_ARROW}, longest")), "s", width=12),
        ),
        _variables("mesh_loss_ratio"),
    ),
)  # fmt: skip
"""All dashboards, as the text files of `--export prometheus:DIR/` feed them."""
