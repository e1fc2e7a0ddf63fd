"""bothsides lint: the faults of a landscape, a line each."""

from datetime import UTC, datetime

from bothsides.inventory import files, mehsh
from bothsides.inventory.maintenance import expired
from bothsides.inventory.mesh import Mesh
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
    mesh = Mesh(landscape)
    asking = len(mesh.sources())
    print(
        f"{arguments.file}: {len(landscape.servers)} servers, {len(landscape.groups)} groups,"
        f" {len(landscape.works)} checks by {asking} hosts: no fault, {len(faults)} warnings"
    )
    return 0
