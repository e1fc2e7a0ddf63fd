"""What is sent and what is trusted, as options of libcurl."""

import os

from bothsides.base.curl import Curl, library
from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Iterator, Mapping
from bothsides.model.https import HttpVersion, Login, Request, Setting, Settings, TlsVersion, Trust
from bothsides.probe.https.ca_bundle import find

_HTTP3 = 1 << 25  # CURL_VERSION_HTTP3 in the features of curl_version_info(3)
_HTTP3_ONLY = 31  # CURL_HTTP_VERSION_3ONLY; plain 3 would silently fall back to HTTP/2
_OLD_TLS = ("1.0", "1.1")


def settings(request: Request, trust: Trust, environment: Mapping[str, str]) -> Settings:
    """Options by name, the same for every transfer of a run.

    Raises Unable for a file that cannot be read.
    """
    return (*_asking(request), *_trusting(trust, environment))


def redirected_request(request: Request, code: int) -> Request:
    """What to ask after a redirect.

    301, 302 and 303 turn a POST into a GET, as in libcurl and browsers.
    """
    request = request._replace(target="")
    if code not in (301, 302, 303) or request.method != "POST":
        return request
    return request._replace(method="", body=None, content_type="")


def for_strangers(request: Request, trust: Trust) -> tuple[Request, Trust]:
    """The same for another scheme, host or port, without what the first one alone may get."""
    if request.body is not None:
        request = request._replace(method="", body=None, content_type="")
    request = request._replace(headers=(), host="", authorization=Secret(""))
    return request, trust._replace(certificate="", key="")


def _asking(request: Request) -> Iterator[Setting]:
    if request.cookies:
        _jar(request.cookies)
    yield "USERAGENT", request.agent
    yield "HTTPHEADER", list(_headers(request))
    if request.no_body or (
        request.method and not (request.body is not None and request.method == "POST")
    ):
        yield "CUSTOMREQUEST", request.method or "GET"
    if request.http_version:
        yield "HTTP_VERSION", _http_version(request.http_version)
    # With Negotiate the ticket says who we are; libcurl only wants to see that there is a login.
    login = str(request.proxy_authorization) or (":" if request.proxy_auth == "negotiate" else "")
    bodiless = (request.no_body and request.body is None) or request.method == "HEAD"
    given: tuple[tuple[str, str | int | None], ...] = (
        ("POSTFIELDS", None if request.body is None else str(request.body)),
        ("NOBODY", 1 if bodiless else None),
        ("USERPWD", str(request.authorization) or None),
        ("PROXYUSERPWD", login or None),
        ("PROXYAUTH", auth(request.proxy_auth) if login else None),
        ("ACCEPT_ENCODING", "" if request.decompress else None),
        ("HAPROXYPROTOCOL", 1 if request.haproxy else None),
        ("COOKIEFILE", request.cookies or None),
        ("COOKIEJAR", request.cookies or None),
        ("INTERFACE", request.source or None),
        ("REQUEST_TARGET", request.target or None),
    )
    yield from ((name, value) for name, value in given if value is not None)


def _jar(path: str) -> None:
    """Refuses a cookie jar that libcurl would wait for, print to stdout, or silently do without."""
    folder = os.path.dirname(path) or "."
    if path == "-" or (os.path.exists(path) and not _readable(path)):
        raise Unable(f"cannot read the cookie jar {path}: it must be a file that is ours to read")
    if not os.path.exists(path) and not os.access(folder, os.W_OK):
        raise Unable(f"cannot make the cookie jar {path}: {folder} is not ours to write")
    from bothsides.base.write import own  # most runs have no jar

    try:
        os.close(own(path))  # libcurl keeps owner and mode of what is there
    except OSError as fault:
        raise Unable(f"cannot write the cookie jar {path}: {fault.strerror}") from None


def auth(kind: Login) -> int:
    """libcurl's bits for a kind of login.

    One that is left open costs one more round trip, but never sends Basic where Digest would do.
    """
    curl = library()
    kinds = {
        "basic": curl.HTTPAUTH_BASIC,
        "digest": curl.HTTPAUTH_DIGEST,
        "negotiate": curl.HTTPAUTH_GSSNEGOTIATE,
    }
    return int(kinds.get(kind, curl.HTTPAUTH_ANY))


def _headers(request: Request) -> Iterator[str]:
    yield from (str(header) for header in request.headers)
    if request.host:
        yield f"Host: {request.host}"
    if request.content_type:
        yield f"Content-Type: {request.content_type}"
    if request.target and request.proxy_authorization:
        # A machine that is asked like a proxy gets a proxy's login.
        from base64 import b64encode

        login = b64encode(request.proxy_authorization.encode()).decode()
        yield f"Proxy-Authorization: Basic {login}"
    if request.body is not None:
        yield "Expect:"  # no pause for a 100 Continue that many servers never send


def _http_version(version: HttpVersion) -> int:
    curl = library()
    if version == "3":
        if not curl.version_info()[4] & _HTTP3:
            raise Unable(
                f"libcurl {curl.version_info()[1]} of this pycurl speaks no HTTP/3; "
                "pip install pycurl brings one that does"
            )
        return _HTTP3_ONLY
    if version in ("2", "2.0"):
        return int(curl.CURL_HTTP_VERSION_2TLS)
    return int(curl.CURL_HTTP_VERSION_1_0 if version == "1.0" else curl.CURL_HTTP_VERSION_1_1)


def _trusting(trust: Trust, environment: Mapping[str, str]) -> Iterator[Setting]:
    curl = library()
    if trust.verify:
        bundle = find(trust.bundle, environment, lookup="OpenSSL" in curl.version)
        kind = "CAPATH" if os.path.isdir(bundle) else "CAINFO"
        yield kind, bundle
        yield f"PROXY_{kind}", bundle  # for proxies that are spoken to by TLS
    else:
        yield "SSL_VERIFYPEER", 0
        yield "SSL_VERIFYHOST", 0
    if trust.tls_min or trust.tls_max:
        yield "SSLVERSION", _tls_versions(curl, trust)
    if trust.tls_min in _OLD_TLS or trust.tls_max in _OLD_TLS:
        yield from _lax(curl)
    yield from _files(curl, trust)
    if trust.stapling:
        yield "SSL_VERIFYSTATUS", 1


def _files(curl: Curl, trust: Trust) -> Iterator[Setting]:
    """Our own certificate with its key, and revocation lists."""
    for name, path in (("SSLCERT", trust.certificate), ("SSLKEY", trust.key)):
        if path:
            if not _readable(path):
                what = "certificate" if name == "SSLCERT" else "key"
                raise Unable(f"cannot read the client {what} {path}")
            yield name, path
    if trust.key and "OpenSSL" in curl.version:
        # It would ask the terminal for that of an encrypted key, for as long as it takes.
        yield "KEYPASSWD", ""
    if trust.crl:
        if not _readable(trust.crl):
            raise Unable(f"cannot read the revocation list {trust.crl} of --crl")
        yield "CRLFILE", trust.crl


def _readable(path: str) -> bool:
    """Whether it is a file, and ours to read.

    libcurl would wait for a pipe's writer while no signal can strike.
    """
    return os.path.isfile(path) and os.access(path, os.R_OK)


def _tls_versions(curl: Curl, trust: Trust) -> int:
    bits = getattr(curl, "SSLVERSION_TLSv" + (trust.tls_min or "1.0").replace(".", "_"))
    if trust.tls_max:
        bits |= getattr(curl, "SSLVERSION_MAX_TLSv" + trust.tls_max.replace(".", "_"))
    return int(bits)


def _lax(curl: Curl) -> Iterator[Setting]:
    """What old TLS needs: OpenSSL 3 has none of it at its usual security level.

    SSL_CTX_set_security_level(3).
    """
    if "OpenSSL" in curl.version:
        yield "SSL_CIPHER_LIST", "DEFAULT:@SECLEVEL=0"


def unverified(chosen: Settings) -> Settings:
    """The same options, but every certificate will do: for questions about a failure."""
    return (*_lenient(chosen), ("CUSTOMREQUEST", "HEAD"), ("NOBODY", 1))


def stapled(chosen: Settings) -> Settings:
    """The same options, but a good OCSP answer must be stapled."""
    return (*chosen, ("SSL_VERIFYSTATUS", 1))


def tls_only(chosen: Settings, version: TlsVersion) -> Settings:
    """The same options, but one TLS version alone, and nothing that we would refuse ourselves."""
    curl = library()
    versions = _tls_versions(curl, Trust(tls_min=version, tls_max=version))
    return (*_lenient(chosen), ("SSLVERSION", versions), *_lax(curl))


def _lenient(chosen: Settings) -> Settings:
    """The same options, but without verifying the certificate, nor what is stapled to it."""
    asked = (option for option in chosen if option[0] != "SSL_VERIFYSTATUS")
    return (*asked, ("SSL_VERIFYPEER", 0), ("SSL_VERIFYHOST", 0))
