"""Documents of evidence: what is written is read back, and nothing else is taken for one."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base.secret import Secret
from bothsides.incident.document import MOST, from_data, from_text, proof_of, to_text
from bothsides.model.evidence import Evidence, Look
from bothsides.parse import Unreadable
from tests.support.evidence import OUT, WELL, document, https, trace, udp
from tests.support.examples import examples

KEY = Secret("a key that both ends have")


def many(peers: int) -> Evidence:
    look = Look(udp(), trace(OUT), https())
    return document("A", {f"peer{number}": look for number in range(peers)})


@pytest.mark.parametrize(("mute", "written"), [(None, False), (False, True), (True, True)])
def test_a_field_that_earlier_versions_lack_is_left_out_where_it_is_empty(
    mute: bool | None, written: bool
) -> None:
    text = to_text(document("A", {"B": Look(https=https(mute=mute))}))
    assert ('"mute"' in text) is written
    read = from_text(text)
    assert proof_of(read) == "sound"
    assert read.peers[0].now.https is not None
    assert read.peers[0].now.https.mute is mute


def test_a_document_is_read_back_as_it_was_written() -> None:
    written = to_text(WELL[0])
    read = from_text(written)
    assert (read.host, read.peers, proof_of(read)) == ("A", WELL[0].peers, "sound")
    assert to_text(read) == written
    assert "\n" not in written


def test_the_least_useful_peers_are_left_off_where_there_is_no_room() -> None:
    text = to_text(many(38))
    read = from_text(text)
    assert len(text) <= MOST
    assert read.left_off == 38 - len(read.peers) > 0
    assert [peer.peer for peer in read.peers][:2] == ["peer0", "peer1"]
    assert proof_of(read) == "sound"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (2, "evidence of version 2, not 1: update bothsides on this host"),
        ("1", "evidence of version '1', not 1"),
        (None, "evidence of version None, not 1"),
    ],
)
def test_another_version_is_said_with_what_to_do(version: object, said: str) -> None:
    data = json.loads(to_text(WELL[0])) | {"version": version}
    with pytest.raises(Unreadable, match=f"^{re.escape(said)}$"):
        from_data(data)


def test_a_host_without_a_name_is_no_evidence() -> None:
    for document_ in (WELL[0]._replace(host=""), document("A", {"": Look()})):
        with pytest.raises(Unreadable, match="a host without a name"):
            from_text(to_text(document_))


def test_a_changed_document_is_found_by_its_digest() -> None:
    data = json.loads(to_text(WELL[0]))
    data["peers"][0]["now"]["udp"]["lost"] = 0
    data["peers"][0]["now"]["udp"]["sent"] = 199
    assert proof_of(from_data(data)) == "changed"


def test_a_seal_proves_who_wrote_it() -> None:
    sealed = from_text(to_text(WELL[0], KEY))
    assert proof_of(sealed, KEY) == "sound"
    assert proof_of(sealed, Secret("another key")) == "wrong seal"
    assert proof_of(from_text(to_text(WELL[0])), KEY) == "not sealed"
    assert KEY not in to_text(WELL[0], KEY)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "{", '{"version":2,"peers":[]}', "[" * 9999]
)
def test_what_is_no_document_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        from_text(text)


@pytest.mark.parametrize(
    "text",
    ['{"peers":[' + "[]," * 500_001 + "[]]}", '{"host":"' + "a" * (16 << 20) + '"}'],
    ids=["values", "characters"],
)
def test_what_is_too_large_is_refused_before_it_takes_memory(text: str) -> None:
    with pytest.raises(Unreadable, match="too large for evidence: more than 16 MiB or 500,000"):
        from_text(text)


def test_a_document_that_nrpe_has_cut_says_so() -> None:
    with pytest.raises(Unreadable, match="NRPE 4"):
        from_text(to_text(WELL[0])[:1023])


def test_a_document_that_ends_too_early_or_too_late_says_so() -> None:
    with pytest.raises(Unreadable, match=r"^cut after 1,100 characters: its end is missing$"):
        from_text(to_text(WELL[0])[:1100] + "\n")
    with pytest.raises(Unreadable, match=r"^not JSON: Extra data"):
        from_text(to_text(WELL[0]) + "\nLast login: today")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner,
        max_size=3),
    max_leaves=8,
)  # fmt: skip


@examples(150)
@given(st.data())
def test_a_document_with_anything_in_any_place_is_unreadable_or_a_document(
    data: st.DataObject,
) -> None:
    body = json.loads(to_text(WELL[0]))
    place = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(VALUES)
            break
        place = place[key]
    try:
        evidence = from_data(body)
    except Unreadable:
        return
    assert isinstance(evidence, Evidence)
    assert proof_of(evidence) in ("sound", "changed")


def test_an_empty_field_of_a_later_version_is_not_written_so_that_older_digests_hold() -> None:
    text = to_text(WELL[0])
    assert set(FIRST) >= set(re.findall(r'"(\w+)":', text))


FIRST = [
    "address",
    "answer",
    "arrived",
    "at",
    "back",
    "before",
    "best",
    "blame",
    "bytes_in",
    "clock_error",
    "clocks",
    "connected",
    "dead_flows",
    "digest",
    "echo_best",
    "echoes",
    "echoes_lost",
    "ended",
    "failure",
    "fastest",
    "fixed",
    "flow",
    "flows",
    "forward",
    "high",
    "hops",
    "host",
    "host_lives",
    "https",
    "icmp",
    "lasted",
    "left_off",
    "length",
    "loop",
    "lost",
    "low",
    "now",
    "overflow",
    "owd",
    "path",
    "peer",
    "peers",
    "phase",
    "protocol",
    "refusals",
    "refused_there",
    "resent",
    "rtt",
    "seal",
    "sent",
    "slowest",
    "slowest_seconds",
    "source",
    "status",
    "target",
    "total",
    "troubles",
    "ttl",
    "turned",
    "udp",
    "unsent",
    "version",
    "words",
    "worst",
]
"""The names that the first documents had. A new one here would break the digests of older hosts:
put the field into _LATER of document.py instead.
"""
