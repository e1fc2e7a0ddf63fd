"""The owner map of check_mtr_path (--map), made from the providers of a landscape."""

from bothsides.inventory.model import Landscape


def owner_map(landscape: Landscape) -> str:
    """A line `NETWORK = PROVIDER, ROLE` for every network, sorted by provider and network."""
    lines = []
    for name in sorted(landscape.providers):
        provider = landscape.providers[name]
        role = provider.role
        for network in sorted(provider.networks):
            lines.append(f"{network} = {name}{', ' if role else ''}{role}\n")
    return "".join(lines)
