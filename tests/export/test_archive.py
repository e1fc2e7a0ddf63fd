"""Reports on their way into a bucket."""

from pathlib import Path

import pytest

from bothsides.base.secret import Secret
from bothsides.export.archive import archive, region_of
from bothsides.export.archive_names import ReportName
from bothsides.export.deliver import Means
from bothsides.export.destination import Destination, from_export
from bothsides.export.login import Secrets
from bothsides.parse.url import from_url
from tests.export.test_http import OK, listening
from tests.support import daemons
from tests.support.servers import serving

REPORT = ReportName("a-to-b", 1513600395.0, "142.21.43.11", "138.21.32.191")
KEYS = Secrets(access_key=Secret("AK"), secret_key=Secret("sk"))


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://s3.eu-central-1.amazonaws.com/b", "eu-central-1"),
        ("https://s3-eu-west-1.amazonaws.com/b", "eu-west-1"),
        ("https://s3.cn-north-1.amazonaws.com.cn/b", "cn-north-1"),
        ("https://s3.amazonaws.com/b", "us-east-1"),
        ("https://minio.example:9000/b/p", "us-east-1"),
        ("https://minio.example:9000/b/p?region=lab-1", "lab-1"),
    ],
)
def test_the_region_is_that_of_the_url(url: str, region: str) -> None:
    assert region_of(from_url(url)) == region


def test_a_report_is_put_under_its_name_and_the_region_is_signed() -> None:
    seen: list[bytes] = []
    with serving(listening(seen, OK)) as server:
        destination = from_export(f"s3:http://127.0.0.1:{server.port}/b/p?region=lab-1")
        assert archive(destination, [(REPORT, b"text")], Means(KEYS), 5) == (1, ())
    head = seen[0].decode()
    assert head.startswith(
        "PUT /b/p/a-to-b/2017-12-18-12-33/142-21-43-11_to_138-21-32-191.txt HTTP/1.1\r\n"
    )
    assert "/lab-1/s3/aws4_request" in head
    assert head.endswith("\r\n\r\ntext")


def test_what_a_dead_server_did_not_take_waits(tmp_path: Path) -> None:
    destination = from_export(f"s3:http://127.0.0.1:{daemons.free_port()}/b")
    means = Means(KEYS, spool=str(tmp_path))
    for waiting in (1, 2):
        stored, (line,) = archive(destination, [(REPORT, b"text")], means, 2)
        assert stored == 0
        assert line.endswith(f"; {'1 parcel waits' if waiting == 1 else '2 parcels wait'}")
    assert "sk" not in "".join(path.read_text() for path in tmp_path.rglob("*.parcel"))


def test_what_is_no_bucket_is_told() -> None:
    _, (line,) = archive(Destination("jsonl", path="-"), [], Means(), 5)
    assert line == "not archived: jsonl:- is no bucket"
