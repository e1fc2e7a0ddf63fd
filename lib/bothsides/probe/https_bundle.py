"""Where this machine keeps the certificates that it trusts."""

import os
from collections.abc import Mapping

from bothsides.probe import Unable

# Debian and Ubuntu; RHEL and Fedora; older SUSE; FreeBSD; Alpine and macOS; SUSE; RHEL without links.
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
_HASHED = "/etc/ssl/certs"


def find(named: str, environment: Mapping[str, str], places: tuple[str, ...] = _PLACES) -> str:
    """The bundle file or hashed folder to trust: the one that is named, the environment's, or the system's.

    libcurl knows only some of these places and ignores SSL_CERT_FILE; where it finds none, every
    HTTPS request fails with error 77. Raises Unable with the places that were tried.
    """
    for source, path in (
        ("--ca-cert", named),
        *((name, environment.get(name, "")) for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE")),
    ):
        if path:
            if not os.access(path, os.R_OK):
                raise Unable(f"cannot read the CA bundle {path} of {source}")
            return path
    folder = environment.get("SSL_CERT_DIR", "")
    if folder and os.path.isdir(folder):
        return folder
    for path in places:
        if os.access(path, os.R_OK):
            return path
    raise Unable(f"no CA bundle: none of {', '.join(places)}; install ca-certificates or name one with --ca-cert")
