"""Routers that no trace shows: carriers with MPLS that keep the TTL of what they carry.

Both ways share the ISP, the way back takes another transit and an exchange; the third vantage
shares the transit's far side, and the hoster has parallel routers. The far end has one link, which
the fourth vantage shares.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

WORLD = World(
    name="hidden",
    owners=(
        Owner("Werkhof", "us", ("193.5.20.0/24",)),
        Owner("Alpwave", "isp", ("82.130.0.0/16",)),
        Owner("Bluemesh", "transit", ("80.231.0.0/16",)),
        Owner("Rheinline", "transit", ("213.248.0.0/16",)),
        Owner("BaselIX", "exchange", ("185.1.40.0/24",)),
        Owner("Quaynet", "hoster", ("88.198.0.0/16",)),
        Owner("Montanet", "isp", ("178.197.0.0/16",)),
        Owner("Seenet", "isp", ("84.72.0.0/16",)),
    ),
    exchanges=("BaselIX",),
    hidden=("m2", "p1", "p2"),
    nodes=(
        ("Werkhof", "A g0 g1"),
        ("Alpwave", "m1 m2 m3"),
        ("Bluemesh", "t1 p1 p2 t2"),
        ("Rheinline", "r1 r2"),
        ("Quaynet", "q1 q2 q3 q4 B"),
        ("Montanet", "c1 C"),
        ("Seenet", "d1 D"),
    ),
    links=(
        Link("A", "g0", "193.5.20.10", "193.5.20.1"),
        Link("g0", "g1", "193.5.20.129", "193.5.20.130"),
        Link("g1", "m1", "82.130.1.2", "82.130.1.1", "cable", 1.0),
        Link("m1", "m2", "82.130.2.1", "82.130.2.2"),
        Link("m2", "m3", "82.130.2.5", "82.130.2.6", "cable", 0.8),
        Link("m3", "t1", "80.231.1.2", "80.231.1.1"),
        Link("t1", "p1", "80.231.2.1", "80.231.2.2"),
        Link("p1", "p2", "80.231.2.5", "80.231.2.6", "cable", 7),
        Link("p2", "t2", "80.231.2.9", "80.231.2.10"),
        Link("t2", "q1", "80.231.9.1", "80.231.9.2", "cable", 0.4),
        Link("q1", "q2", "88.198.1.1", "88.198.1.2"),
        Link("q1", "q3", "88.198.1.5", "88.198.1.6"),
        Link("q2", "q4", "88.198.1.9", "88.198.1.10"),
        Link("q3", "q4", "88.198.1.13", "88.198.1.14", "cable", 0.3),
        Link("q4", "B", "88.198.7.1", "88.198.7.10"),
        Link("q3", "r2", "185.1.40.20", "185.1.40.30", "cable", 0.2),
        Link("r2", "r1", "213.248.3.2", "213.248.3.1", "cable", 5),
        Link("r1", "m3", "213.248.5.1", "213.248.5.2"),
        Link("t1", "r1", "80.231.5.1", "80.231.5.2"),
        Link("C", "c1", "178.197.4.10", "178.197.4.1"),
        Link("c1", "t2", "80.231.7.2", "80.231.7.1"),
        Link("D", "d1", "84.72.6.10", "84.72.6.1"),
        Link("d1", "q4", "88.198.9.2", "88.198.9.1"),
    ),
    ends=(
        End("A", "A", "193.5.20.10"),
        End("B", "B", "88.198.7.10"),
        End("C", "C", "178.197.4.10"),
        End("D", "D", "84.72.6.10"),
    ),
    ways=(
        "A g0 g1 m1 m2 m3 t1 p1 p2 t2 q1 q2|q3 q4 B",
        "B q4 q3 r2 r1 m3 m2 m1 g1 g0 A",
        "q2 q4 q3",
        "t2 p2 p1 t1 m3 m2 m1 g1 g0 A",
        "q1 t2 p2 p1 t1",
        "C c1 t2 q1 q2|q3 q4 B",
        "B q4 q2 q1 t2 c1 C",
        "q3 q1 t2 c1 C",
        "D d1 q4 B",
        "B q4 d1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("m3", "B", "m3 r1 r2 q3 q4 B"),
        Detour("q4", "A", "q4 q2 q1 t2 p2 p1 t1 m3 m2 m1 g1 g0 A"),
    ),
)
