"""The document of this host, against a real reflector of ours."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.incident.document import from_text, proof_of, to_text
from bothsides.probe.evidence.here import Peer, evidence_here
from tests.support.process import HOUSE

PORT = 18862


@pytest.fixture(scope="module")
def reflector() -> Iterator[None]:
    """udp_reflector on this host, which answers everybody."""
    command = [sys.executable, str(HOUSE / "plugins/udp_reflector"), "--port", str(PORT)]
    command += ["--listen", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(1)
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.usefixtures("reflector")
def test_a_peer_is_measured_both_ways_and_the_document_is_sound() -> None:
    made = evidence_here("A", [Peer("B", "127.0.0.1", PORT)], Deadline(6), True, PORT)
    read = from_text(to_text(made))
    assert proof_of(read) == "sound"
    (peer,) = read.peers
    assert peer.now.udp is not None
    assert peer.now.udp.sent == 100
    assert peer.now.udp.lost < 100  # a busy machine may lose some
    assert (read.host, read.troubles) == ("A", ())


@pytest.mark.usefixtures("reflector")
def test_the_peer_that_loses_most_is_traced_first() -> None:
    peers = [Peer("fine", "127.0.0.1", PORT), Peer("silent", "127.0.0.2", PORT)]
    made = evidence_here("A", peers, Deadline(8), True, PORT)
    paths = {peer.peer: peer.now.path for peer in made.peers}
    assert paths["fine"] is not None
    assert paths["silent"] is not None
    assert paths["silent"].at < paths["fine"].at


@pytest.mark.usefixtures("reflector")
@pytest.mark.parametrize(("address", "loses"), [("127.0.0.1", False), ("127.0.0.2", True)])
def test_a_single_peer_is_traced_beside_udp_and_longer_where_udp_loses(
    address: str, loses: bool
) -> None:
    made = evidence_here("A", [Peer("B", address, PORT)], Deadline(7), True, PORT)
    (peer,) = made.peers
    assert peer.now.udp is not None
    assert peer.now.path is not None
    assert peer.now.path.at - peer.now.udp.at < 1  # UDP takes a second and a half
    assert (peer.now.path.echoes > 20) is loses


@pytest.mark.usefixtures("reflector")
def test_a_fault_of_udp_is_not_lost_beside_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise Unable("no packet can be sent")

    monkeypatch.setattr("bothsides.probe.evidence.here._udp", broken)
    with pytest.raises(Unable, match="no packet can be sent"):
        evidence_here("A", [Peer("B", "127.0.0.1", PORT)], Deadline(4), True, PORT)


def test_a_name_that_does_not_exist_is_one_trouble() -> None:
    made = evidence_here("A", [Peer("B", "no.such.invalid", PORT)], Deadline(4), True, PORT)
    assert [each.kind for each in made.troubles] == ["resolver"]


def test_without_measuring_nothing_is_sent() -> None:
    made = evidence_here("A", [Peer("B", "192.0.2.1")], Deadline(1), False)
    assert made.peers[0].now.udp is None
    assert made.peers[0].now.path is None


def test_an_address_that_was_given_is_in_the_document_and_a_name_is_not() -> None:
    peers = [Peer("B", "192.0.2.1"), Peer("C", "c.example")]
    made = evidence_here("A", peers, Deadline(1), False)
    assert {peer.peer: peer.address for peer in made.peers} == {"B": "192.0.2.1", "C": ""}
