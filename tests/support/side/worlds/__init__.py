"""The worlds, one table a module; `WORLDS` holds them by name."""

from tests.support.side.table import World
from tests.support.side.worlds import (
    corner,
    hidden,
    ipv6,
    long_haul,
    longway,
    peering,
    short,
    tunnel,
)

_ALL: tuple[World, ...] = (
    short.WORLD,
    long_haul.WORLD,
    ipv6.WORLD,
    tunnel.WORLD,
    peering.WORLD,
    hidden.WORLD,
    corner.WORLD,
    longway.WORLD,
)
WORLDS = {world.name: world for world in _ALL}
