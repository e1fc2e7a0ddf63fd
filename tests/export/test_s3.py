"""Objects in a bucket: what servers say that cannot be made to say it elsewhere."""

import time

import pytest

from bothsides.base.secret import Secret
from bothsides.export.http import Sender
from bothsides.export.outcome import Undelivered
from bothsides.export.s3 import Bucket, from_parcel, to_parcel
from bothsides.export.sigv4 import Keys
from bothsides.parse.url import from_url
from tests.support.servers import answering, serving


def answer(status: str, body: str, date: float | None = None) -> bytes:
    shown = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(date or time.time()))
    head = f"HTTP/1.1 {status}\r\nDate: {shown}\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def error(code: str) -> str:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>why</Message></Error>'


def page(keys: list[str], token: str = "") -> str:
    rows = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-21T12:00:00Z</LastModified>"
        f"<Size>5</Size></Contents>"
        for key in keys
    )
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    truncated = str(bool(token)).lower()
    return (
        f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>{rows}'
        f"<IsTruncated>{truncated}</IsTruncated>{more}</ListBucketResult>"
    )


def bucket(port: int) -> Bucket:
    url = from_url(f"http://127.0.0.1:{port}/b/pre/fix")
    return Bucket(url, Keys("AK", Secret("sk")), Sender(), time.time)


@pytest.mark.parametrize(
    ("status", "body", "behind", "words", "again"),
    [
        ("403 Forbidden", error("RequestTimeTooSkewed"), 0, "the clock of this host is off", True),
        ("403 Forbidden", error("X"), 4000, "clock of this host is off by 4", True),
        ("403 Forbidden", error("SignatureDoesNotMatch"), 0, "refused our keys for bucket b", True),
        ("404 Not Found", error("NoSuchBucket"), 0, "S3 has no bucket b", True),
        ("503 Slow Down", error("SlowDown"), 0, "S3 answered 503 SlowDown why", True),
        ("400 Bad", error("AuthorizationHeaderMalformed"), 0, "S3 answered 400 Author", True),
        ("400 Bad", error("EntityTooLarge"), 0, "S3 answered 400 EntityTooLarge why", False),
        ("302 Found", "", 0, "S3 answered 302$", True),
        ("200 OK", "<html>log in</html>", 0, "S3 answered 200 with a text: <html>log in", True),
        ("200 OK", error("InternalError"), 0, "with a text: InternalError why", True),
        ("500 Bad", "no xml", 0, "S3 answered 500", True),
    ],
)
def test_a_refusal_is_told_with_whose_fault_it_is(
    status: str, body: str, behind: float, words: str, again: bool
) -> None:
    with (
        serving(answering(answer(status, body, time.time() - behind))) as server,
        pytest.raises(Undelivered, match=words) as refusal,
    ):
        bucket(server.port).put("k", b"x", 5)
    assert refusal.value.again is again


def test_a_listing_goes_on_over_its_pages_and_loses_the_prefix() -> None:
    pages = [page(["pre/fix/a", "pre/fix/b"], "t&amp;1"), page(["pre/fix/c"])]
    with serving(answering(*(answer("200 OK", text) for text in pages))) as server:
        assert [each.key for each in bucket(server.port).listed("", 5)] == ["a", "b", "c"]


def test_a_server_that_always_has_another_page_ends_with_the_time() -> None:
    began = time.monotonic()
    with (
        serving(answering(answer("200 OK", page(["pre/fix/a"], "again")))) as server,
        pytest.raises(Undelivered, match=r"no time left|timed out"),
    ):
        list(bucket(server.port).listed("", 0.1))
    assert time.monotonic() - began < 10


def test_what_was_removed_before_a_refusal_is_counted() -> None:
    keys = [f"pre/fix/r/2017-12-18-12-3{minute}/a_to_b.txt" for minute in range(3)]
    answers = [answer("200 OK", page(keys)), answer("204 No", ""), answer("500 Bad", "no xml")]
    with (
        serving(answering(*answers)) as server,
        pytest.raises(Undelivered, match=r"^S3 answered 500; 1 of 3 old reports removed$"),
    ):
        bucket(server.port).expire("", time.time(), 5)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x><Name>&b;</Name></x>'


@pytest.mark.parametrize("body", ["<html>", "{}", "", BOMB, "<x><Name>b</Name><Key>k</Key></x>"])
def test_status_200_with_something_else_is_an_error(body: str) -> None:
    with (
        serving(answering(answer("200 OK", body))) as server,
        pytest.raises(Undelivered, match=r"no listing|cannot be read"),
    ):
        list(bucket(server.port).listed("", 5))


def test_an_object_goes_through_the_spool_with_its_key() -> None:
    assert from_parcel(to_parcel("r/\xe4/x.txt", b"two\nlines")) == ("r/\xe4/x.txt", b"two\nlines")
