"""Files that say whose networks addresses are in: their options, and what they hold."""

from bothsides.analyse.path.ownership import Maps
from bothsides.base import files
from bothsides.base.types import TYPE_CHECKING
from bothsides.parse.ip_owners import Map, from_exchanges, from_map
from bothsides.plugin.parser import Group, Namespace, Parser

if TYPE_CHECKING:
    from bothsides.probe.net.asn_table import AsTable


def add_owner_files(parser: Parser | Group) -> None:
    """Adds --map, --exchanges and --as-file."""
    add = parser.add_argument
    add("--map", default="", metavar="FILE",
        help="lines PREFIX = LABEL, ROLE or ASn = LABEL, ROLE")  # fmt: skip
    add("--exchanges", default="", metavar="FILE",
        help="exchange networks: lines PREFIX NAME, or PeeringDB's JSON")  # fmt: skip
    add("--as-file", default="", metavar="FILE",
        help="addresses to AS numbers: pyasn, iptoasn (also .gz) or .mmdb")  # fmt: skip


def table_of(options: Namespace) -> "AsTable | None":
    """The table of --as-file, where one is named."""
    if not options.as_file:
        return None
    from bothsides.probe.net.asn_table import AsTable

    return AsTable(options.as_file, False, {}, 0.0)


def maps_of(options: Namespace) -> Maps:
    """What --map, --landscape and --exchanges hold. Raises Unable and Unreadable."""
    operators = files.parsed(options.map, from_map) if options.map else Map()
    if getattr(options, "landscape", ""):
        from bothsides.check.landscape import excerpt_of

        known = from_map(excerpt_of(options).owners)  # --map goes first
        systems = {**known.systems, **operators.systems}
        operators = Map((*operators.spans, *known.spans), systems)
    return Maps(
        operators=operators,
        exchanges=files.parsed(options.exchanges, from_exchanges) if options.exchanges else (),
    )
