"""bothsides explain: every value that holds between two hosts, with the line it comes from."""

from bothsides.base.types import Iterator
from bothsides.inventory import files
from bothsides.inventory.faults import Wrong, quoted, remedy_for
from bothsides.inventory.mesh import Mesh, Pair
from bothsides.inventory.model import Server, Setting
from bothsides.plugin.parser import Namespace, Parser


def options(parser: Parser) -> None:
    """Adds the options of explain."""
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("source", metavar="A", help="the host that asks")
    parser.add_argument("target", metavar="B", help="the host that is asked")


def run(arguments: Namespace) -> int:
    """Prints what A asks B, by which values, and where each stands."""
    mesh = Mesh(files.load(arguments.file))
    for line in _explained(mesh, arguments.source, arguments.target):
        print(line)
    return 0


def _explained(mesh: Mesh, source: str, target: str) -> Iterator[str]:
    landscape = mesh.landscape
    for name in (source, target):
        if name not in mesh.servers and name not in landscape.servers:
            raise Wrong(f"unknown host {quoted(name)}", remedy_for(name, sorted(mesh.servers)))
    for name in (source, target):
        yield from _host(mesh.servers.get(name) or landscape.servers[name])
    pairs = mesh.between(source, target)
    for pair in pairs:
        yield ""
        yield from _pair(mesh, pair)
    if not pairs:
        yield ""
        yield f"{source} asks {target} nothing: {_why(mesh, source, target)}"
    back = mesh.between(target, source)
    yield ""
    topics = ", ".join(pair.work.topic for pair in back)
    yield f"{target} asks {source}: {topics or 'nothing'}"


def _host(server: Server) -> Iterator[str]:
    yield f"{server.name}  {server.place if server.ip else 'not in the landscape'}"
    for name in sorted(server.fields):
        if name != "name":
            yield _value(name, server.fields[name])
    for group in server.groups:
        yield f"  in group {group}"


def _pair(mesh: Mesh, pair: Pair) -> Iterator[str]:
    source, target, work = pair.source.name, pair.target.name, pair.work
    yield f"{source} -> {target}  {work.topic}  by {work.origin}  {work.place}"
    address = pair.trace_address if work.topic == "path" else pair.address
    yield f"  {'address':<12} {address}"
    settings = mesh.effective(pair)
    for name in sorted(settings):
        yield _value(name, settings[name])
    for override in pair.overrides:
        reason = f": {override.reason}" if override.reason else ""
        yield f"  {override.origin} holds{reason}  {override.place}"
    thirds = mesh.thirds(pair)
    if work.third:
        names = ", ".join(third.name for third in thirds[:8])
        more = f" and {len(thirds) - 8} more" if len(thirds) > 8 else ""
        yield f"  {'third':<12} {names or 'nobody'}{more}"


def _value(name: str, setting: Setting) -> str:
    value = setting.value
    if isinstance(value, tuple):
        shown = ", ".join(value)
    elif isinstance(value, float):
        shown = f"{value:g}"
    else:
        shown = str(value)
    place = f"{setting.place}  {setting.origin}" if setting.place else setting.origin
    return f"  {name:<12} {shown:<24} {place}"


def _why(mesh: Mesh, source: str, target: str) -> str:
    """Why there is no pair."""
    for name in (source, target):
        if name not in mesh.servers:
            return f"{name} is disabled at {mesh.landscape.servers[name].place}"
    for override in mesh.landscape.overrides:
        ends = (mesh.index.select(override.source), mesh.index.select(override.target))
        there = source in ends[0] and target in ends[1]
        back = override.both and target in ends[0] and source in ends[1]
        if override.disabled and (there or back):
            return f"{override.origin} at {override.place} is disabled: {override.reason}"
    return "no check selects this pair"
