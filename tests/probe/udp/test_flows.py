"""The sockets of all flows."""

import socket
from typing import Any

import pytest

from bothsides.base.errors import Unable
from bothsides.model.udp import Plan
from bothsides.probe.udp import flows
from bothsides.probe.udp.flows import Flows
from bothsides.probe.udp.socket import FlowSocket

PLAN = Plan(("far",), 862, flows=4)


def test_each_family_has_a_socket_for_every_flow() -> None:
    opened = Flows((4, 6), PLAN)
    try:
        sockets = {opened.socket(family, flow) for family in (4, 6) for flow in range(4)}
        assert len(sockets) == 8
        assert {each.family for each in sockets} == {4, 6}
        assert opened.overflow == 0
    finally:
        opened.close()


def test_datagrams_are_collected_with_their_socket_and_flow() -> None:
    opened = Flows((4,), PLAN)
    try:
        assert list(opened.collect(0.0)) == []
        port = opened.socket(4, 2).socket.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hello", ("127.0.0.1", port))
        ((ready, flow, datagrams),) = opened.collect(1.0)
        assert (ready, flow) == (opened.socket(4, 2), 2)
        assert [datagram.data for datagram in datagrams] == [b"hello"]
    finally:
        opened.close()


def test_all_are_closed_when_one_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[FlowSocket] = []

    class Limited(FlowSocket):
        count = 0

        def __init__(self, *arguments: Any, **named: Any) -> None:
            if Limited.count == 3:
                raise OSError(24, "Too many open files")
            Limited.count += 1
            super().__init__(*arguments, **named)

        def close(self) -> None:
            closed.append(self)
            super().close()

    monkeypatch.setattr(flows, "FlowSocket", Limited)
    with pytest.raises(Unable, match="cannot open a UDP socket: Too many open files"):
        Flows((4,), PLAN)
    assert len(closed) == 3
