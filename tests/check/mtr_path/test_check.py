"""check_mtr_path as a process, over records and old reports; no packet is sent."""

import gzip
from pathlib import Path as File

import pytest
from mmdb_writer import MmdbU32, MMDBWriter
from netaddr import IPSet

from tests.support.process import HOUSE
from tests.support.process import run as plugin

RECORD = str(HOUSE / "tests/data/records/check_mtr_path-stable.json")


@pytest.mark.parametrize("option", ["--expect-as", "--forbid-as"])
def test_a_missing_table_is_unknown_for_whoever_insists_on_networks(option: str) -> None:
    outcome = plugin(
        "check_mtr_path", "--replay", RECORD, "--as-file", "/nonexistent", option, "64500"
    )
    assert (outcome.code, outcome.error) == (3, "")
    assert "cannot read /nonexistent" in outcome.line
    assert "whose hops they are is not known" in outcome.text


def test_tables_may_be_packed_and_a_missing_one_is_said_beside_the_measurement(
    tmp_path: File,
) -> None:
    packed = tmp_path / "as.gz"
    packed.write_bytes(gzip.compress(b"10.0.0.0/16\t64500\n10.0.67.0/24\t64501\n"))
    outcome = plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(packed))
    assert outcome.code == 0
    assert "AS64500 AS64501" in outcome.line
    missing = plugin("check_mtr_path", "--replay", RECORD, "--as-file", "/nonexistent")
    assert missing.code == 3
    assert "cannot read /nonexistent" in missing.line
    assert missing.perfdata["hops"].value == 5


@pytest.mark.parametrize(
    "name", ["udp-ecmp-dns-asn.wide.txt", "udp-ecmp-dns-asn.csv", "udp-ecmp-dns-asn.json"]
)
def test_a_report_s_own_as_numbers_are_guesses_and_a_map_knows_better(
    tmp_path: File, name: str
) -> None:
    report = str(HOUSE / "tests/data/mtr/0.95" / name)
    assert "AS64500? AS64501? AS64502? AS16509?" in plugin("check_mtr_path", "--input", report).line
    (tmp_path / "map").write_text("10.0.1.0/24 = office, us\nAS16509 = Amazon, cloud\n")
    (tmp_path / "as").write_text("10.0.34.0/23\t64511\n")
    told = plugin(
        "check_mtr_path",
        "--input",
        report,
        "--map",
        str(tmp_path / "map"),
        "--as-file",
        str(tmp_path / "as"),
    )
    assert (told.code, told.error) == (0, "")
    assert "office AS64501? AS64511 Amazon?" in told.line
    assert told.perfdata["as_hops"].value == 4


def test_a_table_in_maxmind_s_format_names_the_networks_and_a_broken_one_is_said(
    tmp_path: File,
) -> None:
    table = tmp_path / "asn.mmdb"
    writer = MMDBWriter(4, "GeoLite2-ASN", description="for a test")
    for prefix, number, name in (
        ("10.0.0.0/16", 64500, "NEAR-NET"),
        ("10.0.67.0/24", 64501, "FAR-NET"),
    ):
        row = {"autonomous_system_number": MmdbU32(number), "autonomous_system_organization": name}
        writer.insert_network(IPSet([prefix]), row)
    writer.to_db_file(str(table))
    outcome = plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(table))
    assert outcome.code == 0
    assert "NEAR-NET FAR-NET" in outcome.line
    assert outcome.perfdata["as_hops"].value == 2
    table.write_bytes(table.read_bytes()[:40])
    broken = plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(table))
    assert (broken.code, broken.error) == (3, "")
    assert f"cannot read {table}" in broken.text
    assert broken.perfdata["hops"].value == 5
    table.unlink()
    assert (
        "No such file" in plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(table)).line
    )


def test_an_old_report_is_judged_from_a_file_and_from_standard_input() -> None:
    data = HOUSE / "tests/data/mtr/0.95"
    outcome = plugin("check_mtr_path", "--input", str(data / "udp-ecmp.wide.csv"), "-v")
    assert outcome.code == 0
    assert "7 hops, a report" in outcome.line
    assert plugin("check_mtr_path", "--input", str(data / "fault-blackhole-r4.raw")).code == 2
    assert "empty" in plugin("check_mtr_path", "--input", str(data / "err-nocap.json")).line
    assert "empty" in plugin("check_mtr_path", "--input", "-").line


@pytest.mark.parametrize("name", ["udp-ecmp.wide.txt", "order-nospace.raw"])
def test_a_report_that_ends_at_another_router_than_the_address_asked_for_did_not_reach_it(
    name: str,
) -> None:
    report = str(HOUSE / "tests/data/mtr/0.95" / name)
    dead = plugin("check_mtr_path", "-H", "10.0.67.99", "--input", report)
    assert dead.code == 2
    assert "the target does not answer, answers end at hop 7, where depends" in dead.line
    assert "[OK] the last answer comes from hop 7 (10.0.67.2)" in dead.text
    assert (dead.perfdata["reached"].value, dead.perfdata["pl"].value) == (0, 100)
    for known in ((), ("-H", "10.0.67.2"), ("-H", "app.example")):
        assert plugin("check_mtr_path", *known, "--input", report).code == 0, known
    six = str(HOUSE / "tests/data/mtr/0.95/ipv6.wide.txt")
    assert plugin("check_mtr_path", "-H", "2001:DB8:67:0::2", "--input", six).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--equiv", "a"),
        ("--ignore-hop", "x"),
        ("--ignore-hop", "7-1"),
        ("--via", "nowhere"),
        ("--expect-as", "ASx"),
        ("--expect-as", "64500"),
        ("--forbid-as", "64500", "--map", "/dev/null"),
        ("--map", "/nonexistent"),
        ("-w", "chnage"),
        ("-w", "rta=+x"),
        ("--keep", "soon"),
    ],
)
def test_what_makes_no_sense_is_one_unknown_line(words: tuple[str, ...]) -> None:
    outcome = plugin("check_mtr_path", "-H", "127.0.0.1", "--state", "off", *words)
    assert outcome.code == 3
    assert outcome.error == ""
