"""The outage of 10 January 2019, 16:13 to 16:26: hops changed only behind 52.93.128.156."""

import copy
import os

from tests.support import need
from tests.support.world import Description

_NEAR = [
    "192.0.2.1", "203.0.113.1", "203.0.113.5", "203.0.113.9", "194.42.48.1", "194.42.48.20",
    "52.93.128.1", "52.93.128.80", "52.93.128.156",
]  # fmt: skip
_USUAL = [
    "52.93.0.5",
    "52.93.0.21",
    "52.93.1.7",
    "52.93.1.33",
    "54.239.4.1",
    "54.239.4.9",
    "54.239.5.2",
    "54.239.5.14",
]
_BROKEN = [
    "52.93.9.2",
    "52.93.9.14",
    "52.93.9.30",
    "52.93.9.31",
    "54.239.44.1",
    "54.239.44.9",
    "54.239.5.2",
    "54.239.5.14",
]
_LAST = ["54.239.6.1", "54.239.6.7"]

_FAKE = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def clock(time: str) -> dict[str, str]:
    """The environment in which a program believes that it is this time of that day, in UTC."""
    if not os.path.exists(_FAKE):
        need.missing("libfaketime is not installed: apt-get install faketime")
    return {
        "LD_PRELOAD": _FAKE,
        "FAKETIME": f"@2019-01-10 {time}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }


GOOD: Description = {
    "seed": 2019,
    "target": "198.51.100.10",
    "ms": 1.3,
    "jitter": 0.2,
    "path": [*_NEAR, *_USUAL, *_LAST],
    "hosts": {
        "203.0.113.5": {"silent": True},
        "52.93.128.1": {"rate": [1, 6]},
        "54.239.4.9": {"loss": 0.3},
    },
}
"""Nineteen routers, one silent, one rate limited and one that loses its own answers, as ever."""

BAD: Description = copy.deepcopy(GOOD)
"""Another way inside the same network, slower by 37 ms and losing a third."""
BAD["path"] = [*_NEAR, *_BROKEN, *_LAST]
BAD["hosts"]["52.93.9.14"] = {"ms": 38}
BAD["hosts"]["52.93.9.30"] = {"fwdloss": 0.33}

MAP = """
192.0.2.0/24 = our server room, us
203.0.113.0/24 = our ISP, isp
194.42.48.0/24 = SwissIX, exchange
52.93.0.0/16 = Amazon, cloud
54.239.0.0/16 = Amazon, cloud
198.51.100.0/24 = Amazon, cloud
"""
