"""Stapled OCSP answers, on both TLS back ends of pycurl."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import need, ocsp
from tests.support.back_ends import ask, backend, pythons
from tests.support.daemons import folder, nginx
from tests.support.lab import Lab, lab


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


# About which certificate, what its issuer says and for how many days; our state and words.
STAPLES = {
    "good": ("good", ocsp.GOOD, 7, 0, "200 OK"),
    "revoked": ("good", ocsp.REVOKED, 7, 2, "the certificate is revoked by its issuer"),
    "unknown": ("good", ocsp.UNKNOWN, 7, 2, "the server staples no valid OCSP answer"),
    "old": ("good", ocsp.GOOD, -2, 2, "the OCSP answer that the server staples is out of date"),
    "another": ("soon", ocsp.GOOD, 7, 2, "the server staples no valid OCSP answer"),
}


@pytest.mark.parametrize("name", STAPLES)
def test_a_stapled_answer_is_believed_only_when_it_is_good(name: str, made: Lab) -> None:
    about, status, days, wanted, words = STAPLES[name]
    with stapling(made, ocsp.response(made.file(about), made.middle, status, days)) as arguments:
        for python in pythons():
            backend(python)
            code, line = ask(python, *arguments)
            assert (code, words in line) == (wanted, True), f"{python}: {line}"


@contextlib.contextmanager
def stapling(made: Lab, response: bytes) -> Iterator[tuple[str, ...]]:
    """A server that staples this, in TLS 1.2 only; the arguments to ask it for it."""
    with folder() as root:
        certificate, staple = root / "good.pem", root / "staple.der"
        certificate.write_bytes(Path(made.file("good")).read_bytes())
        staple.write_bytes(response)
        server = (
            f"server {{ listen 127.0.0.1:PORT ssl; ssl_certificate {certificate};"
            f" ssl_certificate_key {certificate};"
            f" ssl_stapling on; ssl_stapling_file {staple}; ssl_protocols TLSv1.2;"
            " location / { return 200; } }"
        )
        with nginx(server, root) as daemon:
            yield (
                "-H",
                "localhost",
                "-4",
                "-p",
                str(daemon.port),
                "--ca-cert",
                made.bundle,
                "--require-stapling",
            )


def test_a_server_that_staples_is_asked_for_old_tls_without_its_staple(made: Lab) -> None:
    with stapling(made, ocsp.response(made.file("good"), made.middle)) as arguments:
        for python in pythons():
            backend(python)
            code, line = ask(python, *arguments, "--refuse-tls", "1.2")
            assert (code, "the server still accepts TLS 1.2" in line) == (2, True), (
                f"{python}: {line}"
            )


def test_a_staple_that_our_own_wrong_clock_makes_old_is_not_the_servers_fault(made: Lab) -> None:
    faketime = need.program("faketime", "faketime")
    with stapling(made, ocsp.response(made.file("good"), made.middle)) as arguments:
        for python in pythons():
            backend(python)
            code, line = ask(python, *arguments, inside=(faketime, "-f", "+20d"))
            assert (code, "our clock is 20 d ahead of the server" in line) == (3, True), (
                f"{python}: {line}"
            )
