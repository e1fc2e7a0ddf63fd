"""Words that several findings share."""

from bothsides.model.https import Contact
from bothsides.parse.libcurl import Phases
from bothsides.plugin.finding import Reading
from tests.support.https import answered, judged


def test_a_slow_server_is_told_from_a_network_that_loses_packets() -> None:
    found = answered()
    hop = found.hops[0]._replace(phases=Phases(0.01, 0.02, None, 0.03, 2.0, 0.05))
    lossy = hop._replace(
        phases=Phases(0.01, 3.0, None, 0.03, 0.04, 0.05),
        contacts=(Contact("192.0.2.1", True, "", 3.0, 0.02, 2),),
    )
    words = [
        f.words
        for one in (hop, lossy)
        for f in judged(found._replace(hops=(one,)))
        if isinstance(f, Reading)
    ]
    assert "took 2.11 s (mostly the answer)" in words
    assert "took 3.13 s (mostly connecting; 2 packets sent again)" in words
