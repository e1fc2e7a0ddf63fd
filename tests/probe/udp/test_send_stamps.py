"""Stamps of sending, and the datagrams that they belong to."""

import socket
import struct
from collections.abc import Iterator

import pytest

from bothsides.probe.udp.send_stamps import SendStamps

SECOND = struct.pack("@6q", 1, 0, 0, 0, 0, 0)  # scm_timestamping: software, then hardware


@pytest.fixture
def stamps() -> Iterator[SendStamps]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield SendStamps(opened)


def test_a_stamp_goes_to_the_datagram_with_its_number(stamps: SendStamps) -> None:
    kept: list[int | None] = [None] * 3
    for place in (2, 0, 1):
        stamps.note(kept, place)
    stamps.fill(1, SECOND)
    stamps.fill(7, SECOND)
    assert kept == [1_000_000_000, None, None]
    assert len(stamps) == 2


def test_after_a_restart_numbers_begin_at_0_again(stamps: SendStamps) -> None:
    old: list[int | None] = [None]
    new: list[int | None] = [None]
    stamps.note(old, 0)
    assert stamps.restart()
    stamps.note(new, 0)
    stamps.fill(0, SECOND)
    assert (old, new) == ([None], [1_000_000_000])


def test_stamps_that_never_come_take_no_memory(stamps: SendStamps) -> None:
    kept: list[int | None] = [None] * 5000
    for place in range(5000):
        stamps.note(kept, place)
    assert len(stamps) == 4096
    stamps.fill(0, SECOND)
    stamps.fill(4999, SECOND)
    assert (kept[0], kept[4999]) == (None, 1_000_000_000)
