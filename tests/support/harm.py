"""Two hosts with a harmful wire between them, and what the wire says that it did."""

import contextlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.support.net import Network
from tests.support.process import HOUSE, PLUGINS
from tests.support.relay import JUMP

NEAR, FAR = "10.77.0.1", "10.77.0.2"
PORT = 8620

CASES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "drop out": {"out": {"drop": [10, 3]}},
    "drop back": {"back": {"drop": [5, 2]}},
    "drop both ways": {"out": {"drop": [10, 3]}, "back": {"drop": [7, 4]}},
    "double out": {"out": {"double": [10, 0]}},
    "double back": {"back": {"double": [10, 0]}},
    "double and drop back": {"back": {"double": [5, 0], "drop": [5, 1]}},
    "overtaken out": {"out": {"hold": [20, 2], "span": 9}},
    "overtaken back": {"back": {"hold": [20, 2], "span": 9}},
    "burst out": {"out": {"lose": list(range(40, 50))}},
    "burst back and the end lost": {"back": {"lose": [*range(20, 25), *range(95, 100)]}},
    "late": {"back": {"late": [0.4, 5, 6, 17]}},
    "corrupt out": {"out": {"corrupt": [20, 1]}},
    "corrupt back": {"back": {"corrupt": [20, 1]}},
    "first and last lost": {"out": {"lose": [0, 99]}, "back": {"lose": [1, 97]}},
    "everything": {
        "out": {"drop": [11, 3], "double": [13, 0], "hold": [17, 2], "span": 9},
        "back": {"drop": [7, 1], "double": [9, 0], "corrupt": [19, 5], "hold": [23, 7], "span": 9},
    },
}


class Truth(NamedTuple):
    """What became of the sample packets on the wire."""

    sent: int
    lost_out: int
    lost_back: int
    dup_out: int
    dup_back: int
    reorder_out: int
    corrupt: int

    @property
    def lost(self) -> int:
        """Packets without any answer."""
        return self.lost_out + self.lost_back


def wired(net: Network) -> tuple[str, str]:
    """Makes near, wire and far; returns the wire's two interfaces."""
    for name in ("near", "wire", "far"):
        net.host(name)
    first = net.link("near", f"{NEAR}/24", "wire", "192.0.2.1/32")[1]
    second = net.link("far", f"{FAR}/24", "wire", "192.0.2.2/32")[1]
    return first, second


@contextlib.contextmanager
def reflecting(net: Network, host: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A reflector inside a host; it has said that it listens."""
    command = [
        *net.inside(host),
        sys.executable,
        str(PLUGINS / "udp_reflector"),
        "--port",
        str(PORT),
        *options,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "listening" in process.stdout.readline()
            yield process
        finally:
            process.terminate()
            process.communicate()


@contextlib.contextmanager
def harming(
    net: Network, interfaces: tuple[str, str], harm: dict[str, Any]
) -> Iterator[list[Truth]]:
    """The wire with these rules; the list holds the truth once the block has ended."""
    command = [
        *net.inside("wire"),
        sys.executable,
        "-m",
        "tests.support.relay",
        *interfaces,
        json.dumps(harm),
    ]
    truth: list[Truth] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield truth
        finally:
            process.terminate()
            told = process.communicate()[0]
    truth.append(_truth(json.loads(told)))


def _truth(books: dict[str, list[list[int]]]) -> Truth:
    """From the wire's books to the truth; closing probes are no sample."""
    seen, out, answered, back = (
        [(port, number) for port, number in books[part] if number < JUMP]
        for part in ("seen", "out", "answered", "back")
    )
    arrived, returned = set(out), set(back)
    return Truth(
        sent=len(set(seen)),
        lost_out=len(set(seen) - arrived),
        lost_back=len(arrived - returned),
        dup_out=len(out) - len(arrived),
        dup_back=sum((Counter(back) - Counter(answered)).values()),
        reorder_out=_overtaken(out),
        corrupt=len(answered) - len(returned & set(answered)),
    )


def _overtaken(order: list[tuple[int, int]]) -> int:
    """Packets that came after one of their own flow with a higher number; copies do not count."""
    highest: dict[int, int] = {}
    met = set()
    count = 0
    for port, number in order:
        if (port, number) not in met:
            met.add((port, number))
            count += number < highest.get(port, -1)
            highest[port] = max(highest.get(port, -1), number)
    return count
