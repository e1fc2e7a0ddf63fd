"""A tunnel over an underlay: the checks go through a VXLAN that other networks carry.

A ga ~~~~~~~~~~~~~~~~~~~~~ gb B         the tunnel; its addresses are 10.200.0.0/16
  ga q1 q2a|q2b q3 z1 z2 f1 gb          its carriers there: Regionet, Transalp, Fernhost
  gb f1 f2 z3 z4 q4 q1 ga               and back

The gateways measure the underlay as U (at A) and V (at B). C has a tunnel of its own to gb and
shares Fernhost; D reaches B by another link of B.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

WORLD = World(
    name="tunnel",
    owners=(
        Owner("Stammhaus", "us", ("10.10.0.0/16", "10.20.0.0/16", "10.30.0.0/16", "10.40.0.0/16")),
        Owner("our tunnel", "tunnel", ("10.200.0.0/16",)),
        Owner("Regionet", "isp", ("82.130.0.0/16",)),
        Owner("AlpIX", "exchange", ("91.206.52.0/23",)),
        Owner("Transalp", "transit", ("5.56.0.0/16",)),
        Owner("Fernhost", "hoster", ("136.243.0.0/16",)),
        Owner("Talwerk", "isp", ("77.20.0.0/16",)),
    ),
    exchanges=("AlpIX",),
    nodes=(
        ("Stammhaus", "A ga gb B gc C gd D"),
        ("Regionet", "q1 q2a q2b q3 q4"),
        ("Transalp", "z1 z2 z3 z4"),
        ("Fernhost", "f1 f2"),
        ("Talwerk", "l1"),
    ),
    links=(
        Link("A", "ga", "10.10.0.10", "10.10.0.1"),
        Link("ga", "gb", "10.200.0.1", "10.200.0.2", "vxlan"),
        Link("ga", "q1", "82.130.3.2", "82.130.3.1", "cable", 0.5),
        Link("q1", "q2a", "82.130.10.1", "82.130.10.2"),
        Link("q1", "q2b", "82.130.10.5", "82.130.10.6"),
        Link("q2a", "q3", "82.130.11.1", "82.130.11.2"),
        Link("q2b", "q3", "82.130.11.5", "82.130.11.6"),
        Link("q1", "q4", "82.130.12.1", "82.130.12.2"),
        Link("q3", "z1", "91.206.52.10", "91.206.52.30", "cable", 0.4),
        Link("z1", "z2", "5.56.1.1", "5.56.1.2", "cable", 3),
        Link("z2", "f1", "5.56.9.1", "5.56.9.2"),
        Link("z2", "z3", "5.56.1.9", "5.56.1.10"),
        Link("f1", "gb", "136.243.5.1", "136.243.5.2"),
        Link("f1", "f2", "136.243.1.1", "136.243.1.2"),
        Link("z3", "f2", "5.56.9.5", "5.56.9.6"),
        Link("z3", "z4", "5.56.1.5", "5.56.1.6", "cable", 3),
        Link("z4", "q4", "5.56.8.1", "5.56.8.2"),
        Link("z4", "q3", "5.56.8.5", "5.56.8.6"),
        Link("gb", "B", "10.20.0.1", "10.20.0.10"),
        Link("C", "gc", "10.30.0.10", "10.30.0.1"),
        Link("gc", "gb", "10.200.1.1", "10.200.1.2", "vxlan"),
        Link("l1", "gc", "77.20.5.1", "77.20.5.2"),
        Link("l1", "f1", "136.243.6.2", "136.243.6.1"),
        Link("D", "gd", "10.40.0.10", "10.40.0.1"),
        Link("gd", "B", "10.20.1.1", "10.20.1.10"),
    ),
    ends=(
        End("A", "A", "10.10.0.10"),
        End("B", "B", "10.20.0.10"),
        End("C", "C", "10.30.0.10"),
        End("D", "D", "10.40.0.10"),
        End("U", "ga", "82.130.3.2"),
        End("V", "gb", "136.243.5.2"),
        End("W", "gc", "77.20.5.2"),
    ),
    ways=(
        "A ga gb B",
        "B gb ga A",
        "ga q1 q2a|q2b q3 z1 z2 f1 gb",
        "gb f1 f2 z3 z4 q4 q1 ga",
        "z2 z3 z4",
        "q3 q2a q1 ga",
        "C gc gb B",
        "B gb gc C",
        "gc l1 f1 gb",
        "gb f1 l1 gc",
        "D gd B",
        "B gd D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B"), ("U", "V"), ("V", "U")),
    detours=(
        Detour("q3", "V", "q3 z4 z3 f2 f1 gb"),
        Detour("f1", "U", "f1 z2 z1 q3 q2a q1 ga"),
        Detour("q1", "V", "q1 q4 z4 z3 f2 f1 gb"),
    ),
)
