"""A long-haul world with real delays and two exchanges; 11 to 14 hops, 45 ms round trip and more.

A g1 p1 p2 ==DE-CIX== x1 x2a|x2b x3 ==Equinix== h1 h2 h3 B       there, by Oceanlink
B h3 h4 y1 y2 y3 p4 p1 g1 A                                       back, by Polarwave

C shares Oceanlink with the way there and has its own way back; D shares no link with A.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

WORLD = World(
    name="long_haul",
    owners=(
        Owner("Werkstatt", "us", ("194.50.16.0/22",)),
        Owner("Mainkom", "isp", ("87.128.0.0/16",)),
        Owner("DE-CIX", "exchange", ("80.81.192.0/22",)),
        Owner("Oceanlink", "transit", ("154.54.0.0/16",)),
        Owner("Polarwave", "transit", ("62.115.0.0/16",)),
        Owner("Equinix-IX", "exchange", ("206.126.236.0/22",)),
        Owner("Harborhost", "hoster", ("104.200.0.0/16",)),
        Owner("Elbtel", "isp", ("91.4.0.0/16",)),
        Owner("Baytel", "isp", ("73.15.0.0/16",)),
        Owner("Sunline", "transit", ("129.250.0.0/16",)),
    ),
    exchanges=("DE-CIX", "Equinix-IX"),
    nodes=(
        ("Werkstatt", "A g1"),
        ("Mainkom", "p1 p2 p4"),
        ("Oceanlink", "x1 x2a x2b x3"),
        ("Polarwave", "y1 y2 y3"),
        ("Harborhost", "h1 h2 h3 h4 h9 B"),
        ("Elbtel", "e1 C"),
        ("Baytel", "k1 D"),
        ("Sunline", "s1"),
    ),
    links=(
        Link("A", "g1", "194.50.16.20", "194.50.16.1"),
        Link("g1", "p1", "87.128.4.2", "87.128.4.1", "cable", 1.5),
        Link("p1", "p2", "87.128.10.1", "87.128.10.2"),
        Link("p1", "p4", "87.128.10.5", "87.128.10.6"),
        Link("p2", "p4", "87.128.10.9", "87.128.10.10"),
        Link("p2", "x1", "80.81.192.12", "80.81.192.40", "cable", 0.5),
        Link("x1", "x2a", "154.54.1.1", "154.54.1.2"),
        Link("x1", "x2b", "154.54.1.5", "154.54.1.6"),
        Link("x2a", "x3", "154.54.2.1", "154.54.2.2", "cable", 18),
        Link("x2b", "x3", "154.54.2.5", "154.54.2.6", "cable", 18),
        Link("x3", "h1", "206.126.236.9", "206.126.236.60", "cable", 0.4),
        Link("h1", "h2", "104.200.1.1", "104.200.1.2"),
        Link("h2", "h3", "104.200.1.5", "104.200.1.6", "cable", 1),
        Link("h3", "B", "104.200.9.1", "104.200.9.30"),
        Link("h3", "h4", "104.200.1.9", "104.200.1.10"),
        Link("h2", "h4", "104.200.1.13", "104.200.1.14"),
        Link("y1", "h4", "62.115.20.1", "62.115.20.2"),
        Link("y1", "y2", "62.115.1.1", "62.115.1.2", "cable", 21),
        Link("y2", "y3", "62.115.1.5", "62.115.1.6"),
        Link("y3", "p4", "62.115.30.1", "62.115.30.2", "cable", 0.8),
        Link("y3", "p2", "62.115.30.5", "62.115.30.6"),
        Link("C", "e1", "91.4.8.10", "91.4.8.1"),
        Link("e1", "x1", "80.81.192.77", "80.81.192.40"),
        Link("y3", "e1", "62.115.31.1", "62.115.31.2"),
        Link("D", "k1", "73.15.8.10", "73.15.8.1"),
        Link("s1", "k1", "129.250.4.1", "129.250.4.2", "cable", 2),
        Link("s1", "h9", "129.250.5.1", "129.250.5.2"),
        Link("h9", "B", "104.200.8.1", "104.200.8.30"),
    ),
    ends=(
        End("A", "A", "194.50.16.20"),
        End("B", "B", "104.200.9.30"),
        End("C", "C", "91.4.8.10"),
        End("D", "D", "73.15.8.10"),
    ),
    ways=(
        "A g1 p1 p2 x1 x2a|x2b x3 h1 h2 h3 B",
        "B h3 h4 y1 y2 y3 p4 p1 g1 A",
        "h2 h4 y1",
        "h1 h2",
        "x3 x2a|x2b x1 p2 p1 g1 A",
        "C e1 x1 x2a|x2b x3 h1 h2 h3 B",
        "B h3 h2 h1 x3 x2a|x2b x1 e1 C",
        "D k1 s1 h9 B",
        "B h9 s1 k1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("p2", "B", "p2 y3 y2 y1 h4 h3 B"),
        Detour("h3", "A", "h3 h2 h1 x3 x2b x1 p2 p1 g1 A"),
        Detour("p1", "B", "p1 p4 y3 y2 y1 h4 h3 B"),
    ),
)
