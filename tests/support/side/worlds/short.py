"""A short world: our server room, a provider, an exchange, the cloud; another way back.

        i2a          SwissIX        n2a
A gw i1     i3 -------------- n1        n3 B
        i2b                         n2b
     i4 ---- t2 ---- t1 ----------- n4         the way back from B to A

C enters the cloud by the same exchange and leaves it the same way; D shares no link with A.
The provider numbers its customer's router (62.2.3.2 is gw, in TalNet's prefix).
"""

from tests.support.side.table import Detour, End, Link, Owner, World

WORLD = World(
    name="short",
    owners=(
        Owner("Alpenhaus", "us", ("193.8.40.0/24",)),
        Owner("TalNet", "isp", ("62.2.0.0/16",)),
        Owner("SwissIX", "exchange", ("80.249.208.0/24",)),
        Owner("Rhonelink", "transit", ("4.68.0.0/16",)),
        Owner("Nimbus", "cloud", ("52.93.0.0/16",)),
        Owner("Bergnet", "isp", ("81.62.0.0/16",)),
        Owner("Juranet", "isp", ("85.4.0.0/16",)),
        Owner("Lumora", "transit", ("8.243.0.0/16",)),
    ),
    exchanges=("SwissIX",),
    nodes=(
        ("Alpenhaus", "A gw"),
        ("TalNet", "i1 i2a i2b i3 i4"),
        ("Rhonelink", "t1 t2"),
        ("Nimbus", "n1 n2a n2b n3 n4 n9 B"),
        ("Bergnet", "b1 C"),
        ("Juranet", "j1 D"),
        ("Lumora", "m1"),
    ),
    links=(
        Link("A", "gw", "193.8.40.10", "193.8.40.1"),
        Link("gw", "i1", "62.2.3.2", "62.2.3.1", "cable", 0.4),
        Link("gw", "i4", "62.2.3.6", "62.2.3.5"),
        Link("i1", "i2a", "62.2.10.1", "62.2.10.2"),
        Link("i1", "i2b", "62.2.10.5", "62.2.10.6"),
        Link("i2a", "i3", "62.2.11.1", "62.2.11.2"),
        Link("i2b", "i3", "62.2.11.5", "62.2.11.6"),
        Link("i1", "i4", "62.2.12.1", "62.2.12.2"),
        Link("i3", "n1", "80.249.208.10", "80.249.208.30", "cable", 0.6),
        Link("n1", "n2a", "52.93.1.1", "52.93.1.2"),
        Link("n1", "n2b", "52.93.1.5", "52.93.1.6"),
        Link("n2a", "n3", "52.93.2.1", "52.93.2.2"),
        Link("n2b", "n3", "52.93.2.5", "52.93.2.6"),
        Link("n1", "n4", "52.93.3.5", "52.93.3.6"),
        Link("n3", "B", "52.93.9.1", "52.93.9.10"),
        Link("n3", "n4", "52.93.3.1", "52.93.3.2", "cable", 0.3),
        Link("t1", "n4", "4.68.9.1", "4.68.9.2"),
        Link("t1", "t2", "4.68.1.1", "4.68.1.2", "cable", 0.8),
        Link("t2", "i4", "4.68.7.1", "4.68.7.2"),
        Link("t2", "i3", "4.68.7.5", "4.68.7.6"),
        Link("C", "b1", "81.62.5.10", "81.62.5.1"),
        Link("b1", "n1", "80.249.208.21", "80.249.208.30"),
        Link("D", "j1", "85.4.5.10", "85.4.5.1"),
        Link("m1", "j1", "8.243.7.1", "8.243.7.2"),
        Link("m1", "n9", "8.243.9.1", "8.243.9.2"),
        Link("n9", "B", "52.93.8.1", "52.93.8.10"),
    ),
    ends=(
        End("A", "A", "193.8.40.10"),
        End("B", "B", "52.93.9.10"),
        End("C", "C", "81.62.5.10"),
        End("D", "D", "85.4.5.10"),
    ),
    ways=(
        "A gw i1 i2a|i2b i3 n1 n2a|n2b n3 B",
        "B n3 n4 t1 t2 i4 gw A",
        "n1 n4 t1",
        "i3 t2 i4 gw A",
        "C b1 n1 n2a|n2b n3 B",
        "B n3 n2a|n2b n1 b1 C",
        "D j1 m1 n9 B",
        "B n9 m1 j1 D",
    ),
    views=(("A", "B"), ("B", "A"), ("C", "B"), ("D", "B")),
    detours=(
        Detour("i3", "B", "i3 t2 t1 n4 n3 B"),
        Detour("n3", "A", "n3 n2a n1 i3 i2a i1 gw A"),
        Detour("i1", "B", "i1 i4 t2 t1 n4 n3 B"),
    ),
)
