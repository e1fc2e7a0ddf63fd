"""Our mehsh against packets and lines recorded from running mehsh nodes, octet by octet.

The record has two nodes among themselves, and a node that meets udp_reflector and udp_mesh. In that
meeting the node asked 880 times and was asked 881 times in 22 s, and neither side lost a packet but
the one that was still under way.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from bothsides.mesh.mehsh_lines import Line, lines
from bothsides.mesh.peer import Far, Peer
from bothsides.mesh.wire import other
from bothsides.model.mesh import Slice
from bothsides.parse import mehsh
from tests.real.test_mehsh_defects import BOTH, answering, replies
from tests.support.mesh_far import exchange, far_end, peer_of, sent
from tests.support.process import HOUSE

RECORDED = HOUSE / "tests/data/mehsh"
LINE = re.compile(
    r"\S+ \S+ server: (?P<host>\S+) -> (?P<name>\S+), ip: (?P<ip>\S+), req: (?P<sent>\d+),"
    r" resp: (?P<heard>\d+), max_lat: Some\((?P<high>\d+)\), min_lat: Some\((?P<low>\d+)\)"
)


class Recorded(NamedTuple):
    """One datagram on the wire."""

    sender: str  # node and twin are mehsh, ours is not
    receiver: str
    flow: tuple[str, str]  # the asking and the answering socket
    octets: bytes


def recorded() -> list[Recorded]:
    rows = []
    for text in (RECORDED / "packets.txt").read_text().splitlines():
        if text and not text.startswith("#"):
            source, target, octets = text.split()
            asks = target.endswith(":4232")
            flow = (source, target) if asks else (target, source)
            names = source.partition(":")[0], target.partition(":")[0]
            rows.append(Recorded(*names, flow, bytes.fromhex(octets)))
    return rows


def requests(sender: str) -> list[Recorded]:
    return [
        each
        for each in recorded()
        if each.sender == sender and each.octets[-2:] == mehsh.REQUEST.to_bytes(2)
    ]


def answer_to(request: Recorded) -> bytes:
    """What was sent back, by whomever."""
    number = request.octets[8:16]
    (found,) = (
        each.octets
        for each in recorded()
        if each.flow == request.flow
        and each.sender == request.receiver
        and each.octets[8:16] == number
    )
    return found


def test_a_node_s_packets_are_read_and_written_again_octet_by_octet() -> None:
    packets = [each.octets for each in recorded() if each.sender != "ours"]
    assert len(packets) >= 50
    assert [mehsh.to_packet(mehsh.from_packet(octets)) for octets in packets] == packets


@BOTH
def test_ours_answers_a_node_s_requests_with_the_octets_of_a_node(
    kind: str, tmp_path: Path
) -> None:
    asked = [each for each in requests("node") if each.receiver == "twin"]
    with answering(kind, tmp_path) as (port, _):
        ours = replies(port, *(each.octets for each in asked))
    assert len(asked) >= 5
    assert ours == [answer_to(each) for each in asked]


def test_a_node_has_answered_our_requests_and_its_replies_are_ours() -> None:
    """What the node returned to udp_mesh is taken in by the code that takes in replies."""
    asked = requests("ours")
    assert len(asked) >= 8
    for each in asked:
        run, mark = (int.from_bytes(each.octets[place : place + 2]) for place in (8, 10))
        number = int.from_bytes(each.octets[12:16])
        peer = Peer(Far("node", "10.68.2.1", 4232, "mehsh", 40.0, 1.0, ""), mark, 5.0, 0.0)
        found = other(memoryview(answer_to(each)), peer.source, run, {mark: peer})
        assert found is not None
        assert (found.peer, found.sequence) == (peer, number)
        assert other(memoryview(each.octets), peer.source, run, {mark: peer}) is None


def test_our_request_differs_from_a_node_s_in_the_number_alone() -> None:
    of_a_node = requests("node")[0].octets
    with far_end() as far, exchange() as made:
        sent(made, peer_of(far, made, "mehsh"), 1)
        ((ours, _),) = far.take(1)
    assert (ours[:8], ours[16:], len(ours)) == (of_a_node[:8], of_a_node[16:], len(of_a_node))


@pytest.mark.parametrize(
    "text",
    [each for each in (RECORDED / "lines.txt").read_text().splitlines() if " server: " in each],
)
def test_our_line_of_the_same_figures_is_the_node_s(text: str) -> None:
    read = LINE.match(text)
    assert read is not None
    sent_, heard = int(read["sent"]), int(read["heard"])
    low, high = int(read["low"]), int(read["high"])
    row = Slice(0, sent_, sent_ - heard, 0, 0, 0, 0, 0, 0, 0, low, low, high)
    found = Line(read["name"], read["ip"], "eu.x", False, row)
    ours = [each[20:] for each in lines(read["host"], "eu.x", [found], 0.0)]
    assert ours[0] == text[20:]
    heads = [each[20:].partition(", req")[0] for each in _lines(" datacenter: ")]
    assert {each.partition(", req")[0] for each in ours[1:]} == set(heads)


def _lines(words: str) -> list[str]:
    return [each for each in (RECORDED / "lines.txt").read_text().splitlines() if words in each]
