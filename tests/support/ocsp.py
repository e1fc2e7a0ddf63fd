"""OCSP answers about the certificates of the lab, as a server staples them."""

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseBuilder

from tests.support.lab import DAY, Issued

GOOD, REVOKED, UNKNOWN = OCSPCertStatus.GOOD, OCSPCertStatus.REVOKED, OCSPCertStatus.UNKNOWN


def response(file: str, issuer: Issued, status: OCSPCertStatus = GOOD, days: float = 7) -> bytes:
    """The issuer's signed word (DER) about the first certificate of a PEM file.

    It ends `days` from now.
    """
    now = datetime.datetime.now(datetime.UTC)
    leaf = x509.load_pem_x509_certificates(Path(file).read_bytes())[0]
    revoked = status is REVOKED
    made = (
        OCSPResponseBuilder()
        .add_response(
            leaf,
            issuer.certificate,
            hashes.SHA1(),  # RFC 5019: what every client can match
            status,
            now - 30 * DAY,
            now + days * DAY,
            now - 31 * DAY if revoked else None,
            x509.ReasonFlags.key_compromise if revoked else None,
        )
        .responder_id(x509.ocsp.OCSPResponderEncoding.NAME, issuer.certificate)
        .sign(issuer.key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)
