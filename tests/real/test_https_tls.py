"""Flawed chains, old TLS, and keys that cannot be used, on both TLS back ends of pycurl."""

import ssl
import warnings
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support.back_ends import ask, backend, pythons
from tests.support.lab import Issued, Lab, issue, lab, write
from tests.support.servers import ANSWER, answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


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
    "weak key": ("not accepted: its key is too weak (RSA 1024)", "certificate of x accepted"),
    "for clients": (
        "not accepted: it is made for clients, not for servers",
        "certificate of x accepted",
    ),
    "no authority": (
        "not accepted: its issuer No Authority is no certificate authority",
        "the issuer of a certificate in the chain is no certificate authority",
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
            for asking in ((f"-S{version}",), ("-S1",), ("--tls-min", "1.0")):
                assert ask(python, *arguments, *asking)[0] == 0
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
