"""A network that exists only as a description: who answers a probe, if anybody, and how late.

    {"seed": 1, "target": "198.51.100.10", "ms": 1.5, "jitter": 0.3,
     "path": ["192.0.2.1", {"branches": [["203.0.113.9"], ["203.0.113.13"]], "hash": "flow"},
              "80.249.208.10", {"loop": ["10.0.0.1", "10.0.0.2"]}],
     "hosts": {"80.249.208.10": {"ms": 12, "mpls": [[24001, 0, 1, 1]], "silent": false, "loss": 0.2,
                                 "fwdloss": 0.1, "rate": [1, 6], "prohibit": false, "blackhole":
                                 false, "as": "192.0.2.99"}}}

`hash` is "flow" (addresses and ports), "packet" (anew for every packet) or "dst"; `loss` swallows a
router's own answers, `fwdloss` whatever comes to it; `rate` is answers per second and the burst.
"""

import hashlib
import random
from typing import Any, NamedTuple

Description = dict[str, Any]


class Met(NamedTuple):
    """What becomes of a packet. kind: "expired", "refused" or "reply"; after: seconds."""

    kind: str
    host: str
    after: float
    mpls: tuple[tuple[int, int, int, int], ...] = ()


class World:
    """One description at work. Chance is seeded; the clock is whatever the caller says."""

    def __init__(self, description: Description, seed: int = 0) -> None:
        self.chance = random.Random(f"{description.get('seed', 0)}.{seed}")
        self.buckets: dict[str, tuple[float, float]] = {}
        self.tell(description)

    def tell(self, description: Description) -> None:
        """Changes the network while packets are on their way."""
        self.about = description
        self.hosts: dict[str, dict[str, Any]] = description.get("hosts", {})
        self.target: str = description["target"]

    def line(self, flow: str) -> list[str]:
        """The routers that a packet of a flow passes, in order.

        A loop goes on for ever (64 times).
        """
        routers: list[str] = []
        for place, part in enumerate(self.about["path"]):
            if isinstance(part, str):
                routers.append(part)
            elif "loop" in part:
                return [*routers, *part["loop"] * 64]
            else:
                branches = part["branches"]
                routers += branches[self._pick(part, place, flow) % len(branches)]
        return routers

    def packet(self, flow: str, ttl: int, now: float, echo: bool = False) -> Met | None:
        """What comes back for a packet with this TTL, or None."""
        took = 0.0
        last: dict[str, Any] = {}
        usual: float = self.about.get("ms", 1.0)
        for place, router in enumerate(self.line(flow), 1):
            about = self.hosts.get(router, {})
            took += float(about.get("ms", usual)) / 1e3
            if last.get("blackhole") or self._chance(about.get("fwdloss", 0)):
                return None
            if last.get("prohibit"):
                return self._answer("refused", last["name"], now, took)
            if place == ttl:
                return self._answer("expired", router, now, took)
            last = {**about, "name": router}
        if last.get("blackhole") or self._chance(self.hosts.get(self.target, {}).get("fwdloss", 0)):
            return None
        if last.get("prohibit"):
            return self._answer("refused", last["name"], now, took)
        took += float(self.hosts.get(self.target, {}).get("ms", usual)) / 1e3
        if self.hosts.get(self.target, {}).get("udp" if not echo else "echo", True) is False:
            return None
        return self._answer("reply", self.target, now, took, limited=not echo)

    def _pick(self, part: dict[str, Any], place: int, flow: str) -> int:
        kind = part.get("hash", "flow")
        if kind == "packet":
            return self.chance.randrange(1 << 30)
        seed, origin = self.about.get("seed", 0), part.get("origin", 0)
        key = f"{seed}.{origin}.{place}.{'' if kind == 'dst' else flow}"
        return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest()[:8], "big")

    def _answer(
        self, kind: str, router: str, now: float, took: float, limited: bool = True
    ) -> Met | None:
        about = self.hosts.get(router, {})
        if (
            about.get("silent")
            or self._chance(about.get("loss", 0))
            or (limited and not self._token(router, about, now))
        ):
            return None
        late = took + abs(self.chance.gauss(0, float(self.about.get("jitter", 0)) / 1e3))
        return Met(
            kind,
            about.get("as", router),
            late,
            tuple(tuple(label) for label in about.get("mpls", ())),
        )

    def _chance(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share

    def _token(self, router: str, about: dict[str, Any], now: float) -> bool:
        if "rate" not in about:
            return True
        rate, burst = about["rate"]
        tokens, then = self.buckets.get(router, (burst, now))
        tokens = min(burst, tokens + (now - then) * rate)
        self.buckets[router] = (tokens - (tokens >= 1), now)
        return bool(tokens >= 1)
