"""Makes the excerpt of a landscape that checks read."""

from bothsides.base.types import Mapping
from bothsides.inventory.checks import index_of
from bothsides.inventory.excerpt import Excerpt, Window, to_hosts, to_json
from bothsides.inventory.model import Landscape
from bothsides.inventory.owner_map import owner_map


def addresses(landscape: Landscape) -> Mapping[str, list[str]]:
    """Every address of every host, by its name; those of single pairs count too."""
    index = index_of(landscape)
    by_name = {
        name: [each.ip, *each.ips, *filter(None, (each.trace_ip,))]
        for name, each in landscape.servers.items()
        if each.ip
    }
    for override in landscape.overrides:
        names = index.select(override.target) if override.ip else ()
        for name in names if len(names) == 1 else ():
            by_name.get(name, []).append(override.ip)
    return {name: list(dict.fromkeys(each)) for name, each in by_name.items()}


def windows(landscape: Landscape) -> tuple[Window, ...]:
    """The [[maintenance]] of a landscape, with the hosts that each one selects."""
    index = index_of(landscape)
    return tuple(
        Window(
            hosts=frozenset(index.select(each.what)),
            begin=each.begin.timestamp(),
            end=each.end.timestamp(),
            owner=str(each.place).rpartition("/")[2],
            reason=each.reason,
        )
        for each in landscape.maintenances
    )


def excerpt(landscape: Landscape, host: str) -> Excerpt:
    """The excerpt for the checks of one host."""
    known = addresses(landscape)
    return Excerpt(
        host=host if host in landscape.servers else "",
        names={address: name for name, each in known.items() for address in each},
        places={name: landscape.servers[name].datacenter for name in known},
        owners=owner_map(landscape),
        windows=windows(landscape),
    )


class Writer:
    """The excerpts of all hosts as text; what they share is made once."""

    def __init__(self, landscape: Landscape) -> None:
        places = {name: each.datacenter for name, each in landscape.servers.items()}
        self._hosts = to_hosts(addresses(landscape), places)
        self._owners = owner_map(landscape)
        self._windows = windows(landscape)

    def text(self, host: str) -> str:
        """The file of one host."""
        return to_json(host, self._hosts, self._owners, self._windows)
