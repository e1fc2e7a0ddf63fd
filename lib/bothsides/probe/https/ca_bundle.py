"""Where this machine keeps the certificates that it trusts."""

import os

from bothsides.base.errors import Unable
from bothsides.base.types import Mapping

# Debian and Ubuntu; RHEL and Fedora; older SUSE; FreeBSD; Alpine and macOS; SUSE; RHEL without
# links.
_PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/usr/share/ssl/certs/ca-bundle.crt",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
# One certificate a file, named by the hash of its subject, as `openssl rehash` makes such folders.
_FOLDERS = ("/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash")


def find(
    named: str,
    environment: Mapping[str, str],
    places: tuple[str, ...] = _PLACES,
    lookup: bool = False,
) -> str:
    """The bundle file or hashed folder to trust: the named one, the environment's, or the system's.

    libcurl knows only some of these places and ignores SSL_CERT_FILE; where it finds none, every
    HTTPS request fails with error 77. lookup: whether the TLS library finds single certificates in
    a folder with hashed names, as OpenSSL does. Raises Unable with the places that were tried, and
    for one that holds nothing: GnuTLS would take that for trust in nobody, and blame every server.
    """
    variables = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "SSL_CERT_DIR")
    for source, path in (("--ca-cert", named), *((v, environment.get(v, "")) for v in variables)):
        folder = os.path.isdir(path)
        if not path or (source == "SSL_CERT_DIR" and not folder):
            continue
        # A pipe may never end.
        if not os.access(path, os.R_OK) or not (os.path.isfile(path) or folder):
            raise Unable(f"cannot read the CA bundle {path} of {source}")
        return _best(path, f"the CA bundle {path} of {source}", lookup and path in places)
    for path in places:
        if os.access(path, os.R_OK):
            return _best(path, f"the system's CA bundle {path}", lookup)
    raise Unable(
        f"no CA bundle: none of {', '.join(places)}; "
        "install ca-certificates or name one with --ca-cert"
    )


def _best(path: str, about: str, lookup: bool) -> str:
    many = certificates(path)
    if not many:
        raise Unable(f"{about} holds no certificate")
    return hashed(path, many) if lookup else path


def certificates(path: str) -> int:
    """How many certificates a PEM file holds, or a folder under hashed names.

    0 where it cannot be read.
    """
    try:
        if os.path.isdir(path):
            return sum(1 for name in os.listdir(path) if name[8:9] == "." and name[9:].isdigit())
        with open(path, "rb") as file:
            return file.read().count(b"CERTIFICATE-----") // 2  # each begins and ends with that
    except OSError:
        return 0


def hashed(bundle: str, wanted: int, folders: tuple[str, ...] = _FOLDERS) -> str:
    """The folder that holds all of a system bundle under hashed names, or the bundle itself.

    OpenSSL looks up the one issuer that it needs there; parsing all of a bundle costs every run
    4 ms of CPU, a tenth of the whole. A folder with fewer certificates than `wanted` is not used.
    """
    return next((folder for folder in folders if certificates(folder) >= wanted), bundle)
