"""Evidence out of files: records of checks, documents, folders, and everything that is neither."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.case import addresses_of, joined_case
from bothsides.incident.document import to_text
from bothsides.incident.join import verdict
from bothsides.incident.read import Recorded, documents, from_text, names_of, read_all
from bothsides.model.evidence import Evidence, Look
from bothsides.parse import Unreadable
from tests.support.evidence import WELL, https, owners_of
from tests.support.process import HOUSE

RECORDS = HOUSE / "tests/data/records"
INCIDENTS = HOUSE / "tests/data/incidents"


def test_a_file_s_name_says_between_whom_it_is() -> None:
    assert names_of("x/A-to-B.check_https.json") == ("A", "B")
    assert names_of("web-1-to-db-2.json") == ("web-1", "db-2")
    assert names_of("A-to-.json") is None
    assert names_of("incident.json") is None


def test_names_with_dots_are_found_by_the_hosts_that_measured() -> None:
    file = "a.example.net-to-b.example.net.check_https.2026.json"
    assert names_of(file) == ("a.example.net", "b")
    assert names_of(file, ["b", "b.example.net"]) == ("a.example.net", "b.example.net")


def test_both_ends_of_names_with_dots_are_one_pair(tmp_path: Path) -> None:
    for name in ("a.example.net-to-b.example.net.udp.json", "b.example.net-to-a.example.net.json"):
        shutil.copy(RECORDS / "check_udp_loss-healthy.json", tmp_path / name)
    found, _ = read_all([str(tmp_path)])
    pairs = {(each.host, each.peers[0].peer) for each in documents(found)}
    assert pairs == {("a.example.net", "b.example.net"), ("b.example.net", "a.example.net")}


def test_a_folder_for_each_host_is_read_without_what_was_before(tmp_path: Path) -> None:
    for folder, name in (("A", "A-to-B"), ("B", "B-to-A"), ("before", "A-to-B")):
        (tmp_path / folder).mkdir()
        shutil.copy(RECORDS / "check_udp_loss-healthy.json", tmp_path / folder / f"{name}.json")
    assert len(read_all([str(tmp_path)])[0]) == 2


def test_of_two_runs_of_one_check_the_newer_counts(tmp_path: Path) -> None:
    shutil.copy(RECORDS / "check_udp_loss-return_loss.json", tmp_path / "A-to-B.1.json")
    shutil.copy(RECORDS / "check_udp_loss-healthy.json", tmp_path / "A-to-B.2.json")
    seen = {}
    for order in (["A-to-B.1.json", "A-to-B.2.json"], ["A-to-B.2.json", "A-to-B.1.json"]):
        found, _ = read_all([str(tmp_path / name) for name in order])
        udp_now = documents(found)[0].peers[0].now.udp
        assert udp_now is not None
        seen[tuple(order)] = udp_now.at
    assert len(set(seen.values())) == 1


def test_a_folder_of_records_becomes_a_document_for_each_host(tmp_path: Path) -> None:
    for name, to in (
        ("check_udp_loss-return_loss", "A-to-B.udp.json"),
        ("check_mtr_path-stable", "A-to-B.path.json"),
        ("check_https-ok", "A-to-B.https.json"),
        ("check_udp_loss-healthy", "C-to-B.udp.json"),
    ):
        shutil.copy(RECORDS / f"{name}.json", tmp_path / to)
    (tmp_path / "truth.json").write_text("{}")
    (tmp_path / "before").mkdir()
    found, refused = read_all([str(tmp_path)])
    assert refused == []
    hosts = {document.host: document for document in documents(found)}
    assert set(hosts) == {"A", "C"}
    look = hosts["A"].peers[0].now
    assert look.udp is not None
    assert look.udp.lost == 14
    assert look.path is not None
    assert look.path.length > 0
    assert look.https is not None
    assert look.https.phase == ""


def test_what_was_before_stands_beside_what_is_now(tmp_path: Path) -> None:
    path = tmp_path / "A-to-B.json"
    shutil.copy(RECORDS / "check_udp_loss-return_loss.json", path)
    now, _ = read_all([str(path)])
    shutil.copy(RECORDS / "check_udp_loss-healthy.json", path)
    before, _ = read_all([str(path)])
    (document,) = documents(now, before)
    assert document.peers[0].now.udp is not None
    assert document.peers[0].before.udp is not None
    assert document.peers[0].before.udp.lost == 0


def test_a_record_without_names_and_a_strange_one_are_refused_with_a_reason(tmp_path: Path) -> None:
    record = (RECORDS / "check_udp_loss-healthy.json").read_text()
    with pytest.raises(Unreadable, match="name it FROM-to-TO"):
        from_text(record, None)
    with pytest.raises(Unreadable, match="check_dns"):
        from_text(record.replace('"check_udp_loss"', '"check_dns"', 1), ("A", "B"))
    (tmp_path / "x.json").write_text("{")
    found, refused = read_all([str(tmp_path / "x.json"), str(tmp_path / "none.json")])
    assert found == []
    assert [Path(file).name for file, _ in refused] == ["x.json", "none.json"]


def test_records_and_documents_of_one_host_are_put_together() -> None:
    recorded = Recorded("A", "B", "", Look(https=https(phase="tls")))
    (document, _) = documents([WELL[0], recorded, WELL[1]])
    look = document.peers[0].now
    assert look.udp == WELL[0].peers[0].now.udp
    assert look.https == WELL[0].peers[0].now.https  # what a document says itself counts


RECORDED = [
    json.loads((RECORDS / f"{name}.json").read_text())
    for name in (
        "check_udp_loss-not_running",
        "check_mtr_path-unreached",
        "check_https-tls_stalled",
    )
]


@settings(max_examples=80)
@given(st.data())
def test_a_record_with_anything_in_any_place_is_unreadable_or_evidence(data: st.DataObject) -> None:
    body = json.loads(json.dumps(data.draw(st.sampled_from(RECORDED))))
    place = body
    while True:
        keys = list(place)[:60] if isinstance(place, dict) else list(range(min(60, len(place))))
        key = data.draw(st.sampled_from(keys))
        if (
            not isinstance(place[key], dict | list)
            or not place[key]
            or data.draw(st.integers(0, 3)) == 0
        ):
            place[key] = data.draw(
                st.none()
                | st.integers()
                | st.floats()
                | st.text(max_size=5)
                | st.sampled_from(([], {}))
            )  # fmt: skip
            break
        place = place[key]
    try:
        found = from_text(json.dumps(body), ("A", "B"))
    except Unreadable:
        return
    assert isinstance(found, Recorded)


HOSTILE = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([1e308, -1, 2**63, 10**400, "\x00", "\ud800", "<script>"])
    | st.sampled_from([[], {}, [[]], [None]])
)  # fmt: skip
"""Values that no measurement has left."""

WHOLE = [
    json.loads((INCIDENTS / name).read_text())
    for name in ("kuenzler/during/office.json", "semaphore/during/sb1.json")
]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_document_with_anything_anywhere_is_unreadable_or_judged(data: st.DataObject) -> None:
    body = json.loads(json.dumps(data.draw(st.sampled_from(WHOLE))))
    for _ in range(data.draw(st.integers(1, 4))):
        place = body
        while place:
            keys = list(place) if isinstance(place, dict) else list(range(min(40, len(place))))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or not data.draw(st.integers(0, 6)):
                change = data.draw(st.sampled_from(("value", "gone", "twice")))
                if change == "value":
                    place[key] = copy.deepcopy(data.draw(HOSTILE))
                elif change == "gone":
                    del place[key]
                elif isinstance(place, list):
                    place.append(place[key])
                else:
                    place[f"{key}2"] = place[key]
                break
            place = place[key]
    try:
        found = from_text(json.dumps(body), None)
    except Unreadable:
        return
    assert isinstance(found, Evidence)
    made = documents([found])
    owners = owners_of(addresses_of(made))
    said = verdict(joined_case("office", "app", made, owners))
    assert set(said.side) <= {*owners_labels(owners), "far end", "monitor", "none"}


def owners_labels(owners: dict[str, Owner]) -> set[str]:
    return {owner.label for owner in owners.values()}


def test_a_document_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "A.json"
    path.write_text(to_text(WELL[0]))
    found, refused = read_all([str(path)])
    assert (len(found), refused) == (1, [])
