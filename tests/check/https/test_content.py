"""What check_https demands of an answer: status, headers, body."""

import pytest

from bothsides.plugin.finding import Remark, State
from tests.support.forked import run
from tests.support.https import answered, judged, state
from tests.support.lab import Lab, lab
from tests.support.servers import answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


JSON = (
    b'{"status": "up", "nodes": [{"lag": 12.5, "ok": true}], "n": 3,'
    b' "huge": %s, "endless": 1e999, "nan": NaN}' % (b"9" * 400)
)


@pytest.mark.parametrize(
    ("line", "arguments", "expected"),
    [
        ("HTTP/1.1 404 Not Found", (), State.WARNING),
        ("HTTP/1.1 503 Service Unavailable", (), State.CRITICAL),
        ("HTTP/1.1 301 Moved", (), State.OK),
        ("HTTP/1.1 301 Moved", ("-f", "warning"), State.WARNING),
        ("HTTP/1.1 301 Moved", ("-f", "critical"), State.CRITICAL),
        ("HTTP/1.1 999 Odd", (), State.CRITICAL),
        ("220 mail ESMTP", (), State.CRITICAL),
        ("HTTP/1.1 401 Unauthorized", ("-e", "401"), State.OK),
        ("HTTP/1.1 200 OK", ("-e", "401,403"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-s", "hello"), State.OK),
        ("HTTP/1.1 200 OK", ("-s", "goodbye"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-d", "X: y"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-w", "0.1"), State.WARNING),
        ("HTTP/1.1 200 OK", ("-w", "0.1", "-c", "0.15"), State.WARNING),
        ("HTTP/1.1 200 OK", ("-c", "time_tls=20ms"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-C", "19"), State.OK),
        ("HTTP/1.1 200 OK", ("-C", "30"), State.WARNING),
        ("HTTP/1.1 200 OK", ("-C", "30,21"), State.CRITICAL),
    ],
)
def test_the_rules_of_check_http(line: str, arguments: tuple[str, ...], expected: State) -> None:
    assert state(answered(line), *arguments) is expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--json", "status=up"), State.OK),
        (("--json", "$.nodes[0].ok=true"), State.OK),
        (("--json", "nodes.0.lag=12.5"), State.OK),
        (("--json", "nodes.7.lag"), State.CRITICAL),
        (("--json", "status=down"), State.CRITICAL),
        (("--json", "nodes[1]"), State.CRITICAL),
        (("--json-warning", "nodes[0].lag=10"), State.WARNING),
        (("--json-critical", "nodes[0].lag=10", "--json-warning", "n=5"), State.CRITICAL),
        (("--json-warning", "nodes[0].lag=20"), State.OK),
        (("--json-warning", "status=20"), State.CRITICAL),
        (("--json-warning", "huge=5"), State.WARNING),
        (("--json-warning", "huge=5:"), State.OK),
        (("--json-warning", "endless=5"), State.WARNING),
        (("--json-critical", "nan=5"), State.CRITICAL),
    ],
)
def test_json_places_have_values_and_limits(arguments: tuple[str, ...], expected: State) -> None:
    assert state(answered(body=JSON), *arguments) is expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-d", "X-Kind:test"), State.OK),
        (("-d", "X-Kind: test"), State.OK),
        (("-d", "gr\u00fcn"), State.OK),
        (("--header-regex", "X-Colour: ^gr\u00fcn$"), State.OK),
        (("--header-regex", "X-Old: ^gr\u00fcn$"), State.OK),
        (("-r", "hello[^x]+second"), State.CRITICAL),
        (("-l", "-r", "hello[^x]+second"), State.OK),
        (("-r", "o[^]x]second"), State.CRITICAL),
        (("-r", "second$"), State.OK),
        (("-l", "-r", "second$"), State.CRITICAL),
        (("-l", "-r", "[$]5\\$ second"), State.OK),
    ],
)
def test_headers_and_patterns_are_found_as_check_http_finds_them(
    arguments: tuple[str, ...], expected: State
) -> None:
    headers = (
        ("X-Kind", "test"),
        ("X-Colour", "gr\u00fcn".encode().decode("latin-1")),
        ("X-Old", "gr\u00fcn"),
    )
    assert (
        state(answered(body=b"$5$ second\nhello\nsecond\n", headers=headers), *arguments)
        is expected
    )


def test_a_pattern_is_told_as_it_was_written() -> None:
    assert Remark(State.CRITICAL, "the body does not match a[^b]c") in judged(
        answered(), "-r", "a[^b]c"
    )


def test_a_number_beyond_all_floats_is_told_as_it_came() -> None:
    said = [
        one.words
        for one in judged(answered(body=JSON), "--json-warning", "huge=5")
        if isinstance(one, Remark)
    ]
    assert said[-1] == f"huge is {'9' * 40}, outside 5"


def test_a_body_that_is_not_json_is_critical() -> None:
    assert state(answered(body=b"<html>"), "--json", "a") is State.CRITICAL


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--header-regex", "Server: ^nginx"), State.OK),
        (("--header-regex", "Server: ^apache"), State.CRITICAL),
        (("--header-regex", "Missing: x"), State.CRITICAL),
        (("--no-header", "X-Powered-By"), State.OK),
        (("--no-header", "server"), State.CRITICAL),
        (("--status-map", "200=warning"), State.WARNING),
        (("--status-map", "404=ok,200-299=critical"), State.CRITICAL),
        (("-m", "50:90"), State.WARNING),
        (("-m", "50:"), State.OK),
        (("-r", "[[:alpha:]]+"), State.OK),
        (("-r", "nothing", "--state-regex", "warning"), State.WARNING),
        (("--expect-http-version", "2,3"), State.CRITICAL),
    ],
)
def test_headers_status_size_and_version(arguments: tuple[str, ...], expected: State) -> None:
    assert state(answered(headers=(("Server", "nginx/1"),)), *arguments) is expected


def test_an_empty_header_is_there_and_a_date_that_is_none_is_not_missing() -> None:
    assert state(answered(headers=(("Server", ""),)), "--no-header", "server") is State.CRITICAL
    said = judged(answered(headers=(("Date", "yesterday"),)), "-M", "1h")
    words = "the Date header 'yesterday' is no date, so the age of the document is not known"
    assert Remark(State.UNKNOWN, words) in said
    old = answered(
        headers=(
            ("Date", "Saturday, 21-Nov-26 09:00:00 GMT"),
            ("Last-Modified", "Sat Nov 21 06:00:00 2026"),
        )
    )
    assert state(old, "-M", "2h") is State.CRITICAL
    assert state(old, "-M", "4h") is State.OK


def test_a_body_of_perfdata_is_added_to_ours_and_any_other_is_not(made: Lab) -> None:
    answers = {
        b"users=5;;;0;99\nload=0.25;1;2": (0, "users=5;;;0;99 load=0.25"),
        b"<p>": (3, ""),
        b"time=1s": (3, ""),
    }
    for body, (code, figures) in answers.items():
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        with serving(answering(answer), made.file("good")) as server:
            outcome = run(
                "check_https", f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle, "-o"
            )
        assert (outcome.code, figures in outcome.text.splitlines()[0]) == (code, True), outcome.text


@pytest.mark.parametrize(("body", "packed"), [(b"\x1f\x8b\x08\x00", True), (bytes(40), False)])
def test_a_body_that_was_unpacked_is_not_said_to_be_packed(body: bytes, packed: bool) -> None:
    answer = answered(body=body, headers=(("Content-Encoding", "gzip"),))
    said = [one.words for one in judged(answer, "-s", "hello") if isinstance(one, Remark)]
    assert any("the body is gzip" in words for words in said) is packed
