"""Two incidents that were reported by those who had them, built again and measured from both ends.

PYTHONPATH=lib:. python -m tests.support.side.past     # as root: writes tests/data/incidents

kuenzler   10 January 2019, 16:13 to 16:26: an office in Zurich and its servers in Frankfurt. All
hops
           up to 52.93.128.156 stayed the same; behind it the cloud took another way, which was slow
           and lost packets. From Dublin all was well.
semaphore  12 to 17 December 2017: build machines in Germany and a region in the US. A device of a
           carrier between them spoilt few connections; TLS handshakes timed out, one in a thousand,
           and no trace lost a packet. What is recorded here is one of the handshakes that failed.

The networks are tables of the laboratory; addresses that were not published are made up. The checks
run for real at both ends and at a third host; afterwards their times are moved to the days of then.
"""

import calendar
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from bothsides.incident.document import to_text
from bothsides.incident.read import documents, read_all
from bothsides.model.evidence import Evidence
from tests.support.process import HOUSE
from tests.support.side.checks import CHECKS, waves
from tests.support.side.harms import Cable, Filter, Harm, Reroute, harmed
from tests.support.side.table import End, Link, Owner, World, exchanges_text, map_text
from tests.support.side.trial import laboratory

DATA = HOUSE / "tests/data/incidents"


class Incident(NamedTuple):
    """A world, what happened to it, and when."""

    name: str
    world: World
    ever: tuple[Harm, ...]  # what was always so
    harms: tuple[Harm, ...]  # what happened
    moments: tuple[tuple[str, str], ...]  # folder, and the time of its measurements in UTC


KUENZLER = Incident(
    name="kuenzler",
    world=World(
        name="kuenzler",
        owners=(
            Owner("our server room", "us", ("192.0.2.0/24",)),
            Owner("our ISP", "isp", ("203.0.113.0/24",)),
            Owner("SwissIX", "exchange", ("194.42.48.0/24",)),
            Owner("Amazon", "cloud", ("52.93.0.0/16", "54.239.0.0/16", "198.51.100.0/24")),
        ),
        exchanges=("SwissIX",),
        nodes=(
            ("our server room", "office gw"),
            ("our ISP", "i1 i2 i3 i4"),
            ("Amazon", "n1 n2 n3 u1 u2 u3 u4 u5 w1 w2 w3 w4 r1 r2 d1 d2 app dublin"),
        ),
        links=(
            Link("office", "gw", "192.0.2.21", "192.0.2.1"),
            Link("gw", "i1", "203.0.113.2", "203.0.113.1", "cable", 0.6),
            Link("i1", "i2", "203.0.113.6", "203.0.113.5"),
            Link("i2", "i3", "203.0.113.10", "203.0.113.9"),
            Link("i3", "n1", "194.42.48.20", "194.42.48.30", "cable", 0.4),
            Link("n1", "n2", "52.93.128.2", "52.93.128.1"),
            Link("n2", "n3", "52.93.128.157", "52.93.128.156"),
            Link("n3", "u1", "52.93.0.6", "52.93.0.5", "cable", 4),
            Link("u1", "u2", "52.93.0.22", "52.93.0.21"),
            Link("u2", "u3", "54.239.4.2", "54.239.4.1"),
            Link("u3", "u4", "54.239.5.3", "54.239.5.2"),
            Link("u4", "u5", "54.239.6.2", "54.239.6.1"),
            Link("u5", "app", "198.51.100.1", "198.51.100.10"),
            Link("n3", "w1", "52.93.9.1", "52.93.9.2", "cable", 4),
            Link("w1", "w2", "52.93.9.13", "52.93.9.14", "cable", 0.2),
            Link("w2", "w3", "52.93.9.29", "52.93.9.30"),
            Link("w3", "w4", "54.239.44.2", "54.239.44.1"),
            Link("w4", "u4", "54.239.5.6", "54.239.5.5"),
            Link("u5", "r1", "52.93.240.1", "52.93.240.2"),
            Link("r1", "r2", "52.93.240.9", "52.93.240.10", "cable", 4),
            Link("r2", "i4", "194.42.48.31", "194.42.48.21", "cable", 0.4),
            Link("i4", "gw", "203.0.113.33", "203.0.113.34", "cable", 0.6),
            Link("dublin", "d1", "198.51.100.77", "198.51.100.65"),
            Link("d1", "d2", "52.93.60.1", "52.93.60.2", "cable", 8),
            Link("d2", "u5", "52.93.61.1", "52.93.61.2"),
        ),
        ends=(
            End("office", "office", "192.0.2.21"),
            End("app", "app", "198.51.100.10"),
            End("dublin", "dublin", "198.51.100.77"),
        ),
        ways=(
            "office gw i1 i2 i3 n1 n2 n3 u1 u2 u3 u4 u5 app",
            "app u5 r1 r2 i4 gw office",
            "dublin d1 d2 u5 app",
            "app u5 d2 d1 dublin",
        ),
        views=(("office", "app"), ("app", "office"), ("dublin", "app")),
    ),
    ever=(Filter("i2", "output", "icmp type time-exceeded drop"),),
    harms=(
        Reroute("app", "n3 w1 w2 w3 w4 u4 u5 app"),
        Cable("w1", "w2", (("ms", 37.0),)),
        Filter("w3", "forward", 'iifname "to_w2" numgen random mod 100 < 33 counter drop'),
    ),
    moments=(
        ("before", "2019-01-10 16:02:00"),
        ("during", "2019-01-10 16:17:00"),
        ("after", "2019-01-10 16:32:00"),
    ),
)

SEMAPHORE = Incident(
    name="semaphore",
    world=World(
        name="semaphore",
        owners=(
            Owner("Hetzner", "hoster", ("142.21.43.0/24", "213.239.0.0/16")),
            Owner("DE-CIX", "exchange", ("80.81.192.0/22",)),
            Owner("the tier 1 carrier", "transit", ("62.115.0.0/16",)),
            Owner("another carrier", "transit", ("154.54.0.0/16",)),
            Owner("AWS", "cloud", ("138.21.32.0/24", "52.93.0.0/16", "203.0.113.0/24")),
        ),
        exchanges=("DE-CIX",),
        nodes=(
            ("Hetzner", "sb1 h1 h2 h3 h4"),
            ("the tier 1 carrier", "t1 t2 t3 t4 t5"),
            ("another carrier", "o1 o2"),
            ("AWS", "a1 a2 a3 a4 c1 c2 useast1 uswest2"),
        ),
        links=(
            Link("sb1", "h1", "142.21.43.11", "142.21.43.1"),
            Link("h1", "h2", "213.239.224.1", "213.239.224.2"),
            Link("h2", "t1", "80.81.192.16", "80.81.192.40", "cable", 0.5),
            Link("t1", "t2", "62.115.1.1", "62.115.1.2", "cable", 9),
            Link("t2", "t3", "62.115.1.5", "62.115.1.6", "cable", 35),
            Link("t3", "a1", "62.115.9.1", "62.115.9.2", "cable", 0.5),
            Link("a1", "a2", "52.93.1.1", "52.93.1.2"),
            Link("a2", "a3", "52.93.1.5", "52.93.1.6"),
            Link("a3", "useast1", "138.21.32.1", "138.21.32.191"),
            Link("a3", "a4", "52.93.2.1", "52.93.2.2"),
            Link("a4", "t4", "62.115.9.6", "62.115.9.5", "cable", 0.5),
            Link("t4", "t5", "62.115.2.1", "62.115.2.2", "cable", 44),
            Link("t5", "h3", "62.115.30.1", "62.115.30.2", "cable", 0.5),
            Link("h3", "h1", "213.239.224.5", "213.239.224.6"),
            Link("uswest2", "c1", "203.0.113.40", "203.0.113.1"),
            Link("c1", "c2", "52.93.3.1", "52.93.3.2", "cable", 32),
            Link("c2", "a3", "52.93.3.5", "52.93.3.6"),
            Link("c1", "o1", "154.54.8.2", "154.54.8.1", "cable", 0.5),
            Link("o1", "o2", "154.54.1.1", "154.54.1.2", "cable", 70),
            Link("o2", "h4", "154.54.9.1", "154.54.9.2", "cable", 0.5),
            Link("h4", "h1", "213.239.224.9", "213.239.224.10"),
        ),
        ends=(
            End("sb1", "sb1", "142.21.43.11"),
            End("useast1", "useast1", "138.21.32.191"),
            End("uswest2", "uswest2", "203.0.113.40"),
        ),
        ways=(
            "sb1 h1 h2 t1 t2 t3 a1 a2 a3 useast1",
            "useast1 a3 a4 t4 t5 h3 h1 sb1",
            "uswest2 c1 c2 a3 useast1",
            "useast1 a3 c2 c1 uswest2",
            "uswest2 c1 o1 o2 h4 h1 sb1",
            "sb1 h1 h4 o2 o1 c1 uswest2",
        ),
        views=(
            ("sb1", "useast1"),
            ("useast1", "sb1"),
            ("uswest2", "useast1"),
            ("uswest2", "sb1"),
        ),
    ),
    ever=(),
    harms=(
        Filter(
            "t5",
            "forward",
            "ip saddr 138.21.32.191 tcp sport 443 meta length > 300 counter drop",
        ),
    ),
    moments=(
        ("before", "2017-12-11 12:33:00"),
        ("during", "2017-12-12 14:20:00"),
        ("after", "2017-12-18 12:33:00"),
    ),
)


def moved(value: Any, by: float) -> Any:
    """The same with every time later by so many seconds."""
    if hasattr(value, "_fields"):
        return value._replace(**{key: moved(part, by) for key, part in value._asdict().items()})
    if isinstance(value, tuple):
        return tuple(moved(part, by) for part in value)
    return round(value + by, 3) if isinstance(value, float) and value > 1e9 else value


def record(incident: Incident, folder: Path) -> None:
    """Measures before, during and after, and writes a document of each host."""
    world = incident.world
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "networks.map").write_text(map_text(world))
    (folder / "exchanges.txt").write_text(exchanges_text(world))
    with laboratory(world) as lab, harmed(lab.ground, incident.ever):
        lab.checks.learn()
        for phase, moment in incident.moments:
            lab.checks.restore()
            harms = incident.harms if phase == "during" else ()
            with tempfile.TemporaryDirectory() as place, harmed(lab.ground, harms):
                for views in waves(world.views):
                    for said in lab.checks.run(views, CHECKS, Path(place)):
                        print(phase, said.start, said.target, said.line, flush=True)
                _write(documents(read_all([place])[0]), folder / phase, moment)


def _write(found: list[Evidence], folder: Path, moment: str) -> None:
    """The documents, moved to another day."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    begin = min(part.at for each in found for peer in each.peers for part in peer.now if part)
    there = calendar.timegm(time.strptime(moment, "%Y-%m-%d %H:%M:%S"))
    for each in found:
        (folder / f"{each.host}.json").write_text(to_text(moved(each, there - begin)) + "\n")


if __name__ == "__main__":
    for made in (KUENZLER, SEMAPHORE):
        record(made, DATA / made.name)
