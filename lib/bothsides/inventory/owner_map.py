"""The owner map of check_mtr_path (--map), made from the providers of a landscape."""

from bothsides.inventory.model import Landscape

_ROLES = {"hoster": "cloud"}
"""Roles that the map calls otherwise."""


def owner_map(landscape: Landscape) -> str:
    """A line `NETWORK = PROVIDER, ROLE` for every network, sorted by provider and network."""
    lines = []
    for name in sorted(landscape.providers):
        provider = landscape.providers[name]
        role = _ROLES.get(provider.role, provider.role)
        for network in sorted(provider.networks):
            lines.append(f"{network} = {name}{', ' if role else ''}{role}\n")
    return "".join(lines)
