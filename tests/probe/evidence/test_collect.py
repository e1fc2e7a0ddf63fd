"""Traces for a provider: the real mtr to loopback, and what keeps it from tracing."""

import os

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.model.whose_fault import NEEDED
from bothsides.probe.evidence import collect
from tests.support import need


def test_both_protocols_are_traced_at_once_with_what_the_time_allows() -> None:
    need.program("mtr", "mtr-tiny")
    seconds = 8.5 if os.geteuid() == 0 else 12.5
    (traces,) = collect.long_traces(["127.0.0.1"], "hetzner", Deadline(seconds)).values()
    assert [(each.protocol, each.port) for each in traces] == [("icmp", 0), ("tcp", 443)]
    for each in traces:
        (hop,) = each.hops
        assert (hop.ttl, hop.hosts, hop.sent, hop.lost) == (1, ("127.0.0.1",), each.packets, 0)
        assert 5 <= each.packets < NEEDED["hetzner"]
        assert hop.best is not None
        assert hop.worst is not None
        assert hop.best <= hop.worst
        assert each.command.startswith("mtr -n -j -c ")


def test_a_provider_gets_all_its_packets_within_five_minutes() -> None:
    for provider in ("plain", "hetzner", "aws"):
        assert collect.seconds(provider) < 290


def test_what_keeps_it_from_tracing_is_said_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    need.program("mtr", "mtr-tiny")
    with pytest.raises(Unable, match=r"no time for a trace of 5 packets; give -t \d+s"):
        collect.long_traces(["127.0.0.1"], "aws", Deadline(2))
    with pytest.raises(Unable, match=r"b\.example is no address: give --to NAME=ADDRESS"):
        collect.long_traces(["b.example"], "aws", Deadline(20))
    monkeypatch.setattr(collect, "find", lambda name: "")
    with pytest.raises(Unable, match="mtr is not installed here: apt-get install mtr-tiny"):
        collect.long_traces(["127.0.0.1"], "aws", Deadline(20))
    monkeypatch.setattr(collect, "find", lambda name: "/bin/false")
    with pytest.raises(
        Unable, match=r"/bin/false could not trace 127\.0\.0\.1: it printed nothing"
    ):
        collect.long_traces(["127.0.0.1"], "aws", Deadline(20))
