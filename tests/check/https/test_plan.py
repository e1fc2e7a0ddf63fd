"""What check_https's options make of the plan."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.base.secret import Secret
from bothsides.check.https.check import CHECK
from bothsides.model.https import Plan, Request, Route, Trust
from bothsides.parse.url import Url
from bothsides.plugin.command_line import limits_of, understood
from tests.support.https import limits
from tests.support.process import run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("https://localhost/", "-u", "/login"), "-u beside a whole URL"),
        (("https://localhost/", "https://localhost:8443/", "-p", "8444"), "-p beside 2 URLs"),
        (
            ("http://localhost/", "https://localhost/", "--plain"),
            "--plain beside https://localhost/",
        ),
        (("http://localhost/", "-S1.2"), "-S beside http://localhost/"),
        (("-H", "localhost", "-4", "--source", "::1"), "--source ::1 is no IPv4 address"),
        (("-o", "https://a/", "https://b/"), "-o reads one body"),
        (("-H", "localhost", "--plain", "-S"), "--plain and -S exclude each other"),
    ],
)
def test_no_option_is_silently_dropped_beside_a_whole_url(
    arguments: tuple[str, ...], words: str
) -> None:
    done = run("check_https", *arguments)
    assert (done.code, words in done.line) == (3, True), done.text


@pytest.mark.parametrize(
    ("source", "family"), [("::1", 6), ("fe80::1%eth0", 6), ("127.0.0.1", 4), ("eth0", 0), ("", 0)]
)
def test_from_a_source_address_only_its_own_family_is_asked(source: str, family: int) -> None:
    options = understood(CHECK, ["-H", "example.org", "--source", source])
    assert (
        CHECK.plan(options, CHECK.limits(options, limits_of(CHECK, options))).route.family == family
    )


def planned(*arguments: str) -> Plan:
    return CHECK.plan(understood(CHECK, arguments), limits())


def test_a_host_alone_is_asked_by_https_for_its_first_page() -> None:
    assert planned("-H", "example.org") == Plan((Url("https", "example.org", 443, "/"),))


def test_every_option_has_its_own_field() -> None:
    made = planned(
        *("-H", "a.test:8443", "-I", "192.0.2.1", "-p", "444", "-u", "/x y", "-6", "-j", "put"),
        *("-P", "body", "-T", "text/plain", "-k", "X: y", "-A", "me", "-a", "u:p", "-N"),
        *("--http-version", "2", "--enable-automatic-decompression", "--haproxy-protocol"),
        *("--cookie-jar", "jar", "-x", "http://m:w@p:3128", "--noproxy", "n"),
        *("--proxy-auth", "basic", "--dns-canary", "c.test", "--no-dns-canary"),
        *("-S1.2+", "-J", "cert", "-K", "key", "--ca-cert", "ca", "--require-stapling"),
        *("--insecure", "-f", "sticky", "--max-redirs", "2", "--all-addresses", "--parallel", "7"),
        *("--repeat", "3", "--interval", "0.5", "--refuse-tls", "1.0", "--max-body", "1k"),
    )
    assert made == Plan(
        urls=(Url("https", "a.test", 444, "/x%20y"),),
        route=Route(
            family=6,
            address="192.0.2.1",
            proxy="http://p:3128",
            exempt="n",
            canary="c.test",
            suspicious=False,
        ),
        request=Request(
            method="put",
            body=Secret("body"),
            content_type="text/plain",
            headers=(Secret("X: y"),),
            agent="me",
            host="a.test:8443",
            no_body=True,
            http_version="2",
            authorization=Secret("u:p"),
            proxy_authorization=Secret("m:w"),
            proxy_auth="basic",
            decompress=True,
            haproxy=True,
            cookies="jar",
            keep=0,
        ),
        trust=Trust(
            verify=False, bundle="ca", certificate="cert", key="key", tls_min="1.2", stapling=True
        ),
        follow="sticky",
        most_redirects=2,
        every_address=True,
        parallel=7,
        repeat=3,
        interval=0.5,
        refuse=("1.0",),
    )


@pytest.mark.parametrize(
    ("option", "bounds"),
    [
        ("-S", ("", "")),
        ("-S1", ("1.0", "")),
        ("-S1.2", ("1.2", "1.2")),
        ("-S1.3+", ("1.3", "")),
        ("-S3+", ("1.0", "")),
    ],
)
def test_a_version_of_tls_is_exact_or_the_oldest(option: str, bounds: tuple[str, str]) -> None:
    trust = planned("-H", "a.test", option).trust
    assert (trust.tls_min, trust.tls_max) == bounds


def test_the_proxy_is_named_none_or_the_environments() -> None:
    proxies = [
        planned("-H", "a.test", *more).route.proxy for more in ((), ("-x", "none"), ("-x", "p:1"))
    ]
    assert proxies == [None, "", "p:1"]


def test_a_method_is_sent_as_it_is_written() -> None:
    assert planned("-H", "a.test", "-j", "foo").request.method == "foo"


def test_connect_makes_the_address_a_proxy_as_check_http_has_it() -> None:
    asked = (
        "-I",
        "192.0.2.9",
        "-p",
        "3137",
        "-u",
        "https://www.a.test:443/",
        "-S",
        "-H",
        "www.a.test",
    )
    for method, sent in (("CONNECT", ""), ("CONNECT:HEAD", "HEAD")):
        made = planned(*asked, "-j", method)
        assert made.urls == (Url("https", "www.a.test", 443, "/"),)
        assert (made.route.proxy, made.route.address) == ("http://192.0.2.9:3137", "")
        assert made.request.method == sent
    with pytest.raises(Misuse, match="-j CONNECT: name the proxy with -I and -p"):
        planned("-H", "a.test", "-j", "CONNECT")


@pytest.mark.parametrize(
    ("arguments", "host"),
    [(("-H", "a.test:80", "-p", "8080", "--plain"), "a.test"),
     (("-H", "a.test:443", "-p", "8443"), "a.test"),
     (("-H", "a.test:444", "-p", "8443"), "a.test:444")],
)  # fmt: skip
def test_the_host_header_has_no_default_port(arguments: tuple[str, ...], host: str) -> None:
    assert planned(*arguments).request.host == host


def test_a_url_for_a_name_is_told_what_it_is() -> None:
    with pytest.raises(Misuse, match="-H takes a name: give the URL alone, or with -u"):
        planned("-H", "https://www.a.test/")
