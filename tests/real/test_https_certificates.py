"""Bad certificates of every kind, on both TLS back ends of pycurl, beside what check_http and check_curl say."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from bothsides.parse.perfdata import from_perfdata
from tests.support import need, ocsp
from tests.support.daemons import folder, nginx
from tests.support.lab import Issued, Lab, issue, lab, write
from tests.support.process import HOUSE
from tests.support.servers import ANSWER, Server, answering, read_head, serving

START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bothsides.check.https.check import main; main()"

BAD = {
    "expired": (2, "the certificate expired 2 d ago"),
    "early": (2, "the certificate is not valid yet, only in 3 d"),
    "selfsigned": (2, "the certificate of good.test is self-signed"),
    "wronghost": (2, "the certificate is not for localhost but for other.test"),
    "incomplete": (
        2,
        "the server sends no intermediate certificate, and Lab Intermediate is not trusted here",
    ),
    "expiredmiddle": (2, "the intermediate certificate Stale Intermediate expired 3"),
    "soonmiddle": (1, "certificate of Short Intermediate expires in 5.5 days, below 14"),
}

PEERS = {  # exit states of check_http and check_curl 2.3.3, asked the same way; 0 is an OK for a bad certificate
    "expired": (2, 2), "early": (0, 0), "selfsigned": (0, 0), "wronghost": (0, 0),
    "incomplete": (0, 0), "expiredmiddle": (0, 0), "soonmiddle": (0, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def servers(made: Lab) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(serving(answering(ANSWER), made.file(name)))
            for name in ("good", *BAD)
        }


def pythons() -> tuple[str, ...]:
    """This Python with the wheel's OpenSSL, and the system's with Debian's GnuTLS build of pycurl."""
    return (sys.executable, "/usr/bin/python3")


def backend(python: str) -> str:
    done = subprocess.run(
        [python, "-c", "import pycurl; print(pycurl.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        need.missing(f"{python} has no pycurl: apt-get install python3-pycurl python3-nagiosplugin")
    return "GnuTLS" if "GnuTLS" in done.stdout else "OpenSSL"


def ask(python: str, *arguments: str, inside: tuple[str, ...] = ()) -> tuple[int, str]:
    command = [*inside, python, "-c", START, str(HOUSE / "lib"), *arguments]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, env=environment
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.partition("|")[0]


def test_both_back_ends_are_here() -> None:
    assert {backend(python) for python in pythons()} == {"OpenSSL", "GnuTLS"}


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("name", BAD)
def test_each_bad_certificate_has_its_state_and_words(
    name: str, python: str, servers: dict[str, Server], made: Lab
) -> None:
    backend(python)
    code, line = ask(
        python,
        "-H",
        "localhost",
        "-4",
        "-p",
        str(servers[name].port),
        "--ca-cert",
        made.bundle,
        "-C",
        "14",
    )
    assert (code, BAD[name][1] in line) == (BAD[name][0], True), line


@pytest.mark.parametrize("python", pythons())
def test_a_good_one_is_accepted_and_unknown_issuers_are_not(
    python: str, servers: dict[str, Server], made: Lab
) -> None:
    backend(python)
    arguments = ("-H", "localhost", "-4", "-p", str(servers["good"].port), "-C", "14")
    assert ask(python, *arguments, "--ca-cert", made.bundle)[0] == 0
    code, line = ask(python, *arguments)
    assert code == 2
    assert "the issuer Lab Root is not trusted here" in line or "Lab Root" in line
    assert ask(python, *arguments, "--insecure")[0] == 0


@pytest.mark.parametrize("name", BAD)
def test_what_the_peers_say_has_not_changed(name: str, servers: dict[str, Server]) -> None:
    arguments = [
        "-S",
        "-I",
        "127.0.0.1",
        "-H",
        "localhost",
        "-p",
        str(servers[name].port),
        "-C",
        "1,0",
    ]
    programs = [
        need.program(peer, "monitoring-plugins-basic") for peer in ("check_http", "check_curl")
    ]
    said = tuple(
        subprocess.run([peer, *arguments], capture_output=True, timeout=30, check=False).returncode
        for peer in programs
    )
    assert said == PEERS[name]


STAPLES = {  # about which certificate, what its issuer says and for how many days; our state and words
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
            f"server {{ listen 127.0.0.1:PORT ssl; ssl_certificate {certificate}; ssl_certificate_key {certificate};"
            f" ssl_stapling on; ssl_stapling_file {staple}; ssl_protocols TLSv1.2; location / {{ return 200; }} }}"
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


@pytest.mark.parametrize("python", pythons())
def test_our_reading_of_a_large_bundle_is_not_the_servers_time(
    python: str, servers: dict[str, Server], made: Lab, tmp_path: Path
) -> None:
    backend(python)
    large = tmp_path / "large.pem"
    large.write_text(Path(made.bundle).read_text() * 4000)
    command = [
        python,
        "-c",
        START,
        str(HOUSE / "lib"),
        "-H",
        "localhost",
        "-4",
        "-p",
        str(servers["good"].port),
    ]
    began = time.monotonic()
    done = subprocess.run(
        [*command, "--ca-cert", str(large)], capture_output=True, text=True, timeout=30, check=False
    )
    took = time.monotonic() - began
    figures = {
        figure.label: figure.value or 0.0
        for figure in from_perfdata(done.stdout.partition("|")[2].partition("\n")[0])
    }
    assert done.returncode == 0, done.stdout
    assert 0 < figures["time_tls"] < took / 4  # half of it all is the reading


def flawed(name: str, made: Lab) -> tuple[Issued, ...]:
    """A chain that is wrong in itself, or incomplete in an odd way."""
    hosts, root, middle = ("localhost",), made.root, made.middle
    another = issue("Another Intermediate", root, authority=True)
    stranger = issue("Foreign Intermediate", issue("Foreign Root", authority=True), authority=True)
    none = issue("No Authority", root)
    return {
        "weak key": (
            issue("x", middle, hosts=hosts, key=rsa.generate_private_key(65537, 1024)),
            middle,
        ),
        "for clients": (
            issue("x", middle, hosts=hosts, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
            middle,
        ),
        "no authority": (issue("x", none, hosts=hosts), none),
        "another intermediate": (issue("x", middle, hosts=hosts), another),
        "foreign": (issue("x", stranger, hosts=hosts), stranger),
        "upside down": (issue("x", middle, hosts=hosts), root, middle),
        "without a name": (issue("", middle, hosts=hosts), middle),
    }[name]


FLAWS = {  # our words with OpenSSL and with GnuTLS, which lets a weak key and a wrong purpose pass
    "weak key": ("not accepted: EE certificate key too weak", "certificate of x accepted"),
    "for clients": ("not accepted: unsuitable certificate purpose", "certificate of x accepted"),
    "no authority": (
        "not accepted: invalid CA certificate",
        "the issuer of a certificate in the chain is no authority",
    ),
    "another intermediate": (
        "sends other intermediates, but not Lab Intermediate, which is not trusted here",
    )
    * 2,
    "foreign": ("the issuer Foreign Root is not trusted here",) * 2,
    "upside down": ("certificate of x accepted",) * 2,
    "without a name": ("certificate of localhost accepted",) * 2,
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_of_a_chain_is_not_taken_for_an_unknown_issuer(
    name: str, made: Lab, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(write(tmp_path, "chain", *flawed(name, made)))
    with serving(answering(ANSWER), context=context) as server:
        for python in pythons():
            words = FLAWS[name][backend(python) == "GnuTLS"]
            code, line = ask(
                python,
                "-H",
                "localhost",
                "-4",
                "-p",
                str(server.port),
                "--ca-cert",
                made.bundle,
                "-C",
                "1",
            )
            assert (code, words in line) == (
                0 if words.startswith("certificate of") else 2,
                True,
            ), f"{python}: {line}"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_old_device_can_be_asked_for_the_old_tls_that_it_speaks(version: str, made: Lab) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(made.file("good"))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion[
            f"TLSv{version.replace('.0', '').replace('.', '_')}"
        ]
    with serving(answering(ANSWER), context=old) as server:
        for python in pythons():
            backend(python)
            arguments = ("-H", "localhost", "-4", "-p", str(server.port), "--ca-cert", made.bundle)
            assert ask(python, *arguments, f"-S{version}")[0] == 0
            code, line = ask(python, *arguments, "-S1.2+")
            assert (code, "the TLS handshake was refused" in line) == (2, True), f"{python}: {line}"


def test_a_key_that_cannot_be_used_and_a_source_that_we_lack_are_our_own_fault(
    made: Lab, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.pem"
    pem = Path(made.file("good")).read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    sealed = serialization.BestAvailableEncryption(b"secret")
    locked.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)
    )
    with serving(answering(ANSWER), made.file("good")) as server:
        arguments = ("-H", "localhost", "-4", "-p", str(server.port), "--ca-cert", made.bundle)
        for python in pythons():
            backend(python)
            code, line = ask(python, *arguments, "-J", made.file("good"), "-K", str(locked))
            assert (code, "cannot use the client certificate or key" in line) == (3, True), (
                f"{python}: {line}"
            )
            for source in ("192.0.2.1", "nowhere0"):
                code, line = ask(python, *arguments, "--source", source)
                assert (code, "no way out to" in line) == (3, True), f"{python}: {line}"


def test_an_http_2_stream_that_breaks_off_is_the_servers_fault_and_no_handshake(made: Lab) -> None:
    with folder() as root:
        certificate = root / "good.pem"
        certificate.write_bytes(Path(made.file("good")).read_bytes())
        server = (
            f"server {{ listen 127.0.0.1:PORT ssl http2; ssl_certificate {certificate}; ssl_certificate_key {certificate};"
            " location / { return 444; } }"  # nginx's own number for ending without an answer
        )
        with nginx(server, root) as daemon:
            for python in pythons():
                backend(python)
                code, line = ask(
                    python,
                    "-H",
                    "localhost",
                    "-4",
                    "-p",
                    str(daemon.port),
                    "--ca-cert",
                    made.bundle,
                )
                assert (code, "the HTTP/2 exchange broke off" in line) == (2, True), (
                    f"{python}: {line}"
                )


def test_a_body_whose_end_nothing_tells_may_be_cut_off_and_a_head_is_not_an_answer(
    made: Lab,
) -> None:
    def talk(client: socket.socket) -> None:
        head = read_head(client)
        client.sendall(
            b"HTTP/1.1 200 OK\r\nServer: old" + (b"" if b"/head" in head else b"\r\n\r\nhello\n")
        )
        client.shutdown(socket.SHUT_WR)  # TCP's goodbye, without TLS's

    with serving(talk, made.file("good")) as server:
        arguments = ("-H", "localhost", "-4", "-p", str(server.port), "--ca-cert", made.bundle)
        for python in pythons():
            backend(python)
            code, line = ask(python, *arguments, "-s", "hello")
            assert (code, "TLS ended without close_notify" in line) == (1, True), (
                f"{python}: {line}"
            )
            assert ask(python, *arguments, "-s", "goodbye")[0] == 2
            assert ask(python, *arguments, "--state", "close=ok")[0] == 0
            code, line = ask(python, *arguments, "-u", "/head")
            assert (code, "the answer ended too early" in line) == (2, True), f"{python}: {line}"
