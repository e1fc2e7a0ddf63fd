"""A world of odd numbers.

No exchange, borders numbered by either side, addresses that no map knows.

           m2a
A ga m1    m2b    m3 ------ k1 ------ k2 ------ gb B
           m2c
     m4 ---- t2 ---- t1 ------------- k3               the way back from B to A

Both ends are one company's, B in a hoster's racks. Inside Mondonet routers have private addresses,
which the owner map does not list. The hoster numbers its private peering with Mondonet and its link
to the transit, and our own office numbers the link to its provider.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

WORLD = World(
    name="peering",
    owners=(
        Owner("Nordwerk", "us", ("194.1.1.0/24", "194.1.2.0/24")),
        Owner("Mondonet", "isp", ("31.10.0.0/16",)),
        Owner("Telaris", "transit", ("213.5.0.0/16",)),
        Owner("Kolohaus", "hoster", ("5.9.0.0/16",)),
        Owner("Rinacom", "isp", ("37.1.0.0/16",)),
        Owner("Elanet", "isp", ("46.4.0.0/16",)),
    ),
    exchanges=(),
    nodes=(
        ("Nordwerk", "A ga gb B"),
        ("Mondonet", "m1 m2a m2b m2c m3 m4"),
        ("Telaris", "t1 t2"),
        ("Kolohaus", "k1 k2 k3 k9"),
        ("Rinacom", "r1 C"),
        ("Elanet", "e1 D"),
    ),
    links=(
        Link("A", "ga", "194.1.1.10", "194.1.1.1"),
        Link("ga", "m1", "194.1.1.253", "194.1.1.254", "cable", 0.8),
        Link("ga", "m4", "31.10.3.6", "31.10.3.5"),
        Link("m1", "m2a", "10.77.1.1", "10.77.1.2"),
        Link("m1", "m2b", "10.77.1.5", "10.77.1.6"),
        Link("m1", "m2c", "10.77.1.9", "10.77.1.10"),
        Link("m2a", "m3", "31.10.2.1", "31.10.2.2"),
        Link("m2b", "m3", "31.10.2.5", "31.10.2.6"),
        Link("m2c", "m3", "31.10.2.9", "31.10.2.10"),
        Link("m1", "m4", "10.77.9.1", "10.77.9.2"),
        Link("m3", "k1", "5.9.1.1", "5.9.1.2", "cable", 1.2),
        Link("k1", "k2", "5.9.2.1", "5.9.2.2"),
        Link("k1", "k3", "5.9.2.5", "5.9.2.6"),
        Link("k2", "gb", "5.9.7.1", "5.9.7.2"),
        Link("k3", "gb", "5.9.7.5", "5.9.7.6"),
        Link("gb", "B", "194.1.2.1", "194.1.2.10"),
        Link("t1", "k3", "5.9.8.1", "5.9.8.2"),
        Link("t1", "t2", "213.5.1.1", "213.5.1.2", "cable", 2.0),
        Link("t2", "m4", "213.5.7.1", "213.5.7.2"),
        Link("t2", "m3", "213.5.7.5", "213.5.7.6"),
        Link("C", "r1", "37.1.5.10", "37.1.5.1"),
        Link("r1", "k1", "5.9.6.1", "5.9.6.2"),
        Link("D", "e1", "46.4.5.10", "46.4.5.1"),
        Link("e1", "k9", "46.4.7.1", "46.4.7.2"),
        Link("k9", "B", "194.1.2.129", "194.1.2.130"),
    ),
    ends=(
        End("A", "A", "194.1.1.10"),
        End("B", "B", "194.1.2.10"),
        End("C", "C", "37.1.5.10"),
        End("D", "D", "46.4.5.10"),
    ),
    ways=(
        "A ga m1 m2a|m2b|m2c m3 k1 k2 gb B",
        "B gb k3 t1 t2 m4 ga A",
        "k2 k1 k3 t1",
        "m3 t2 m4 ga A",
        "C r1 k1 k2 gb B",
        "B gb k3 k1 r1 C",
        "k2 k1 r1 C",
        "D e1 k9 B",
        "B k9 e1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("m3", "B", "m3 t2 t1 k3 gb B"),
        Detour("gb", "A", "gb k2 k1 m3 m2a m1 ga A"),
    ),
)
