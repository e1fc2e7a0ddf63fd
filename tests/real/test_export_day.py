"""A day of many hosts in each store: series and octets are those that were planned, within 20 %.

Planned on real servers: 23 series for a path of 11 hops with one change, its UDP, HTTPS and clock;
3,659 octets of lines for a run, of which gzip leaves 252; 190,120 octets for each of the 33
figures of a path in Graphite, at 1s:2h,10s:1d.
"""

import gzip
import time
import urllib.request
from collections.abc import Iterator
from functools import cache, lru_cache

import pytest

from bothsides.command.export_history import path_run
from bothsides.export import graphite as graphite_lines
from bothsides.export import influx as influx_lines
from bothsides.export.http import Sender
from bothsides.export.path_rows import HopRow
from bothsides.export.point import Event, Point
from bothsides.export.prometheus import to_history
from bothsides.export.request import Request
from bothsides.export.schema import PHASES, Origin, points
from bothsides.export.socket_sender import send_tcp
from bothsides.export.stored_path import change, rows
from bothsides.plugin.finding import Figure, Reading
from tests.export.history import stored
from tests.export.samples import CLOCK, HTTPS, UDP
from tests.support import daemons, scraping, stores
from tests.support.stores import ask

DAY = 86400
STEP = 120  # s between two runs of a path; the other checks run every 5 minutes
AWAY = (300, 30)  # runs 300 to 330 of a day take the other way
SERIES, RUN, PACKED, WHISPER = 23, 3659, 252, 190_120
HOSTS = [pytest.param(1, id="one host"), pytest.param(38, id="38 hosts", marks=pytest.mark.soak)]
ORIGIN = Origin("mon1", "office-to-aws")


def near(value: float, planned: float) -> bool:
    return 0.8 * planned <= value <= 1.2 * planned


@cache
def end_of_the_day() -> int:
    """The last full minute when it was first asked for, s since 1970: one day for all stores."""
    return int(time.time()) // 60 * 60


@lru_cache(maxsize=1)
def day(host: str, until: int) -> tuple[tuple[list[Point], list[Event]], ...]:
    """What one host's checks store in a day, an hour at a time."""
    return tuple(_hours(host, until))


def _hours(host: str, until: int) -> Iterator[tuple[list[Point], list[Event]]]:
    before = None
    held: tuple[list[Point], list[Event]] = ([], [])
    for number in range(DAY // STEP):
        at = until - DAY + number * STEP
        kind = 30 if AWAY[0] <= number < sum(AWAY) else 0
        run = path_run(stored(kind, float(at))._replace(host=host))
        run = run._replace(hops=tuple(_measured(hop, number) for hop in run.hops))
        held[0].extend(rows(run, ORIGIN))
        if before is not None and (event := change(before, run, ORIGIN)) is not None:
            held[1].append(event)
        before = run
        if number % 5 in (0, 3):
            held[0].extend(_others(host, at))
        if number % 30 == 29:
            yield held
            held = ([], [])


def _measured(hop: HopRow, number: int) -> HopRow:
    """With times that have digits, and what the memory does not keep, as a run exports them."""
    if hop.rtt_min is None or hop.rtt_avg is None or hop.rtt_max is None:
        return hop
    noise = 1 + (number * 7919 + hop.hop * 104729) % 10007 / 1e5
    return hop._replace(
        asn=16509,
        rtt_min=hop.rtt_min * noise,
        rtt_avg=hop.rtt_avg * noise,
        rtt_max=hop.rtt_max * noise,
        rtt_stddev=hop.rtt_min * noise / 31,
    )


def _others(host: str, at: int) -> Iterator[Point]:
    phases = tuple(
        Reading(Figure(f"time_{phase}", "s", ""), 0.01, "") for phase in PHASES if phase != "proxy"
    )
    web = HTTPS._replace(name=host, findings=(*HTTPS.findings[:4], *phases))
    yield from points("UDP_LOSS", UDP._replace(name=host), ORIGIN, at * 10**9)
    yield from points("HTTPS", web, ORIGIN, at * 10**9, url=f"https://{host}/")
    yield from points("SNMP_CLOCK", CLOCK._replace(name=host), ORIGIN, at * 10**9)


def names(hosts: int) -> list[str]:
    return [f"host{number:02d}.example" for number in range(hosts)]


@pytest.mark.parametrize("hosts", HOSTS)
def test_influxdb_has_the_planned_series_and_octets(hosts: int) -> None:
    until = end_of_the_day()
    plain = packed = sent = 0
    with daemons.folder() as root, stores.influx(root) as influx:
        sender = Sender(gzip=True)
        for host in names(hosts):
            for points, events in day(host, until):
                lines = influx_lines.to_lines(points, events)
                plain, packed = plain + len(lines), packed + len(gzip.compress(lines, 6))
                sent += len(points) + len(events)
                request = Request("POST", f"{influx.url}/write?db=bothsides", (), lines)
                assert sender.send(request, 30).status == 204
        sender.close()
        query = {"db": "bothsides", "q": "SHOW SERIES EXACT CARDINALITY"}
        (result,) = ask(f"{influx.url}/query", query)["results"]
        series = sum(each["values"][0][0] for each in result["series"])
        counted = {"db": "bothsides", "q": "SELECT count(sent) FROM bothsides_hop"}
        (hops,) = ask(f"{influx.url}/query", counted)["results"]
    runs = hosts * DAY // STEP
    print(
        f"{series} series, {plain / runs:.0f} octets a run, {packed / runs:.0f} packed, {sent} rows"
    )
    assert near(series, SERIES * hosts)
    assert hops["series"][0]["values"][0][1] == 11 * runs  # none is lost, none twice
    assert near(plain / runs, RUN)
    assert near(packed / runs, PACKED)


@pytest.mark.parametrize("hosts", HOSTS)
def test_a_tree_of_graphite_has_the_planned_files(hosts: int) -> None:
    until = end_of_the_day()
    with daemons.folder() as root, stores.graphite(root) as graphite:
        for host in names(hosts):
            last = list(day(host, until))[-2:]  # a file has its size from the first point
            for points, _ in last:
                lines = graphite_lines.to_lines(points, "tree")
                send_tcp("127.0.0.1", graphite.port, lines, 20)
        hop_files = 33 * hosts - 2 * hosts  # a silent hop has no times
        end = time.monotonic() + 60
        while len(found_files := list(graphite.whisper.rglob("hop/*/*.wsp"))) < hop_files:
            assert time.monotonic() < end, len(found_files)
            time.sleep(0.5)
        sizes = {file.stat().st_size for file in found_files}
    assert len(found_files) == hop_files
    assert near(hop_files, 33 * hosts)
    assert all(near(size, WHISPER) for size in sizes), sizes


@pytest.mark.parametrize("hosts", HOSTS)
def test_prometheus_has_each_series_and_sample_once(hosts: int) -> None:
    until = end_of_the_day()
    with daemons.folder() as root:
        points = [point for host in names(hosts) for part, _ in day(host, until) for point in part]
        history = to_history(points)
        values = [line for line in history.decode().splitlines() if line[:1] != "#"]
        wanted = len({line.rpartition("}")[0] for line in values})
        del points
        with scraping.remembering(root, history) as url:
            query = {"query": 'count({__name__=~"bothsides_.+"})', "time": until - STEP}
            (result,) = ask(f"{url}/api/v1/query", query)["data"]["result"]
            span = {"query": "count_over_time(bothsides_path_hops[1d])", "time": until}
            counts = ask(f"{url}/api/v1/query", span)["data"]["result"]
    # the other way's addresses and path are series of their own, and gone at the end
    assert near(int(result["value"][1]), wanted)
    assert [int(each["value"][1]) for each in counts] == [DAY // STEP] * hosts


@pytest.mark.parametrize("hosts", HOSTS)
def test_victoriametrics_has_a_series_for_each_field(hosts: int) -> None:
    until = end_of_the_day()
    wanted: set[tuple[object, ...]] = set()
    with daemons.folder() as root, stores.victoria(root) as victoria:
        sender = Sender(gzip=True)
        for host in names(hosts):
            for points, events in day(host, until):
                lines = influx_lines.to_lines(points, events, "victoria")
                request = Request("POST", f"{victoria.url}/write", (), lines)
                assert sender.send(request, 30).status == 204
                wanted |= {
                    (point.measurement, point.tags, field)
                    for point in points
                    for field, value in point.fields
                    if not isinstance(value, str)
                }
        sender.close()
        urllib.request.urlopen(f"{victoria.url}/internal/force_flush", timeout=20).close()
        query = {"match[]": '{__name__=~"bothsides_.+"}', "start": until - DAY}
        series = len(ask(f"{victoria.url}/api/v1/series", query)["data"])
    assert near(series, len(wanted))
