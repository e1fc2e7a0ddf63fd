"""Forty kinds of certificates: state and sentence of each, as reviewed one by one."""

import datetime
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from tests.support.forked import run
from tests.support.lab import DAY, Issued, issue, write
from tests.support.servers import ANSWER, answering, serving

HOST = "localhost"
ROOT = issue("Lab Root", authority=True, days=3650)
MIDDLE = issue("Lab Intermediate", ROOT, authority=True, days=1000)
FOREIGN = issue("Foreign Root", authority=True)


class Kind(NamedTuple):
    """A chain that a server sends, and what check_https says of it."""

    chain: Callable[[], tuple[Issued, ...]]
    code: int
    words: str
    arguments: tuple[str, ...] = ()
    trusted: Callable[[], tuple[Issued, ...]] = lambda: (ROOT,)
    revoked: Callable[[Issued], bytes] | None = None  # the file of --crl, of the leaf


def leaf(issuer: Issued = MIDDLE, name: str = HOST, **how: object) -> Issued:
    """A certificate for localhost, whatever its common name."""
    return issue(name, issuer, **{"hosts": (HOST,), **how})  # type: ignore[arg-type]


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def middle(issuer: Issued = ROOT, name: str = "Lab Intermediate", **how: object) -> Issued:
    return issue(name, issuer, authority=True, **how)  # type: ignore[arg-type]


def under(issuer: Issued, **how: object) -> tuple[Issued, ...]:
    return leaf(issuer, **how), issuer  # type: ignore[arg-type]


def constrained(**subtrees: list[x509.GeneralName]) -> Issued:
    constraints = x509.NameConstraints(subtrees.get("permitted"), subtrees.get("excluded"))
    return middle(extra=((constraints, True),))


def crl(issuer: Issued, *revoked: Issued, days: float = 7) -> bytes:
    """A revocation list as PEM."""
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - 20 * DAY)
        .next_update(now + days * DAY)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(now - DAY).build())
    made = builder.sign(issuer.key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def cross_signed() -> tuple[Issued, ...]:
    """The root, signed once more by another that has expired: nobody needs that."""
    old = issue("Old Root", authority=True, starts=-4000, days=-50)
    return (
        leaf(),
        MIDDLE,
        issue("Lab Root", old, authority=True, key=ROOT.key, starts=-900, days=-50),
    )


OCSP = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP,
                            x509.UniformResourceIdentifier("http://ocsp.test/"))]
)  # fmt: skip
MUST_STAPLE = x509.TLSFeature([x509.TLSFeatureType.status_request])
OWN = issue(HOST, hosts=(HOST,))
STALE = issue("Stale Root", authority=True, starts=-4000, days=-1)
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
ACCEPTED = "certificate of localhost accepted"
AGE = ("-C", "14,7")
KINDS = {
    # accepted
    "as it should be": Kind(lambda: under(MIDDLE), 0, ACCEPTED),
    "RSA 2048": Kind(lambda: under(MIDDLE, key=rsa_key(2048)), 0, ACCEPTED),
    "P-384": Kind(lambda: under(MIDDLE, key=ec.generate_private_key(ec.SECP384R1())), 0, ACCEPTED),
    "under the root": Kind(lambda: (leaf(ROOT),), 0, ACCEPTED),
    "with the root": Kind(lambda: (*under(MIDDLE), ROOT), 0, ACCEPTED),
    "upside down": Kind(lambda: (leaf(), ROOT, MIDDLE), 0, ACCEPTED),
    "an unrelated one too": Kind(lambda: (*under(MIDDLE), FOREIGN), 0, ACCEPTED),
    "two intermediates": Kind(lambda: two_intermediates(), 0, ACCEPTED),
    "wildcard": Kind(lambda: under(MIDDLE, hosts=("*.sub.test", HOST)), 0, ACCEPTED),
    "many names": Kind(lambda: under(MIDDLE, hosts=(*(f"h{n}.test" for n in range(99)), HOST)), 0,
                       ACCEPTED),
    "without a subject": Kind(lambda: (issue("", MIDDLE, hosts=(HOST,)), MIDDLE), 0, ACCEPTED),
    "self-signed and trusted": Kind(lambda: (OWN,), 0, ACCEPTED, trusted=lambda: (OWN,)),
    "an OCSP address": Kind(lambda: under(MIDDLE, extra=((OCSP, False),)), 0, ACCEPTED),
    "for a client as well": Kind(lambda: under(MIDDLE), 0, ACCEPTED),
    "permitted name": Kind(lambda: under(constrained(permitted=[x509.DNSName(HOST)])), 0, ACCEPTED),
    "on no list": Kind(lambda: under(MIDDLE), 0, ACCEPTED,
                       revoked=lambda _: crl(MIDDLE) + crl(ROOT)),
    # accepted, with a remark
    "an expired extra": Kind(cross_signed, 0, "the server also sends Lab Root, expired 50"),
    "CN alone": Kind(lambda: under(MIDDLE, alternatives=False), 0,
                     "names its host in the common name alone: browsers refuse it"),
    "must-staple without": Kind(lambda: under(MIDDLE, extra=((MUST_STAPLE, False),)), 0,
                                "an OCSP answer is stapled (must-staple), and none is"),
    # dates
    "soon": Kind(lambda: under(MIDDLE, days=10.5), 1, "expires in 10.5 days, below 14 days", AGE),
    "very soon": Kind(lambda: under(MIDDLE, days=5.5), 2, "expires in 5.5 days, below 7 days", AGE),
    "soon, in the middle": Kind(lambda: under(middle(days=5.5)), 2,
                                "certificate of Lab Intermediate expires in 5.5 days", AGE),
    "expired": Kind(lambda: under(MIDDLE, days=-2), 2, "the certificate expired 2 d ago"),
    "not yet valid": Kind(lambda: under(MIDDLE, starts=3), 2,
                          "the certificate is not valid yet: it begins in 3 d"),
    "expired in the middle": Kind(lambda: under(middle(days=-3)), 2,
                                  "the intermediate certificate Lab Intermediate expired 3 d ago"),
    "our root has expired": Kind(lambda: under(middle(STALE)), 3,
                                 "the root Stale Root in our own CA bundle has expired",
                                 trusted=lambda: (STALE,)),
    # names
    "another name": Kind(lambda: under(MIDDLE, name="other.test", hosts=("other.test",)), 2,
                         "the certificate is not for localhost but for other.test"),
    "CN fits, the others do not": Kind(lambda: under(MIDDLE, hosts=("a.test", "b.test")), 2,
                                       "is not for localhost but for a.test, b.test"),
    "an address": Kind(lambda: under(MIDDLE, name="x", hosts=("192.0.2.1",)), 2,
                       "is not for localhost but for 192.0.2.1"),
    "another name, an expired extra": Kind(
        lambda: (leaf(hosts=("a.test",)), *cross_signed()[1:]), 2,
        "the certificate is not for localhost but for a.test", AGE),
    # issuers
    "self-signed": Kind(lambda: (issue(HOST, hosts=(HOST,)),), 2,
                        "the certificate of localhost is self-signed"),
    "self-signed and expired": Kind(lambda: (issue(HOST, hosts=(HOST,), days=-2),), 2,
                                    "the certificate of localhost is self-signed"),
    "a foreign root": Kind(lambda: (*under(middle(FOREIGN, "Foreign")), FOREIGN), 2,
                           "the issuer Foreign Root is not trusted here"),
    "a foreign root, not sent": Kind(lambda: under(middle(FOREIGN, "Foreign")), 2,
                                     "the issuer Foreign Root is not trusted here"),
    "no intermediate": Kind(lambda: (leaf(),), 2,
                            "no intermediate certificate is sent, and Lab Intermediate"),
    "directly under a private root": Kind(lambda: (leaf(FOREIGN),), 2,
                                          "Foreign Root is not trusted here (a private root?),"
                                          " see"),
    "other intermediates": Kind(lambda: (leaf(), middle(name="Another")), 2,
                                "sends other intermediates, but not Lab Intermediate"),
    "intermediate re-keyed": Kind(lambda: (leaf(), middle()), 2,
                                  "the intermediate Lab Intermediate does not fit: another key"),
    # flaws
    "RSA 1024": Kind(lambda: under(MIDDLE, key=rsa_key(1024)), 2, "its key is too weak (RSA 1024)"),
    "issuer with RSA 1024": Kind(lambda: under(middle(key=rsa_key(1024))), 2,
                                 "the key of its issuer is too weak"),
    "a client's": Kind(lambda: under(MIDDLE, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,)), 2,
                       "it is made for clients, not for servers"),
    "issuer is none": Kind(lambda: under(issue("No Authority", ROOT)), 2,
                           "its issuer No Authority is no certificate authority"),
    "name not permitted": Kind(lambda: under(constrained(permitted=[x509.DNSName("a.test")])), 2,
                               "its authority may not sign this name (name constraints)"),
    "name excluded": Kind(lambda: under(constrained(excluded=[x509.DNSName(HOST)])), 2,
                          "its authority may not sign this name (name constraints)"),
    "path too long": Kind(lambda: too_long(), 2, "its chain is longer than its authority allows"),
    "unknown critical extension": Kind(lambda: under(MIDDLE, extra=((UNKNOWN, True),)), 2,
                                       "it has an unknown critical extension"),
    # revocation
    "revoked by a list": Kind(lambda: under(MIDDLE), 2, "the certificate is revoked by its issuer",
                              revoked=lambda one: crl(MIDDLE, one) + crl(ROOT)),
    "no list of the root": Kind(lambda: under(MIDDLE), 3,
                                "the file of --crl has no list of Lab Intermediate and Lab Root",
                                revoked=lambda _: crl(MIDDLE)),
    "an old list": Kind(lambda: under(MIDDLE), 3, "the list of --crl has expired",
                        revoked=lambda _: crl(MIDDLE, days=-1) + crl(ROOT)),
}  # fmt: skip


def two_intermediates() -> tuple[Issued, ...]:
    upper = middle(name="Upper")
    return (*under(middle(upper, "Lower")), upper)


def too_long() -> tuple[Issued, ...]:
    upper = middle(name="Upper", path_length=0)
    return (*under(middle(upper, "Lower")), upper)


def said(kind: Kind, folder: Path) -> tuple[int, str]:
    """Exit code and text about a server that sends the chain."""
    chain = kind.chain()
    bundle, context = folder / "ca.pem", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    bundle.write_bytes(b"".join(one.pem for one in kind.trusted()))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(write(folder, "chain", *chain))
    arguments = list(kind.arguments or ("-C", "1"))
    if kind.revoked is not None:
        (folder / "crl.pem").write_bytes(kind.revoked(chain[0]))
        arguments += ["--crl", str(folder / "crl.pem")]
    with serving(answering(ANSWER), context=context) as server:
        where = ("-H", HOST, "-4", "-p", str(server.port), "--ca-cert", str(bundle))
        done = run("check_https", *where, *arguments)
    return done.code, done.text


def test_with_a_wrong_name_an_expired_extra_certificate_is_a_remark_alone(tmp_path: Path) -> None:
    _, text = said(KINDS["another name, an expired extra"], tmp_path)
    assert text.count("[CRITICAL]") == 0, text
    assert "expired" not in text, text


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_certificate_has_its_state_and_sentence(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    code, text = said(kind, tmp_path)
    assert (code, kind.words in text) == (kind.code, True), text


def test_there_are_forty_of_them() -> None:
    assert len(KINDS) >= 40
