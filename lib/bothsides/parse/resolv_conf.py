"""resolv.conf(5): the name servers, and the names to try for a name, as the C library reads them.

nameserver 192.0.2.53
search example.net corp.example.net
options ndots:2 edns0 use-vc no-aaaa
"""

from bothsides.base.types import NamedTuple, Sequence

_MOST = 3  # name servers that the resolver of the C library asks
_MOST_DOTS = 15


class ResolverConfiguration(NamedTuple):
    """What resolv.conf(5) says, as far as it changes who is asked for what."""

    servers: tuple[str, ...] = ()  # addresses, in their order; nothing where none is listed
    search: tuple[str, ...] = ()  # domains to append to a name, in their order
    ndots: int = 1  # a name with as many dots is first tried as it stands
    edns: bool = False  # ask with EDNS
    tcp: bool = False  # ask by TCP alone (use-vc)
    no_aaaa: bool = False  # ask for no IPv6 address


def from_resolv_conf(
    text: str, domain: str = "", local_domain: str = "", options: str = ""
) -> ResolverConfiguration:
    """What the file says. Of several `search` or `domain` lines the last counts.

    domain: of this host's own name, where no line names one; local_domain and options: of the
    environment (LOCALDOMAIN instead of those lines, RES_OPTIONS besides).
    """
    servers: list[str] = []
    search = [domain] if domain else []
    wanted: list[str] = []
    for words in (line.split() for line in text.split("\n")):
        kind, values = (words[0], words[1:]) if words else ("", [])
        if kind == "nameserver" and values:
            servers.append(values[0])
        elif kind in ("search", "domain") and values:
            search = values if kind == "search" else values[:1]
        elif kind == "options":
            wanted += values
    if local_domain.split():
        search = local_domain.split()
    return _with_options(tuple(servers[:_MOST]), search, [*wanted, *options.split()])


def _with_options(
    servers: tuple[str, ...], search: Sequence[str], options: Sequence[str]
) -> ResolverConfiguration:
    ndots = 1
    for option in options:
        digits = option.partition(":")[2]
        if option.startswith("ndots:") and digits.isascii() and digits.isdigit():
            ndots = min(int(digits[:4]), _MOST_DOTS)
    domains = (name.strip(".") for name in search)
    return ResolverConfiguration(
        servers=servers,
        search=tuple(dict.fromkeys(name for name in domains if name)),
        ndots=ndots,
        edns="edns0" in options,
        tcp="use-vc" in options,
        no_aaaa="no-aaaa" in options,
    )


def candidates(name: str, configuration: ResolverConfiguration) -> tuple[str, ...]:
    """The names to ask for in turn until one exists, without their last dot."""
    bare = name.rstrip(".")
    if name.endswith("."):
        return (bare,)
    longer = [f"{bare}.{domain}" for domain in configuration.search]
    first = bare.count(".") >= configuration.ndots
    return tuple(dict.fromkeys([bare, *longer] if first else [*longer, bare]))
