"""The text file of node_exporter's collector: constant families, and each series once."""

import os
from pathlib import Path

import pytest

from bothsides.export.outcome import Undelivered
from bothsides.export.path_rows import hop_points
from bothsides.export.prometheus import METRICS, file_name, to_text, write
from bothsides.export.schema import Origin, points
from tests.export.samples import AT, HOSTILE, HTTPS, ORIGIN, ROWS, UDP, run_points

UDP_TEXT = b"""\
# HELP bothsides_state State of the check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
# TYPE bothsides_state gauge
bothsides_state{check="udp",source="mon1",target="198.51.100.10"} 1
# HELP bothsides_last_run_timestamp_seconds When the last run began.
# TYPE bothsides_last_run_timestamp_seconds gauge
bothsides_last_run_timestamp_seconds{check="udp",source="mon1",target="198.51.100.10"} \
1792000000.123
# HELP bothsides_udp_loss_ratio Lost packets, as a part of 1.
# TYPE bothsides_udp_loss_ratio gauge
bothsides_udp_loss_ratio{direction="both",source="mon1",target="198.51.100.10"} 0.14
bothsides_udp_loss_ratio{direction="out",source="mon1",target="198.51.100.10"} 0
# HELP bothsides_udp_loss_ratio_low Lower end of the interval that holds the true loss.
# TYPE bothsides_udp_loss_ratio_low gauge
bothsides_udp_loss_ratio_low{direction="both",source="mon1",target="198.51.100.10"} 0.085
# HELP bothsides_udp_rtt_avg_seconds Mean round-trip time.
# TYPE bothsides_udp_rtt_avg_seconds gauge
bothsides_udp_rtt_avg_seconds{source="mon1",target="198.51.100.10"} 0.0213
"""


def test_the_text_octet_by_octet() -> None:
    assert (
        to_text(points("UDP_LOSS", UDP, Origin("mon1"), AT, more={"loss_low": 0.085})) == UDP_TEXT
    )


def test_a_family_has_one_help_for_ever() -> None:
    words: dict[str, set[str]] = {}
    for metric in METRICS:
        words.setdefault(metric.name, set()).add(metric.words)
    assert all(len(texts) == 1 for texts in words.values())
    assert not [name for name in words if name.endswith("_total") or "_ms" in name]


def test_who_answers_at_a_hop_stands_in_the_info_alone() -> None:
    text = to_text(hop_points(ROWS, "t", ORIGIN, AT)).decode()
    assert (
        'bothsides_hop_info{address="52.93.0.5",asn="16509",hop="08",owner="Amazon",'
        'route="office-to-aws",source="mon1",target="t"} 1\n'
    ) in text
    assert (
        'bothsides_hop_loss_ratio{hop="02",route="office-to-aws",source="mon1",target="t"} 1\n'
        in text
    )
    assert "hop_rtt_avg_seconds{address" not in text
    assert text.count('hop_info{address="*"') == 1


def test_routers_that_share_a_hop_are_one_info_so_that_a_join_has_one_partner() -> None:
    rows = (ROWS[2], ROWS[2]._replace(address="52.93.0.9"))
    text = to_text(hop_points(rows, "t", ORIGIN, AT)).decode()
    assert text.count("\nbothsides_hop_info{") == 1
    assert 'address="52.93.0.5 52.93.0.9"' in text


def test_certificates_are_told_by_the_time_when_they_expire() -> None:
    text = to_text(points("HTTPS", HTTPS, Origin("m"), AT, url="https://www.example.org/")).decode()
    expiry = round(AT / 1e9 + 90.1 * 86400)
    assert (
        "bothsides_https_cert_expiry_timestamp_seconds{"
        f'source="m",target="www.example.org",url="https://www.example.org/"}} {expiry}\n'
    ) in text
    assert 'bothsides_https_phase_duration_seconds{phase="tls",' in text


def test_the_path_is_told_by_its_info_and_the_time_since() -> None:
    text = to_text(run_points()).decode()
    assert 'bothsides_path_info{path_id="c6dd7b296c8c",' in text
    assert f"}} {round(AT / 1e9 - 600)}\n" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_each_series_is_one_line_and_there_is_one_of_it(name: str) -> None:
    target = UDP._replace(name=name)
    sent = points("UDP_LOSS", target, Origin("m"), AT)
    lines = to_text((*sent, *sent)).decode().splitlines()
    series = [line.rpartition(" ")[0] for line in lines if not line.startswith("#")]
    assert len(series) == len(set(series)) == 5


def test_the_official_parser_reads_what_was_meant() -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    for name in HOSTILE:
        sent = points("UDP_LOSS", UDP._replace(name=name), Origin("m"), AT)
        families = list(parser.text_string_to_metric_families(to_text(sent).decode()))
        named = {sample.labels["target"] for family in families for sample in family.samples}
        assert named == {name.replace("\0", " ").replace("\r", " ")}
        assert {family.type for family in families} == {"gauge"}


def test_nothing_measured_is_no_file_content() -> None:
    assert to_text([]) == b""


def test_the_file_comes_into_its_place_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / file_name("UDP_LOSS", "2001:db8::1")
    assert path.name == "bothsides_udp_loss_2001_db8__1.prom"
    write(str(path), b"old\n")
    seen = os.open(path, os.O_RDONLY)
    write(str(path), b"new\n")
    assert os.read(seen, 9) == b"old\n"
    os.close(seen)
    assert path.read_bytes() == b"new\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == [path.name]


def test_a_link_in_the_way_of_the_temporary_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / f".x.prom.{os.getpid()}").symlink_to(victim)
    write(str(tmp_path / "x.prom"), b"text\n")
    assert victim.read_text() == "mine"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Undelivered, match=r"cannot write .*/none/x.prom: No such file") as refusal:
        write(str(tmp_path / "none" / "x.prom"), b"")
    assert not refusal.value.again


def test_targets_that_only_strange_characters_tell_apart_have_two_files() -> None:
    assert file_name("UDP_LOSS", "web-1.example") == "bothsides_udp_loss_web-1_example.prom"
    names = {file_name("UDP_LOSS", target) for target in ("h\u00e4", "h\u00f6", "h_", 'h"')}
    assert len(names) == 4
