"""What check_https demands of certificates and of the TLS around them."""

import hashlib
import socket
import ssl
from pathlib import Path

import pytest

from bothsides.parse.url import from_url
from bothsides.plugin.finding import State
from tests.support.forked import run
from tests.support.https import CHAIN, NOW, answered, state
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


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
        (("--fingerprint", "00" * 32), State.CRITICAL),
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
        ("--fingerprint", "00" * 32),
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
    [("-C", "0"), ("--issuer", "X"), ("--fingerprint", "00" * 32), ("--maximum-validity", "90")],
)
def test_a_certificate_that_the_tls_library_does_not_tell_is_not_a_good_one(
    arguments: tuple[str, ...],
) -> None:
    silent = answered()
    silent = silent._replace(hops=(silent.hops[0]._replace(chain=()),))
    assert state(silent) is State.OK
    assert state(silent, *arguments) is State.UNKNOWN
    assert state(silent._replace(accepted=("1.0",)), "--refuse-tls", "1.0") is State.CRITICAL


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
            "2",
        )
    assert (
        stalled.code,
        "whether TLS 1.2 is refused is not known: connected to" in stalled.line,
    ) == (3, True), stalled.text


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
