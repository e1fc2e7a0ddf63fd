"""Networks to be described: a nasty one with everything in it, changes to it, and random ones."""

import copy
import random
from typing import Any

from tests.support.world import Description

NASTY: Description = {
    "seed": 1,
    "target": "198.51.100.10",
    "ms": 1.5,
    "jitter": 0.3,
    "path": [
        "192.0.2.1",
        "100.64.0.1",
        "203.0.113.1",
        {"branches": [["203.0.113.9"], ["203.0.113.13"]]},
        "80.249.208.10",
        {"branches": [[f"52.93.128.{n}", f"52.93.0.{n + 4}"] for n in (1, 3, 5, 7)]},
        "52.93.1.1",
        "52.93.1.2",
        {"branches": [[f"52.95.1.{n}"] for n in range(1, 9)]},
        "52.95.0.1",
    ],
    "hosts": {
        "100.64.0.1": {"rate": [1, 6]},
        "203.0.113.1": {"ms": 5},
        "80.249.208.10": {"ms": 12, "mpls": [[24001, 0, 1, 1]]},
        "52.93.1.1": {"silent": True},
        "52.93.1.2": {"loss": 0.2},
    },
}
"""Hop 2 is rate limited, 4 two-way, 6 and 7 four-way, 8 silent, 9 loses 20 %, 10 eight-way."""


def changed(network: Description, place: int, *parts: Any) -> Description:
    """The network with the part at a place replaced by others (none: taken out)."""
    made = copy.deepcopy(network)
    made["path"][place : place + 1] = parts
    return made


def inserted(network: Description, place: int, part: Any) -> Description:
    """The network with one more part before a place."""
    made = copy.deepcopy(network)
    made["path"].insert(place, part)
    return made


def member(network: Description, place: int, branch: int, *routers: str) -> Description:
    """The network with one branch of a balanced part replaced."""
    made = copy.deepcopy(network)
    made["path"][place]["branches"][branch] = list(routers)
    return made


def rehashed(network: Description, kind: str = "flow", places: tuple[int, ...] = ()) -> Description:
    """The network with its balancing begun anew (a restarted router), or done by another rule."""
    made = copy.deepcopy(network)
    for place, part in enumerate(made["path"]):
        if isinstance(part, dict) and "branches" in part and (not places or place in places):
            part["hash"], part["origin"] = kind, 7
    return made


def about(network: Description, host: str, **what: Any) -> Description:
    """The network with a router's manners changed."""
    made = copy.deepcopy(network)
    made["hosts"][host] = {**made["hosts"].get(host, {}), **what}
    return made


def some(seed: int) -> Description:
    """A random stable network of 2 to 30 hops with up to 4 diamonds of width 2 to 16, and the usual
    bad manners.
    """
    chance = random.Random(seed)
    length = chance.randint(2, 24)
    path: list[Any] = [f"10.0.{n}.1" for n in range(length)]
    hosts: dict[str, dict[str, Any]] = {}
    for place in chance.sample(range(length), min(length, chance.randint(0, 4))):
        width, depth = chance.choice((2, 2, 2, 4, 4, 8, 16)), chance.choice((1, 1, 2))
        branches = [[f"10.{n + 1}.{place}.{row}" for row in range(depth)] for n in range(width)]
        if depth > 1 and chance.random() < 0.2:
            branches[0] = branches[0][:1]  # branches of unequal length
        path[place] = {"branches": branches, "hash": "packet" if chance.random() < 0.15 else "flow"}
    for part in path:
        for router in (
            [part]
            if isinstance(part, str)
            else [router for branch in part["branches"] for router in branch]
        ):
            draw = chance.random()
            if draw < 0.08:
                hosts[router] = {"silent": True}
            elif draw < 0.2:
                hosts[router] = {"loss": chance.choice((0.05, 0.2, 0.5))}
            elif draw < 0.3:
                hosts[router] = {"rate": chance.choice(([1, 6], [1, 2], [5, 10]))}
    return {
        "seed": seed,
        "target": "198.51.100.10",
        "ms": 1.0,
        "jitter": 0.2,
        "path": path,
        "hosts": hosts,
    }
