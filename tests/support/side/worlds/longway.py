"""A long way: 15 hops there, 11 back, a satellite, hidden routers, parallel ways of two lengths.

A g1 i1 i2 i3 - o1 (o2) (o3) o4 - p1 p2 pa|(pb pc) p4 p5 - [KapIX] - s1 s2 s3 B
     i1 i4 - q3 q2 q1 - e3 (e2) e1 - s4 s3                   the way back from B to A

Two transits there and two others back. Three routers limit their answers at all times. C joins the
way behind the parallel routers, D enters the cloud by another border.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

_FEW = "icmp type time-exceeded limit rate over 10/second burst 5 packets drop"

WORLD = World(
    name="longway",
    owners=(
        Owner("Hafen", "us", ("193.8.1.0/24",)),
        Owner("Inselnet", "isp", ("41.0.0.0/16",)),
        Owner("Orbital", "transit", ("103.20.0.0/16",)),
        Owner("Polynet", "transit", ("66.198.0.0/16",)),
        Owner("KapIX", "exchange", ("196.60.8.0/24",)),
        Owner("Stratus", "cloud", ("34.64.0.0/16",)),
        Owner("Seekabel", "transit", ("80.77.0.0/16",)),
        Owner("Kustennet", "transit", ("195.22.0.0/16",)),
        Owner("Dorfnet", "isp", ("41.60.0.0/16",)),
        Owner("Weitnet", "isp", ("91.10.0.0/16",)),
    ),
    exchanges=("KapIX",),
    hidden=("o2", "o3", "e2"),
    ever=tuple((node, "output", _FEW) for node in ("i2", "p1", "q2")),
    nodes=(
        ("Hafen", "A g1"),
        ("Inselnet", "i1 i2 i3 i4"),
        ("Orbital", "o1 o2 o3 o4"),
        ("Polynet", "p1 p2 pa pb pc p4 p5"),
        ("Stratus", "s1 s2 s3 s4 B"),
        ("Seekabel", "e1 e2 e3"),
        ("Kustennet", "q1 q2 q3"),
        ("Dorfnet", "c1 C"),
        ("Weitnet", "d1 d2 D"),
    ),
    links=(
        Link("A", "g1", "193.8.1.10", "193.8.1.1"),
        Link("g1", "i1", "41.0.1.2", "41.0.1.1", "cable", 2, 1),
        Link("i1", "i2", "41.0.2.1", "41.0.2.2"),
        Link("i2", "i3", "41.0.2.5", "41.0.2.6"),
        Link("i3", "o1", "103.20.9.2", "103.20.9.1", "cable", 0.5),
        Link("o1", "o2", "103.20.1.1", "103.20.1.2"),
        Link("o2", "o3", "103.20.1.5", "103.20.1.6", "cable", 140, 20),
        Link("o3", "o4", "103.20.1.9", "103.20.1.10"),
        Link("o4", "p1", "66.198.9.2", "66.198.9.1", "cable", 0.4),
        Link("p1", "p2", "66.198.1.1", "66.198.1.2"),
        Link("p2", "pa", "66.198.2.1", "66.198.2.2", "cable", 5),
        Link("p2", "pb", "66.198.2.5", "66.198.2.6", "cable", 3),
        Link("pb", "pc", "66.198.2.9", "66.198.2.10", "cable", 3),
        Link("pa", "p4", "66.198.2.13", "66.198.2.14"),
        Link("pc", "p4", "66.198.2.17", "66.198.2.18"),
        Link("p4", "p5", "66.198.3.1", "66.198.3.2"),
        Link("p5", "s1", "196.60.8.10", "196.60.8.20", "cable", 0.6),
        Link("s1", "s2", "34.64.1.1", "34.64.1.2"),
        Link("s2", "s3", "34.64.1.5", "34.64.1.6"),
        Link("s3", "B", "34.64.9.1", "34.64.9.10"),
        Link("s3", "s4", "34.64.1.9", "34.64.1.10"),
        Link("s4", "e1", "80.77.9.2", "80.77.9.1", "cable", 1),
        Link("e1", "e2", "80.77.1.1", "80.77.1.2", "cable", 90, 2),
        Link("e2", "e3", "80.77.1.5", "80.77.1.6"),
        Link("e3", "q1", "80.77.5.1", "80.77.5.2", "cable", 0.5),
        Link("q1", "q2", "195.22.1.1", "195.22.1.2", "cable", 12),
        Link("q2", "q3", "195.22.1.5", "195.22.1.6"),
        Link("q3", "i4", "195.22.9.1", "195.22.9.2", "cable", 0.5),
        Link("i4", "i1", "41.0.3.1", "41.0.3.2"),
        Link("q3", "i3", "195.22.9.5", "195.22.9.6"),
        Link("C", "c1", "41.60.5.10", "41.60.5.1"),
        Link("c1", "p4", "66.198.7.2", "66.198.7.1", "cable", 6),
        Link("D", "d1", "91.10.5.10", "91.10.5.1"),
        Link("d1", "d2", "91.10.1.1", "91.10.1.2", "cable", 4),
        Link("d2", "s4", "34.64.8.2", "34.64.8.1"),
    ),
    ends=(
        End("A", "A", "193.8.1.10"),
        End("B", "B", "34.64.9.10"),
        End("C", "C", "41.60.5.10"),
        End("D", "D", "91.10.5.10"),
    ),
    ways=(
        "pc p4 p5 s1 s2 s3 B",
        "A g1 i1 i2 i3 o1 o2 o3 o4 p1 p2 pa|pb pc|p4 p5 s1 s2 s3 B",
        "B s3 s4 e1 e2 e3 q1 q2 q3 i4 i1 g1 A",
        "p1 o4 o3 o2 o1 i3 i2 i1 g1 A",
        "C c1 p4 p5 s1 s2 s3 B",
        "B s3 s2 s1 p5 p4 c1 C",
        "D d1 d2 s4 s3 B",
        "B s3 s4 d2 d1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("i3", "B", "i3 q3 q2 q1 e3 e2 e1 s4 s3 B"),
        Detour("s3", "A", "s3 s2 s1 p5 p4 pa p2 p1 o4 o3 o2 o1 i3 i2 i1 g1 A"),
    ),
)
