"""A visit as tables for people."""

from bothsides.check.https.picture import picture
from bothsides.model.failure import Failure
from bothsides.model.https import Contact
from bothsides.parse.libcurl import Phases, Tls
from bothsides.parse.url import from_url
from bothsides.plugin.finding import Copied, Table
from tests.support.https import BAD, NOW, answered


def test_a_good_visit_has_a_bar_for_each_phase_and_its_certificates() -> None:
    visit = answered()
    hop = visit.last._replace(tls=Tls("1.3", "AES", "x25519"), source="192.0.2.9")
    (table,) = picture(visit._replace(hops=(hop,)), NOW)
    lines = table.lines
    assert lines[0] == "https://example.org/  HTTP/1.1 200 OK"
    assert [line.split()[0] for line in lines[1:7]] == [
        *("dns", "connect", "tls", "server", "transfer"),
        "total",
    ]
    assert lines[7:] == (
        "  connected   192.0.2.9 to 192.0.2.1, round trip 18 ms",
        "  TLS         1.3  AES  x25519",
        "  certificate example.org, 80.0 days left",
        "  issued by   Middle, 20.0 days left",
    )


def test_the_phase_that_failed_is_marked_and_the_culprit_named() -> None:
    (table,) = picture(BAD, NOW)
    assert [line[-1] for line in table.lines[1:4]] == ["#", "#", "x"]
    assert table.lines[-1] == "  culprit     tls: the TLS handshake stalls"


def test_each_request_of_a_visit_has_a_table_and_every_address_its_fate() -> None:
    tried = (
        Contact("2001:db8::1", False, "Connection refused"),
        Contact("192.0.2.7", False, "", 1.5),
        Contact("192.0.2.1", True, "", 0.1, None, 2),
    )
    first = answered().last._replace(contacts=tried)
    visit = answered()._replace(
        hops=(first, answered().last), proxy="p:3128", proxy_source="https_proxy"
    )
    tables = list(picture(visit, NOW))
    assert [table.lines[0][:3] for table in tables] == ["1. ", "2. "]
    assert [line for line in tables[0].lines if line.startswith(("  tried", "  proxy", "  conn"))][
        -5:
    ] == [
        "  tried       2001:db8::1  connection refused",
        "  tried       192.0.2.7  silent for 1.5 s",
        "  tried       192.0.2.1  answered",
        "  proxy       p:3128 (of https_proxy)",
        "  connected   we to 192.0.2.1, 2 sent again",
    ]


def test_a_visit_that_never_began_has_a_table_too() -> None:
    hop = answered().last._replace(phases=Phases(), contacts=(), chain=())
    visit = answered()._replace(hops=(hop,), failure=Failure("config", "no CA bundle"))
    (table,) = picture(visit, NOW)
    assert isinstance(table, Table)
    assert table.lines[-1] == "  culprit     config: no CA bundle"


def test_a_url_that_line_1_cannot_show_has_a_line_to_copy() -> None:
    url = from_url(
        "http://www.example.org/Gr\N{LATIN SMALL LETTER O WITH DIAERESIS}e?a=1&b=$HOME;c"
    )
    hop = answered().last._replace(url=url)
    (table,) = picture(answered()._replace(hops=(hop,)), NOW)
    assert table.lines[1] == "  URL         http://www.example.org/Gr%C3%B6e?a=1&b=$HOME;c"
    assert isinstance(table.lines[1], Copied)
