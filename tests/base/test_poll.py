"""Waiting for descriptors."""

import os
import resource
import socket
import time

import pytest

from bothsides.base.poll import ready


def test_the_descriptors_that_can_be_used_are_named() -> None:
    first, second = socket.socketpair()
    with first, second:
        assert ready([first, second], 0) == set()
        first.send(b"x")
        assert ready([first, second], 1) == {second.fileno()}
        assert ready([first], 0, writing=[first, second]) == {first.fileno(), second.fileno()}


def test_a_far_end_that_has_gone_ends_the_wait() -> None:
    first, second = socket.socketpair()
    with first:
        second.close()
        assert ready([first], 5) == {first.fileno()}


def test_nothing_that_comes_is_an_empty_set_after_the_wait() -> None:
    first, second = socket.socketpair()
    with first, second:
        began = time.monotonic()
        assert ready([first], 0.05) == set()
        assert time.monotonic() - began >= 0.05


def test_a_descriptor_above_1023_is_understood() -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most <= 1030:
        pytest.skip("ulimit -n allows no descriptor above 1023")
    reader, writer = os.pipe()
    os.dup2(reader, 1030)
    os.write(writer, b"x")
    assert ready([1030], 1) == {1030}
    for descriptor in (reader, writer, 1030):
        os.close(descriptor)
