"""What a reflector leaves to its successor."""

import json
import os
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.parse import Unreadable, stamp, stamp_tlv
from bothsides.reflector import state
from bothsides.reflector.session import Reflector, Rules

NOW = 1_700_000_000_000_000_000
ASKED = stamp_tlv.Account(stamp_tlv.REQUEST, ssid=99, port=0, first=0, octets=2)


def request(sequence: int, tlv: bytes = b"") -> bytes:
    return stamp.to_request(stamp.Request(sequence, NOW, 0x2001, 99)) + tlv


def replied(reflector: Reflector, data: bytes, now: float) -> bytes:
    draft = reflector.reply(data, "10.0.0.9", 40000, 63, NOW, now)
    assert draft is not None
    return bytes(draft.leaving(NOW))


def account(reflector: Reflector, now: float) -> stamp_tlv.Account:
    reply = replied(reflector, request(1 << 20, stamp_tlv.to_account(ASKED)), now)
    found = stamp_tlv.find(reply[stamp.PLAIN :])
    assert found is not None
    assert isinstance(found[1], stamp_tlv.Account)
    return found[1]


def used() -> Reflector:
    """A reflector that has received packets 0, 2 and 4 of a flow and dropped 5 datagrams."""
    reflector = Reflector(Rules())
    for sequence in (0, 2, 4):
        replied(reflector, request(sequence), 100.0 + sequence)
    reflector.count("overflow", 5)
    return reflector


def test_the_successor_goes_on_with_numbers_and_accounts(tmp_path: Path) -> None:
    path, first, second = str(tmp_path / "state"), used(), Reflector(Rules())
    state.write(path, first)
    assert state.take(path, second)
    assert stamp.from_reply(replied(second, request(5), 106.0)).number == 3
    second.count("overflow", 2)
    before, after = account(first, 107.0), account(second, 107.0)
    assert list(stamp_tlv.sequences(after.arrived_bits, 0)) == [0, 2, 4, 5]
    assert (after.boot, after.uptime, after.age) == (before.boot, before.uptime, before.age)
    assert (after.overflow, after.ports) == (before.overflow + 2, 1)


def test_the_packets_of_a_flow_are_written_as_they_always_were(tmp_path: Path) -> None:
    """A number whose lowest bit is the first packet: an older or newer release may take it."""
    path, first, second = tmp_path / "state", used(), Reflector(Rules())
    state.write(str(path), first)
    assert '"15", "0"' in path.read_text()
    assert state.take(str(path), second)
    (before,), (after,) = (each.telemetry.accounts.flows.values() for each in (first, second))
    assert after.arrived == before.arrived.rstrip(b"\0")


def test_a_state_is_taken_only_once(tmp_path: Path) -> None:
    path = tmp_path / "state"
    state.write(str(path), used())
    assert path.stat().st_mode & 0o777 == 0o600
    assert state.take(str(path), Reflector(Rules()))
    assert not path.exists()
    assert not state.take(str(path), Reflector(Rules()))


def test_a_state_of_another_start_of_the_kernel_is_not_used(tmp_path: Path) -> None:
    path, reflector = tmp_path / "state", Reflector(Rules())
    state.write(str(path), used())
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kernel": "another"}))
    assert not state.take(str(path), reflector)
    assert (len(reflector.telemetry.accounts), reflector.sessions) == (0, {})


@pytest.mark.parametrize("text", ["root:x:0:0:root:/root:/bin/sh\n", "[1]", "{}"])
def test_a_file_that_no_reflector_wrote_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "passwd"
    path.write_text(text)
    with pytest.raises(Unable, match="is no state of udp_reflector"):
        state.take(str(path), Reflector(Rules()))
    assert path.read_text() == text


def test_a_state_is_a_file_and_neither_a_directory_nor_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(Unable, match="is no state"):
            state.take(str(path), Reflector(Rules()))
        assert path.exists()


def test_an_empty_state_is_what_is_left_of_one(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(Unreadable, match="is broken"):
        state.take(str(tmp_path / "state"), Reflector(Rules()))
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("change", [{"flows": [[1]]}, {"boot": None}, {"sessions": 3}])
def test_a_broken_state_changes_nothing(tmp_path: Path, change: dict[str, object]) -> None:
    path, reflector = tmp_path / "state", Reflector(Rules())
    state.write(str(path), used())
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(Unreadable, match="is broken"):
        state.take(str(path), reflector)
    assert (len(reflector.telemetry.accounts), reflector.sessions) == (0, {})
