"""mtr's raw format."""

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.mtr.detect import from_mtr
from bothsides.parse.mtr.model import (
    Probe,
)
from bothsides.parse.mtr.raw import from_raw
from tests.support.process import HOUSE

DATA = HOUSE / "tests/data/mtr"
STABLE = sorted((DATA / "stable-ecmp").rglob("*.raw"))


def test_the_runs_over_a_stable_network_reach_the_same_target() -> None:
    assert len(STABLE) >= 100
    for path in STABLE:
        trace = from_mtr(path.read_bytes())[0]
        assert [host.address for host in trace.hops[-1].hosts] == ["198.51.100.10"], path


def test_each_probe_has_its_router_and_its_time() -> None:
    (trace,) = from_raw("x 0 1\nh 0 10.0.0.1\np 0 1500 1\nx 1 2\nx 1 3\nh 1 10.0.0.9\np 1 2500 3\n")
    assert trace.probes == (
        Probe(1, 1, "10.0.0.1", 0.0015),
        Probe(2, 2, None, None),
        Probe(2, 3, "10.0.0.9", 0.0025),
    )
    assert (trace.hops[1].sent, trace.hops[1].received, trace.hops[1].loss) == (2, 1, 0.5)


def test_the_line_that_is_no_event_is_named() -> None:
    with pytest.raises(Unreadable, match="line 2: not an event"):
        from_raw("x 0 1\nq 0 1\n")
    with pytest.raises(Unreadable, match="no event"):
        from_raw("\n")
