"""The path on a terminal while it is traced."""

import os

import pytest

from bothsides.model.path import ECHO, ProbeResult
from bothsides.plugin import live_path

RESULTS = [
    ProbeResult(0, 1, "expired", "10.0.0.1", 0.001),
    ProbeResult(1, 1, "expired", "10.0.0.1", 0.003),
    *(ProbeResult(flow, 3, "expired", f"10.0.3.{flow}", 0.01) for flow in range(5)),
    ProbeResult(ECHO, 0, "reply", "10.0.0.9", 0.02),
]


def test_a_line_for_each_hop_that_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def write(end: int, data: bytes) -> int:
        assert end == 2
        written.append(data)
        return len(data)

    monkeypatch.setattr(os, "write", write)
    screen = live_path.Screen()
    screen.clear()
    assert written == []
    screen.draw(RESULTS)
    lines = written[0].decode().removeprefix("\r\x1b[J").splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "1 2.0 ms 10.0.0.1",
        "2 *",
        "3 10.0 ms 10.0.3.0 10.0.3.1 10.0.3.2 ...",
    ]
    screen.clear()
    assert written[1] == b"\x1b[3A\r\x1b[J"
    screen.clear()
    assert len(written) == 2
