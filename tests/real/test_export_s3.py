"""Reports in a real S3 server that verifies every signature."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.base.secret import Secret
from bothsides.export.archive import archive
from bothsides.export.archive_names import ReportName, to_key
from bothsides.export.deliver import Means
from bothsides.export.destination import from_export
from bothsides.export.http import Sender
from bothsides.export.login import Secrets
from bothsides.export.outcome import Undelivered
from bothsides.export.s3 import Bucket
from bothsides.export.sigv4 import Keys
from bothsides.parse.url import from_url
from tests.support import daemons, object_store
from tests.support.object_store import BUCKET, ObjectStore

ODD = ("a b", "+=", "\xe4", "(1)*!'", "2001:db8::1", "~", "a/../b", "a//b", "#?&%20")
REPORT = ReportName("hetzner-to-us-east-1", 1513600395.0, "142.21.43.11", "138.21.32.191")


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with daemons.folder() as root, object_store.moto(root) as running:
        yield running


def bucket(store: ObjectStore, prefix: str, name: str = BUCKET, secret: str = "") -> Bucket:
    keys = Keys(store.access, Secret(secret or store.secret))
    return Bucket(from_url(f"{store.url}/{name}/{prefix}"), keys, Sender(), time.time)


@pytest.mark.parametrize("key", ODD)
def test_an_object_is_put_read_listed_and_removed(store: ObjectStore, key: str) -> None:
    there = bucket(store, "odd")
    there.put(key, b"report\n", 5)
    assert there.get(key, 5) == b"report\n"
    assert [(each.key, each.size) for each in there.listed("", 5)] == [(key, 7)]
    there.delete(key, 5)
    assert list(there.listed("", 5)) == []


def test_reports_older_than_wanted_go_and_all_else_stays(store: ObjectStore) -> None:
    there = bucket(store, "archive/mtr")
    days = [REPORT._replace(at=REPORT.at + day * 86400) for day in range(4)]
    for name in days:
        there.put(to_key(name), b"x", 5)
    there.put("hetzner-to-us-east-1/README", b"x", 5)
    assert there.expire("hetzner-to-us-east-1/", days[2].at - 60, 5) == 2
    left = [each.key for each in there.listed("hetzner-to-us-east-1/", 5)]
    assert left == [*(to_key(name) for name in days[2:]), "hetzner-to-us-east-1/README"]


def test_wrong_keys_and_buckets_are_told(store: ObjectStore) -> None:
    with pytest.raises(Undelivered, match="refused our keys for bucket reports: Signature"):
        bucket(store, "x", secret="wrong").put("k", b"x", 5)
    with pytest.raises(Undelivered, match="S3 has no bucket none"):
        bucket(store, "x", name="none").put("k", b"x", 5)


def test_reports_that_waited_arrive_under_their_own_names(
    store: ObjectStore, tmp_path: Path
) -> None:
    destination = from_export(f"s3:{store.url}/{BUCKET}/spooled")
    wrong = Secrets(access_key=Secret(store.access), secret_key=Secret("wrong"))
    days = [REPORT._replace(at=REPORT.at + day * 86400) for day in range(3)]
    reports = [(name, f"day {day}\n".encode()) for day, name in enumerate(days)]
    stored, (line,) = archive(destination, reports[:2], Means(wrong, spool=str(tmp_path)), 5)
    assert stored == 0
    assert "S3 refused our keys" in line
    assert line.endswith("; 2 parcels wait")
    right = Means(wrong._replace(secret_key=Secret(store.secret)), spool=str(tmp_path))
    assert archive(destination, reports[2:], right, 5) == (len(reports[2:]), ())
    there = bucket(store, "spooled")
    assert [each.key for each in there.listed("", 5)] == [to_key(name) for name in days]
    assert there.get(to_key(days[1]), 5) == b"day 1\n"


@pytest.mark.soak
def test_a_long_listing_comes_in_pages(store: ObjectStore) -> None:
    there = bucket(store, "many")
    for number in range(1010):
        there.put(f"{number:04d}", b"", 5)
    assert [each.key for each in there.listed("", 5)] == [f"{n:04d}" for n in range(1010)]
