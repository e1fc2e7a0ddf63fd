"""What check_https demands of an answer and of a certificate beyond check_http."""

import hashlib
import os
import socket
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.json_path import at, from_body, from_path, shown
from bothsides.parse.url import from_url
from bothsides.plugin.finding import Remark, State
from tests.check.https.test_check import CHAIN, NOW, answered, judged, state
from tests.support.lab import Lab, lab
from tests.support.process import run
from tests.support.servers import ANSWER, answering, serving

JSON = (
    b'{"status": "up", "nodes": [{"lag": 12.5, "ok": true}], "n": 3, "huge": %s, "endless": 1e999, "nan": NaN}'
    % (b"9" * 400)
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


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


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner))
    .map(repr)
    .map(str.encode)
)
def test_no_body_raises_anything_but_unreadable(body: bytes) -> None:
    try:
        at(from_body(body), from_path("a.b[0]"))
    except Unreadable:
        pass


@given(st.text())
def test_paths_are_read_back_or_unreadable(text: str) -> None:
    try:
        path = from_path(text)
    except Unreadable:
        return
    assert from_path(shown(path)) == path


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


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("-C", "25%,10%"), State.WARNING),  # the intermediate has 20 of 120 days left
        (("-C", "25%,10%", "--leaf-only"), State.OK),
        (("-C", "40%,20%"), State.CRITICAL),
        (("-C", "481h"), State.WARNING),
        (("-C", "479h"), State.OK),
        (("-C", "30", "--leaf-only"), State.OK),
        (("--issuer", "Middle"), State.OK),
        (("--issuer", "Other"), State.CRITICAL),
        (("--maximum-validity", "90"), State.OK),
        (("--maximum-validity", "89"), State.WARNING),
        (("--fingerprint", "00:11"), State.CRITICAL),
    ],
)
def test_certificates_by_share_hours_issuer_and_lifetime(
    arguments: tuple[str, ...], expected: State
) -> None:
    assert state(answered(), *arguments) is expected
    assert CHAIN[1].ends == NOW + 20 * 86400


@pytest.mark.parametrize(
    "arguments",
    [
        ("-C", "25%,10%"),
        ("-C", "30"),
        ("--issuer", "X"),
        ("--fingerprint", "00"),
        ("--maximum-validity", "90"),
        ("--require-stapling",),
    ],
)
def test_without_tls_nothing_is_known_of_a_certificate(arguments: tuple[str, ...]) -> None:
    plain = answered()
    hop = plain.hops[0]._replace(url=from_url("http://example.org/"), chain=())
    plain = plain._replace(hops=(hop,))
    assert state(plain) is State.OK
    assert state(plain, *arguments) is State.UNKNOWN
    assert state(plain._replace(accepted=("1.0",)), "--refuse-tls", "1.0") is State.UNKNOWN


@pytest.mark.parametrize(
    "arguments",
    [("-C", "0"), ("--issuer", "X"), ("--fingerprint", "00"), ("--maximum-validity", "90")],
)
def test_a_certificate_that_the_tls_library_does_not_tell_is_not_a_good_one(
    arguments: tuple[str, ...],
) -> None:
    silent = answered()
    silent = silent._replace(hops=(silent.hops[0]._replace(chain=()),))
    assert state(silent) is State.OK
    assert state(silent, *arguments) is State.UNKNOWN
    assert state(silent._replace(accepted=("1.0",)), "--refuse-tls", "1.0") is State.CRITICAL


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


def test_addresses_that_were_skipped_are_a_warning_unless_mapped() -> None:
    from bothsides.model.https import Contact

    found = answered()
    dead = Contact("2001:db8::1", False, "Connection refused", 0.1)
    hop = found.hops[0]._replace(contacts=(dead, *found.hops[0].contacts))
    skipped = found._replace(hops=(hop,))
    assert Remark(State.WARNING, "1 of 2 addresses dead: 2001:db8::1 connection refused") in judged(
        skipped
    )
    assert state(skipped, "--state", "addresses=ok") is State.OK
    ours = dead._replace(
        reason="Network is unreachable"
    )  # we have no IPv6 here: nothing is wrong with the server
    assert (
        state(found._replace(hops=(hop._replace(contacts=(ours, *found.hops[0].contacts)),)))
        is State.OK
    )


def test_the_fingerprint_is_that_of_the_certificate(made: Lab) -> None:
    pem = Path(made.file("good")).read_text()
    leaf = (
        pem[pem.index("-----BEGIN CERTIFICATE") :].partition("-----END CERTIFICATE-----")[0]
        + "-----END CERTIFICATE-----"
    )
    wanted = hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf)).hexdigest()
    with serving(answering(ANSWER), made.file("good")) as server:
        outcome = run(
            "check_https",
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--fingerprint",
            wanted.upper(),
        )
    assert outcome.code == 0, outcome.text


def test_old_tls_must_be_refused_and_the_floor_holds(made: Lab) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(made.file("good"))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with serving(answering(ANSWER), context=old) as server:
        url = (f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle)
        floor = run("check_https", *url, "--tls-min", "1.3")
        refused = run("check_https", *url, "--refuse-tls", "1.2")
    with serving(answering(ANSWER), made.file("good")) as server:
        fine = run(
            "check_https",
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--refuse-tls",
            "1.0",
            "-S1.3",
        )
    assert (floor.code, "the TLS handshake was refused" in floor.line) == (2, True), floor.text
    assert (refused.code, "the server still accepts TLS 1.2" in refused.line) == (2, True), (
        refused.text
    )
    assert fine.code == 0, fine.text


def test_only_a_handshake_that_the_server_ends_is_a_refusal_of_old_tls(made: Lab) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("good"))
    served: list[int] = []

    def talk(client: socket.socket) -> None:
        served.append(1)
        if len(served) > 1:
            client.recv(1 << 16)  # and no word in answer
            client.recv(1 << 16)
            return
        with context.wrap_socket(client, server_side=True) as tls:
            answering(ANSWER)(tls)

    with serving(talk) as server:
        stalled = run(
            "check_https",
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--refuse-tls",
            "1.2",
            "-t",
            "1",
        )
    assert (
        stalled.code,
        "whether TLS 1.2 is refused is not known: connected to" in stalled.line,
    ) == (3, True), stalled.text


def test_a_client_certificate_is_shown_and_a_missing_one_is_our_fault(made: Lab) -> None:
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(made.file("good"))
    strict.load_verify_locations(made.bundle)
    strict.verify_mode = ssl.CERT_REQUIRED

    def talk(client: socket.socket) -> None:
        with client.dup() as rest:
            try:
                with strict.wrap_socket(client, server_side=True) as tls:
                    answering(ANSWER)(tls)
            except ssl.SSLError:
                rest.recv(
                    1 << 16
                )  # closing with the request unread would reset the connection, and lose the alert

    with serving(talk) as server:
        url = (f"https://127.0.0.1:{server.port}/", "--ca-cert", made.bundle)
        shown = run("check_https", *url, "-J", made.file("good"), "-K", made.file("good"))
        without = run("check_https", *url)
        gone = run("check_https", *url, "-J", "/nowhere/cert.pem", "-K", made.file("good"))
    assert shown.code == 0, shown.text
    assert (
        without.code,
        "after the handshake: tlsv13 alert certificate required, see" in without.text,
    ) == (2, True)
    assert (gone.code, "/nowhere/cert.pem" in gone.line) == (3, True)


@pytest.mark.parametrize("option", ["-J", "-K", "--ca-cert", "--cookie-jar"])
def test_a_pipe_is_no_file_to_wait_for(option: str, made: Lab, tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    given = {
        "-J": made.file("good"),
        "-K": made.file("good"),
        "--ca-cert": made.bundle,
        "--cookie-jar": str(tmp_path / "jar"),
    }
    words = [word for pair in {**given, option: pipe}.items() for word in pair]
    outcome = run("check_https", "https://127.0.0.1:1/", "-t", "1", *words)
    assert (outcome.code, pipe in outcome.line) == (3, True), outcome.text


def test_a_cookie_jar_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    for jar in ("-", str(tmp_path / "nowhere" / "jar"), str(tmp_path)):
        outcome = run("check_https", "https://127.0.0.1:1/", "-t", "1", "--cookie-jar", jar)
        assert (outcome.code, f"the cookie jar {jar}: " in outcome.line) == (3, True), outcome.text


def test_stapling_that_is_required_and_missing_is_said(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        outcome = run(
            "check_https",
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--require-stapling",
        )
    assert (outcome.code, "staples no valid OCSP answer" in outcome.line) == (2, True), outcome.text


def test_the_old_labels_of_check_http_on_request(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        url = (
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--perfdata-style",
            "check_http",
        )
        outcome = run("check_https", *url)
        limited = run("check_https", *url, "-w", "time_tls=0.000001")
    labels = [
        "time",
        "size",
        "time_connect",
        "time_ssl",
        "time_headers",
        "time_firstbyte",
        "time_transfer",
    ]
    assert list(outcome.perfdata) == labels
    assert (outcome.perfdata["time"].uom, outcome.perfdata["size"].uom) == ("s", "B")
    assert (limited.code, list(limited.perfdata)) == (1, [*labels, "time_tls"])
