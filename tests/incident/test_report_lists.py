"""What was ruled out, and what was not; third vantages; limits."""

from bothsides.incident.report_lists import ruled_out, thirds, to_time
from bothsides.model.evidence import OwnTrouble
from bothsides.model.report import Kept
from tests.support.reports import lossy, report


def changed(**fields: int) -> Kept:
    """The lossy case with other figures in the UDP measurement of A."""
    kept = lossy()
    first, *others = kept.run.documents
    peer = first.peers[0]
    assert peer.now.udp is not None
    now = peer.now._replace(udp=peer.now.udp._replace(**fields))  # type: ignore[arg-type]
    first = first._replace(peers=(peer._replace(now=now),))
    return kept._replace(run=kept.run._replace(documents=(first, *others)))


def said(kept: Kept) -> list[str]:
    return list(ruled_out(kept, report(kept).verdict))


def test_own_drops_are_ruled_out_only_where_there_are_none() -> None:
    assert "A sent all of 200 packets, and its sockets dropped none" in said(lossy())
    worse = said(changed(unsent=3, overflow=2, refused_there=1))
    assert "A sent all of 200 packets, and its sockets dropped none" not in worse
    assert [line for line in worse if line.startswith("NOT")] == [
        "NOT ruled out: A could not send 3 packets",
        "NOT ruled out: sockets of A dropped 2 datagrams",
        "NOT ruled out: the host opposite A dropped 1 packets",
    ]


def test_troubles_of_an_end_are_not_ruled_out() -> None:
    kept = lossy()
    first, *others = kept.run.documents
    first = first._replace(troubles=(OwnTrouble("late", "ticks came late"),), clock_error=0.001)
    lines = said(kept._replace(run=kept.run._replace(documents=(first, *others))))
    assert "NOT ruled out: A has trouble of its own: ticks came late" in lines
    assert "clock of A: UTC within 1 ms" in lines


def test_third_vantages_say_what_they_measured() -> None:
    assert list(thirds(lossy())) == [("C to B", "UDP: 0 of 200 packets lost; echo: 0 of 40 lost")]


def test_limits_name_what_is_hidden_and_what_is_missing() -> None:
    made = report(lossy()._replace(hidden=("us-1", "us-2")))
    assert "2 private addresses or names of hosts are hidden as us-1, us-2 ..." in made.limits
    assert made.limits[0].startswith("Probe packets were counted")


def test_impossible_times_are_words() -> None:
    assert to_time(float("inf")) == "at an unknown time"
