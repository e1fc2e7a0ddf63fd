"""A certificate authority for the tests: good certificates, and bad ones of every kind."""

import datetime
import ipaddress
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Issued(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key as PEM, not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    hosts: tuple[str, ...] = (),
    days: float = 90,
    starts: float = -10,
    authority: bool = False,
    key: Key | None = None,
    purposes: tuple[x509.ObjectIdentifier, ...] = (
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    ),
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    alternatives: bool = True,
    path_length: int | None = None,
) -> Issued:
    """A certificate that is valid from `starts` to `days` from now.

    self-signed without an issuer, without subject for "".

    extra: further extensions, and whether each is critical; alternatives: whether it names its
    hosts.
    """
    key = key or ec.generate_private_key(ec.SECP256R1())
    parts = ((NameOID.ORGANIZATION_NAME, "Lab"), (NameOID.COMMON_NAME, name)) if name else ()
    subject = x509.Name([x509.NameAttribute(kind, part) for kind, part in parts])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if authority:
        builder = builder.add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False), critical=True
        )
    else:
        names = [
            x509.IPAddress(ipaddress.ip_address(h)) if h[0].isdigit() else x509.DNSName(h)
            for h in hosts or (name,)
        ]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not name)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    signer = issuer.key if issuer else key
    if issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def write(folder: Path, name: str, leaf: Issued, *chain: Issued) -> Path:
    """Writes NAME.pem with key, leaf and chain, as `ssl.load_cert_chain` and nginx take it."""
    path = folder / f"{name}.pem"
    path.write_bytes(leaf.key_pem + leaf.pem + b"".join(one.pem for one in chain))
    path.chmod(0o600)
    return path


class Lab(NamedTuple):
    """A root that the tests trust, an intermediate under it, and a folder with certificates by
    name.

    good, expired, early (not valid yet), selfsigned, wronghost, incomplete (no intermediate sent),
    expiredmiddle and soonmiddle (an intermediate expired or with 5 days left), soon (5 days left).
    """

    folder: Path
    root: Issued
    middle: Issued

    @property
    def bundle(self) -> str:
        """The file to trust."""
        return str(self.folder / "ca.pem")

    def file(self, name: str) -> str:
        """The certificate of that name, with key and chain."""
        return str(self.folder / f"{name}.pem")


def lab(folder: Path) -> Lab:
    """Makes them all for localhost, 127.0.0.1, ::1 and good.test."""
    hosts = ("localhost", "127.0.0.1", "good.test", "127.0.0.2")
    root = issue("Lab Root", authority=True, days=3650)
    middle = issue("Lab Intermediate", root, authority=True, days=1000)
    (folder / "ca.pem").write_bytes(root.pem)
    write(folder, "good", issue("good.test", middle, hosts=hosts), middle)
    write(folder, "soon", issue("good.test", middle, hosts=hosts, days=5.5), middle)
    write(folder, "expired", issue("good.test", middle, hosts=hosts, days=-2), middle)
    write(folder, "early", issue("good.test", middle, hosts=hosts, starts=3), middle)
    write(folder, "selfsigned", issue("good.test", hosts=hosts))
    write(folder, "wronghost", issue("other.test", middle), middle)
    write(folder, "incomplete", issue("good.test", middle, hosts=hosts))
    stale = issue("Stale Intermediate", root, authority=True, days=-3, starts=-400)
    write(folder, "expiredmiddle", issue("good.test", stale, hosts=hosts), stale)
    short = issue("Short Intermediate", root, authority=True, days=5.5)
    write(folder, "soonmiddle", issue("good.test", short, hosts=hosts), short)
    return Lab(folder, root, middle)
