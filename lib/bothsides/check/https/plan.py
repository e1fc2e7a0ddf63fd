"""From check_https's options to what is asked of whom."""

from bothsides.base.errors import Misuse, Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Mapping
from bothsides.check.https.options import ANY_TLS
from bothsides.model.https import Plan, Request, Route, TlsVersion, Trust
from bothsides.parse.target import from_target
from bothsides.parse.url import PORTS, Url, bracketed, from_authority, from_url
from bothsides.plugin.parser import Namespace, family_of

_TLS: Mapping[str, TlsVersion] = {"1.0": "1.0", "1.1": "1.1", "1.2": "1.2", "1.3": "1.3"}


def plan(options: Namespace, limits: object) -> Plan:
    """What to ask, from the options. The limits change nothing in how a server is asked.

    Misuse and Unreadable say what is wrong with the options.
    """
    urls, address, host = _targets(options)
    if options.body_figures and len(urls) > 1:
        raise Misuse(f"-o reads one body, and there are {len(urls)} URLs")
    proxy, login = _proxy(options.proxy)
    if _tunnel(options)[0]:
        proxy, address, host = _through(options, urls, address, host)
    last = (options.repeat - 1) * options.interval
    if last >= options.timeout:
        begins = f"--repeat and --interval begin the last try after {last:g} s"
        raise Misuse(f"{begins}, but -t ends all after {options.timeout:g} s")
    return Plan(
        urls=urls,
        route=Route(
            family=family_of(options),
            address=address,
            proxy=proxy,
            exempt=options.noproxy,
            canary=options.dns_canary,
            suspicious=not options.no_dns_canary,
        ),
        request=_request(options, host, login),
        trust=_trust(options),
        follow=options.onredirect,
        most_redirects=options.max_redirs,
        every_address=options.all_addresses is not None,
        parallel=options.parallel or 4,
        repeat=options.repeat,
        interval=options.interval,
        refuse=tuple(options.refuse_tls),
    )


def _proxy(named: str | None) -> tuple[str | None, Secret]:
    """The proxy that is named, and the login in its URL.

    "" for none at all, None for the environment's.
    """
    if not named or named == "none":
        return None if named is None else "", Secret("")
    from bothsides.probe.https.proxy import bare, login

    return bare(str(named)), login(named)


def _request(options: Namespace, host: str, login: Secret) -> Request:
    posted = options.post is not None
    return Request(
        method=_tunnel(options)[1] or ("POST" if posted else ""),
        body=Secret(options.post) if posted else None,
        content_type=options.content_type,
        headers=tuple(_header(str(header)) for header in options.header),
        agent=Request().agent if options.useragent is None else options.useragent,
        host=host,
        no_body=options.no_body,
        http_version=options.http_version,
        authorization=secret(options.authorization, "--authorization"),
        proxy_authorization=secret(options.proxy_authorization, "--proxy-authorization") or login,
        proxy_auth=options.proxy_auth,
        decompress=options.enable_automatic_decompression,
        haproxy=options.haproxy_protocol,
        cookies=options.cookie_jar,
        certificate_only=options.certificate is not None and not options.continue_after_certificate,
        source=options.source,
        keep=0 if options.no_body else options.max_body,
        target=_absolute(options),
    )


def _header(text: str) -> Secret:
    """One header; its value may be a secret, so that no mistake is printed."""
    name, colon, _ = text.partition(":")
    if not (colon or text.endswith(";")) or not _is_token(name.rstrip(";")) or not _one_line(text):
        raise Misuse("-k: write a header as NAME: VALUE, in one line")
    return Secret(text)


def _is_token(text: str) -> bool:
    """Whether the text can be a method or the name of a header (RFC 9110 section 5.6.2)."""
    return bool(text) and all("!" <= c <= "~" and c not in '"(),/:;<=>?@[\\]{}' for c in text)


def _one_line(text: str) -> bool:
    return not any(c in text for c in "\r\n\0")


def _tunnel(options: Namespace) -> tuple[bool, str]:
    """Whether -j asks for a tunnel first (CONNECT or CONNECT:METHOD), and the method.

    Methods are case-sensitive (RFC 9110 section 9.1).
    """
    first, separator, second = options.method.partition(":")
    if not all(_is_token(word) for word in (first, second) if word):
        raise Misuse(f"-j {options.method}: a method is one word, as GET or PURGE")
    if first == "CONNECT":
        return True, second
    return False, first + separator + second


def _through(
    options: Namespace, urls: tuple[Url, ...], address: str, host: str
) -> tuple[str, str, str]:
    """-j CONNECT as check_http has it: -I and -p name the proxy, -u or -H the target.

    The proxy, what to connect to instead of the target (nothing), and the Host header.
    """
    if options.proxy or not address or len(urls) != 1 or not _whole(options.path or ""):
        raise Misuse("-j CONNECT: name the proxy with -I and -p, and the target with -u")
    port = options.port or PORTS[urls[0].scheme]
    return f"http://{bracketed(address)}:{port}", "", host


def _trust(options: Namespace) -> Trust:
    least, most = options.tls_min, options.tls_max
    for version in options.ssl or ():  # a bare -S beside another one adds nothing
        if version != ANY_TLS:
            least, most = _versions(version)
    if least and most and least > most:
        raise Misuse(f"TLS {least} at least and {most} at most exclude each other")
    if options.client_cert and not options.private_key:
        raise Misuse("a client certificate (-J) needs its key (-K)")
    return Trust(
        verify=not options.insecure,
        bundle=options.ca_cert,
        certificate=options.client_cert,
        key=options.private_key,
        tls_min=least,
        tls_max=most,
        stapling=options.require_stapling,
        crl=options.crl,
    )


def _versions(text: str) -> tuple[TlsVersion, TlsVersion]:
    """-S1.2 is exactly 1.2, -S1.2+ is 1.2 and newer, -S1 is any TLS.

    So are -S2+ and -S3+: SSL, or newer.
    """
    bare = text.removesuffix("+")
    if bare == "1" or text in ("2+", "3+"):
        return "1.0", ""
    if bare in ("2", "3"):
        raise Misuse(f"SSL {bare} is spoken nowhere any more; write -S1.2 or -S1.2+")
    version = _TLS.get(bare)
    if version is None:
        remedy = "write 1.0, 1.1, 1.2 or 1.3, with + for newer ones too"
        raise Misuse(f"unknown TLS version {text[:20]}; {remedy}")
    return version, "" if text.endswith("+") else version


def secret(text: str | None, option: str) -> Secret:
    """A secret as it stands, from @FILE (its first line), or from env:NAME."""
    if text is None or not text.startswith(("@", "env:")):
        return Secret(text or "")
    from bothsides.base import files  # most runs name none

    if text.startswith("@"):
        return files.secret(text[1:])
    value = files.secret_from(variable=text[4:])
    if value is None:
        raise Unable(f"{option}: there is no environment variable {text[4:][:60]}")
    return value


def _targets(options: Namespace) -> tuple[tuple[Url, ...], str, str]:
    """URLs, what to connect to instead, and a Host header that differs from the URL's authority."""
    if options.plain and options.ssl:
        raise Misuse("--plain and -S exclude each other")
    words = list(options.arguments)
    number = next((word for word in words if word.isdigit()), "")
    if number and options.all_addresses == "all":
        raise Misuse(f"a number belongs to its option: write --all-addresses={number[:10]}")
    urls = (*(from_url(word) for word in words if "://" in word), *_listed(options.urls))
    loose = [word for word in words if "://" not in word]
    if urls:
        if loose:
            raise Misuse(f"one argument too many: {loose[0][:60]}")
        _at_odds(options, urls)
        if options.port:
            urls = (urls[0]._replace(port=options.port),)
        return urls, _host(options.address or ""), options.hostname or ""
    if _whole(options.path or "") and not options.hostname and not options.address and not loose:
        return (from_url(options.path),), "", ""
    return _parts(options, loose)


def _at_odds(options: Namespace, urls: tuple[Url, ...]) -> None:
    """Options that say once more what stands in a whole URL: neither may be silently dropped."""
    if options.path:
        raise Misuse("-u beside a whole URL: write the path into the URL")
    if options.port and len(urls) > 1:
        raise Misuse(f"-p beside {len(urls)} URLs: write the port into each of them")
    for url in urls:
        if options.plain and url.scheme == "https":
            raise Misuse(f"--plain beside {url}: write http:// for HTTP without TLS")
        if options.ssl and url.scheme == "http":
            raise Misuse(f"-S beside {url}: write https:// for TLS")


def _parts(options: Namespace, loose: list[str]) -> tuple[tuple[Url, ...], str, str]:
    """One URL from -H, -I, -p and -u.

    As with check_http, the first argument is an address and the second a name.
    """
    if len(loose) > 1 and not _numeric(loose[0]) and not options.address:
        raise Misuse(f"one argument too many: {loose[1][:60]}")
    address = options.address or (loose.pop(0) if loose else "")
    name = options.hostname or (loose.pop(0) if loose else "")
    if loose:
        raise Misuse(f"one argument too many: {loose[0][:60]}")
    if not name and not address:
        raise Misuse("missing option -H, or a URL")
    if "://" in name:
        raise Misuse("-H takes a name: give the URL alone, or with -u")
    host, port = from_authority(name or address)
    scheme = "http" if options.plain else "https"
    # A port behind the name is the virtual port: it goes into the Host header, and is connected to
    # unless -p differs.
    real = options.port or port or PORTS[scheme]
    header = name if port is not None and port != real else ""
    if header and port == PORTS[scheme]:
        header = bracketed(host)  # as upstream: without the scheme's own port
    path = (options.path or "/").replace(" ", "%20")
    if _whole(path):  # names the machine that is meant, but -H the one that is asked
        meant = from_url(path)
        own = options.port and not _tunnel(options)[0]  # else it is the proxy's
        asked = meant._replace(port=options.port if own else meant.port)
        if name and host != meant.host:
            return (asked._replace(host=host),), _host(address), meant.authority
        return (asked,), _host(address), header
    url = Url(scheme, host, real, path if path.startswith("/") else "/" + path)
    return (url,), _host(address), header


def _absolute(options: Namespace) -> str:
    """The whole URL in the request line, for a machine that is named elsewhere.

    A proxy is asked that way: `-I PROXY -u http://...`.
    """
    path = (options.path or "").replace(" ", "%20")
    elsewhere = options.hostname or options.address or options.arguments
    return path if path.lower().startswith("http://") and elsewhere else ""


def _listed(path: str | None) -> tuple[Url, ...]:
    """The URLs of a file."""
    if path is None:
        return ()
    from bothsides.base import files

    return files.listed(path, from_url)


def _whole(path: str) -> bool:
    """Whether -u names a URL, and not a path that has one in its query."""
    return path.lower().startswith(("http://", "https://"))


def _numeric(address: str) -> bool:
    return ":" in address or address.replace(".", "").isdigit()


def _host(address: str) -> str:
    return from_target(address) if address else ""
