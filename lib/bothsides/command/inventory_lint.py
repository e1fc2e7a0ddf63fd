"""bothsides lint: the faults of a landscape, a line each."""

from datetime import UTC, datetime

from bothsides.inventory import files, mehsh
from bothsides.inventory.maintenance import expired
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Landscape
from bothsides.parse.text import counted
from bothsides.plugin.parser import Namespace, Parser


def options(parser: Parser) -> None:
    """Adds the options of lint."""
    parser.add_argument("file", nargs="?", default=files.DEFAULT, metavar="FILE")
    parser.add_argument(
        "--mehsh", action="store_true", help="also say what mehsh would not understand"
    )


def run(arguments: Namespace) -> int:
    """Prints warnings and a summary. Faults are raised as Faulty."""
    landscape, text = files.load_text(arguments.file)
    faults = [*landscape.warnings, *expired(landscape, datetime.now(UTC))]
    if arguments.mehsh:
        faults += mehsh.not_understood(landscape, text)
    for fault in sorted(faults):
        print(fault)
    sizes = (
        counted(len(landscape.servers), "server"),
        counted(len(landscape.groups), "group"),
        f"{counted(len(landscape.works), 'check')} by {_asking(landscape)}",
    )
    print(f"{arguments.file}: {', '.join(sizes)}: no fault, {counted(len(faults), 'warning')}")
    return 0


def _asking(landscape: Landscape) -> str:
    """Who asks others; the monitor is no server where no table describes it."""
    asking = Mesh(landscape).sources()
    servers = sum(name in landscape.servers for name in asking)
    if len(asking) == servers:
        return counted(servers, "server")
    return f"{counted(servers, 'server')} and the monitor" if servers else "the monitor"
