"""A world of IPv6 alone: ECMP in the provider and in the hoster, a transit for the way back.

A gw r1 r2a|r2b r3 ==PeerIX== v1 v2a|v2b v3 B        there
B v3 v4 w1 w2 r4 gw A                                 back, by Widenet

C enters the hoster by Widenet, D shares no link with A.
"""

from tests.support.side.table import Detour, End, Link, Owner, World

WORLD = World(
    name="ipv6",
    owners=(
        Owner("Lindenhof", "us", ("2a02:aa16:10::/48",)),
        Owner("Flussnet", "isp", ("2a00:f10::/32",)),
        Owner("PeerIX", "exchange", ("2001:7f8:99::/64",)),
        Owner("Widenet", "transit", ("2001:450::/32",)),
        Owner("Voltahost", "hoster", ("2a01:4f8::/32",)),
        Owner("Seetel", "isp", ("2a06:5e00::/32",)),
        Owner("Heidenet", "isp", ("2a09:c00::/32",)),
        Owner("Eastroute", "transit", ("2001:920::/32",)),
    ),
    exchanges=("PeerIX",),
    nodes=(
        ("Lindenhof", "A gw"),
        ("Flussnet", "r1 r2a r2b r3 r4"),
        ("Widenet", "w1 w2"),
        ("Voltahost", "v1 v2a v2b v3 v4 v9 B"),
        ("Seetel", "c1 C"),
        ("Heidenet", "d1 D"),
        ("Eastroute", "o1"),
    ),
    links=(
        Link("A", "gw", "2a02:aa16:10::a", "2a02:aa16:10::1"),
        Link("gw", "r1", "2a00:f10:3::2", "2a00:f10:3::1", "cable", 0.5),
        Link("gw", "r4", "2a00:f10:3::6", "2a00:f10:3::5"),
        Link("r1", "r2a", "2a00:f10:10::1", "2a00:f10:10::2"),
        Link("r1", "r2b", "2a00:f10:11::1", "2a00:f10:11::2"),
        Link("r2a", "r3", "2a00:f10:12::1", "2a00:f10:12::2"),
        Link("r2b", "r3", "2a00:f10:13::1", "2a00:f10:13::2"),
        Link("r1", "r4", "2a00:f10:14::1", "2a00:f10:14::2"),
        Link("r3", "v1", "2001:7f8:99::10", "2001:7f8:99::30", "cable", 0.7),
        Link("v1", "v2a", "2a01:4f8:1::1", "2a01:4f8:1::2"),
        Link("v1", "v2b", "2a01:4f8:2::1", "2a01:4f8:2::2"),
        Link("v2a", "v3", "2a01:4f8:3::1", "2a01:4f8:3::2"),
        Link("v2b", "v3", "2a01:4f8:4::1", "2a01:4f8:4::2"),
        Link("v1", "v4", "2a01:4f8:5::1", "2a01:4f8:5::2"),
        Link("v3", "v4", "2a01:4f8:6::1", "2a01:4f8:6::2", "cable", 0.3),
        Link("v3", "B", "2a01:4f8:9::1", "2a01:4f8:9::b"),
        Link("w1", "v4", "2001:450:9::1", "2001:450:9::2"),
        Link("w1", "w2", "2001:450:1::1", "2001:450:1::2", "cable", 1.2),
        Link("w2", "r4", "2001:450:7::1", "2001:450:7::2"),
        Link("w2", "r3", "2001:450:8::1", "2001:450:8::2"),
        Link("C", "c1", "2a06:5e00:5::c", "2a06:5e00:5::1"),
        Link("w2", "c1", "2001:450:a::1", "2001:450:a::2"),
        Link("D", "d1", "2a09:c00:5::d", "2a09:c00:5::1"),
        Link("o1", "d1", "2001:920:7::1", "2001:920:7::2"),
        Link("o1", "v9", "2001:920:9::1", "2001:920:9::2"),
        Link("v9", "B", "2a01:4f8:8::1", "2a01:4f8:8::b"),
    ),
    ends=(
        End("A", "A", "2a02:aa16:10::a"),
        End("B", "B", "2a01:4f8:9::b"),
        End("C", "C", "2a06:5e00:5::c"),
        End("D", "D", "2a09:c00:5::d"),
    ),
    ways=(
        "A gw r1 r2a|r2b r3 v1 v2a|v2b v3 B",
        "B v3 v4 w1 w2 r4 gw A",
        "v1 v4 w1",
        "r3 w2 r4 gw A",
        "C c1 w2 w1 v4 v3 B",
        "B v3 v4 w1 w2 c1 C",
        "D d1 o1 v9 B",
        "B v9 o1 d1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("r3", "B", "r3 w2 w1 v4 v3 B"),
        Detour("v3", "A", "v3 v2a v1 r3 r2a r1 gw A"),
        Detour("r1", "B", "r1 r4 w2 w1 v4 v3 B"),
    ),
)
