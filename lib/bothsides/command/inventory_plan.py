"""bothsides plan: who asks whom, and what it costs every host."""

from bothsides.base.types import Iterator
from bothsides.inventory import files
from bothsides.inventory.faults import Wrong, quoted, remedy_for
from bothsides.inventory.load import Load, loads, total
from bothsides.inventory.mesh import Mesh, Pair
from bothsides.plugin.parser import Namespace, Parser

_HEAD = (
    f"{'host':<20} {'asks':>7} {'asked by':>8} {'probes/s':>9} {'replies/s':>9} {'kbit/s out':>10}"
    f" {'kbit/s in':>10} {'services':>8} {'runs/min':>8} {'CPU %':>6}"
)


def options(parser: Parser) -> None:
    """Adds the options of plan."""
    parser.add_argument("file", nargs="?", default=files.DEFAULT, metavar="FILE")
    parser.add_argument("--host", metavar="HOST", help="the pairs of one host, a line each")


def run(arguments: Namespace) -> int:
    """Prints a line for every host, or for every pair of one host."""
    mesh = Mesh(files.load(arguments.file))
    lines = _pairs(mesh, arguments.host) if arguments.host else _hosts(mesh)
    for line in lines:
        print(line)
    return 0


def _hosts(mesh: Mesh) -> Iterator[str]:
    rows = loads(mesh)
    yield _HEAD
    for row in rows:
        yield _line(row)
    yield _line(total(rows))
    for row in rows:
        if row.too_much:
            fair = row.max_pps / row.probes
            yield (
                f"{row.host}: {row.probes:.0f} probes/s are more than max_pps = {row.max_pps};"
                f" every pair gets {fair:.0%} of its rate"
            )


def _line(row: Load) -> str:
    return (
        f"{row.host:<20} {row.asks:>7} {row.asked_by:>8} {row.probes:>9.1f} {row.replies:>9.1f}"
        f" {row.kbit_out:>10.1f} {row.kbit_in:>10.1f} {row.services:>8} {row.checks:>8.1f}"
        f" {row.cpu:>6.1%}"
    )


def _pairs(mesh: Mesh, host: str) -> Iterator[str]:
    if host not in mesh.servers:
        raise Wrong(f"unknown host {quoted(host)}", remedy_for(host, sorted(mesh.servers)))
    for pair in mesh.asked_by(host):
        yield f"{host} -> {pair.target.name}  {_how(mesh, pair)}"
    for pair in mesh.asking(host):
        if pair.source.name != host:
            yield f"{pair.source.name} -> {host}  {_how(mesh, pair)}"


def _how(mesh: Mesh, pair: Pair) -> str:
    settings = mesh.effective(pair)
    shown = [pair.work.topic, pair.address]
    for key in ("every", "rate"):
        if key in settings and (key == "every" or "every" not in settings):
            shown.append(f"{key} {settings[key].value:g}")
    return "  ".join(shown)
