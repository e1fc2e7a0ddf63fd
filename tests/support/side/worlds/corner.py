"""A small shop behind a router that translates addresses, and a cloud without an answer.

A ga --- k1 k2 --- [KleinIX] --- w1 w2|w3 w4 B
         k1 k3 --- f2 f1 --- [KleinIX] --- w5 w4          the way back from B to A

The first hop has a private address, the second one that no map has (100.64.0.0/10). No router of
the cloud answers probes. Both ways pass the same exchange by different members. C is in the cloud,
D in another network that is a member of the exchange.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

_MUTE = "icmp type { time-exceeded, destination-unreachable } drop"

WORLD = World(
    name="corner",
    owners=(
        Owner("Eckladen", "us", ("192.168.1.0/24",)),
        Owner("Kabelnet", "isp", ("85.1.0.0/16",)),
        Owner("Fernnet", "isp", ("62.2.0.0/16",)),
        Owner("KleinIX", "exchange", ("193.203.0.0/24",)),
        Owner("Wolke", "cloud", ("52.93.0.0/16",)),
        Owner("Andernet", "isp", ("46.4.0.0/16",)),
    ),
    exchanges=("KleinIX",),
    translators=(("ga", "A"),),
    ever=tuple((node, "output", _MUTE) for node in ("w1", "w2", "w3", "w4", "w5", "w6")),
    nodes=(
        ("Eckladen", "A ga"),
        ("Kabelnet", "k1 k2 k3"),
        ("Fernnet", "f1 f2"),
        ("Wolke", "w1 w2 w3 w4 w5 w6 B C"),
        ("Andernet", "d1 D"),
    ),
    links=(
        Link("A", "ga", "192.168.1.10", "192.168.1.1"),
        Link("ga", "k1", "85.1.77.5", "100.64.0.1", "cable", 4),
        Link("k1", "k2", "85.1.1.1", "85.1.1.2"),
        Link("k3", "k1", "85.1.1.5", "85.1.1.6"),
        Link("k2", "w1", "193.203.0.20", "193.203.0.30", "cable", 0.5),
        Link("w1", "w2", "52.93.1.1", "52.93.1.2"),
        Link("w1", "w3", "52.93.1.5", "52.93.1.6"),
        Link("w2", "w4", "52.93.2.1", "52.93.2.2"),
        Link("w3", "w4", "52.93.2.5", "52.93.2.6"),
        Link("w4", "B", "52.93.9.1", "52.93.9.10"),
        Link("w4", "w5", "52.93.3.1", "52.93.3.2"),
        Link("w5", "f1", "193.203.0.31", "193.203.0.40", "cable", 0.4),
        Link("f1", "f2", "62.2.1.1", "62.2.1.2", "cable", 3),
        Link("f2", "k3", "62.2.9.1", "62.2.9.2"),
        Link("C", "w6", "52.93.20.10", "52.93.20.1"),
        Link("w6", "w4", "52.93.4.1", "52.93.4.2"),
        Link("D", "d1", "46.4.5.10", "46.4.5.1"),
        Link("d1", "w5", "193.203.0.50", "193.203.0.31", "cable", 1.5),
    ),
    ends=(
        End("A", "A", "85.1.77.5"),
        End("B", "B", "52.93.9.10"),
        End("C", "C", "52.93.20.10"),
        End("D", "D", "46.4.5.10"),
    ),
    ways=(
        "A ga k1 k2 w1 w2|w3 w4 B",
        "B w4 w5 f1 f2 k3 k1 ga A",
        "C w6 w4 B",
        "B w4 w6 C",
        "D d1 w5 w4 B",
        "B w4 w5 d1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("k1", "B", "k1 k3 f2 f1 w5 w4 B"),
        Detour("w4", "A", "w4 w2 w1 k2 k1 ga A"),
    ),
)
