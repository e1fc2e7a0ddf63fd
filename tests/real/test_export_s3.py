"""Reports in a real S3 server that verifies every signature."""

import time
from collections.abc import Iterator

import pytest

from bothsides.base.secret import Secret
from bothsides.export.archive_names import ReportName, to_key
from bothsides.export.http import Sender
from bothsides.export.outcome import Undelivered
from bothsides.export.s3 import Bucket, from_parcel, to_parcel
from bothsides.export.sigv4 import Keys
from bothsides.export.spool import Spool
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
    store: ObjectStore, tmp_path: object
) -> None:
    spool = Spool(str(tmp_path), "s3:test")
    for day in range(3):
        name = REPORT._replace(at=REPORT.at + day * 86400)
        spool.keep(to_parcel(to_key(name), f"day {day}\n".encode()), int(name.at * 1e9))
    there = bucket(store, "spooled")
    calls = 0

    def deliver(parcel: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Undelivered("the network broke off")
        there.put(*from_parcel(parcel), 5)

    assert spool.send(deliver)[:2] == (1, 2)
    assert spool.send(deliver)[:2] == (2, 0)
    assert len(list(there.listed("", 5))) == 3
    assert there.get(to_key(REPORT), 5) == b"day 0\n"


@pytest.mark.soak
def test_a_long_listing_comes_in_pages(store: ObjectStore) -> None:
    there = bucket(store, "many")
    for number in range(1010):
        there.put(f"{number:04d}", b"", 5)
    assert [each.key for each in there.listed("", 5)] == [f"{n:04d}" for n in range(1010)]
