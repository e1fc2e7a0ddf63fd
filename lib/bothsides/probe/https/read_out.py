"""Reads an outcome out of a libcurl handle and its listener, at the end of a transfer or within."""

import time

from bothsides.base.curl import Curl, Handle
from bothsides.base.types import Mapping
from bothsides.model.https import Contact, Order, Outcome
from bothsides.parse.certificate import Certificate, from_certinfo
from bothsides.parse.http import Head, from_head
from bothsides.parse.libcurl import Marks, Phases, from_marks
from bothsides.probe.https import curl_codes
from bothsides.probe.https.listener import Listener
from bothsides.probe.https.tcp import connection, counters, routed

_NO_GOODBYE = ("unexpected eof", "non-properly terminated")  # OpenSSL's and GnuTLS's words for it
_VERSIONS = {1: "1.0", 2: "1.1", 3: "2", 30: "3"}  # CURL_HTTP_VERSION_*


def read_out(
    curl: Curl,
    handle: Handle,
    order: Order,
    listener: Listener,
    ended: tuple[int, str],
    slow: Mapping[str, bool],
) -> Outcome:
    """All that is known of a transfer.

    ended: libcurl's code and text; slow: addresses that were awaited, and whether they did answer.
    """
    ask = handle.getinfo
    refusal, head = _heads(order, listener.lines)
    code, text, unclosed = _verdict(ended, listener, head)
    connect_code = ask(curl.HTTP_CONNECTCODE) if order.proxy else 0
    marks = _marks(curl, handle, order, listener, connect_code, code)
    return Outcome(
        url=order.url,
        phases=_phases(marks, order, listener),
        code=code,
        text=text,
        errno=listener.socket_errno or ask(curl.OS_ERRNO),
        verify=ask(curl.SSL_VERIFYRESULT),
        proxy=order.proxy,
        proxy_user=order.proxy_user,
        connect_code=connect_code,
        refusal=refusal,
        head=head or Head("", 0),
        body=bytes(listener.body),
        size=sum(map(len, listener.lines)) + listener.received,
        cut=listener.received > len(listener.body),
        version=_VERSIONS.get(ask(curl.INFO_HTTP_VERSION), "") if head else "",
        tls=listener.tls,
        chain=_chain(curl, handle, order),
        contacts=_contacts(listener, ask(curl.PRIMARY_IP), slow),
        address=ask(curl.PRIMARY_IP),
        source=ask(curl.LOCAL_IP),
        routed=code != curl_codes.COULDNT_CONNECT or _any_route(listener),
        unclosed=unclosed,
        verified=("SSL_VERIFYPEER", 0) not in order.settings,
        resolver=order.resolver,
    )


def _verdict(
    ended: tuple[int, str], listener: Listener, head: Head | None
) -> tuple[int, str, bool]:
    """libcurl's code and text, and whether an answer without a length ended without close_notify.

    Such an answer is no failure; our own stop of an endless body is a timeout.
    """
    code, text = ended
    if code == curl_codes.WRITE_ERROR and time.monotonic() >= listener.until:
        return curl_codes.OPERATION_TIMEDOUT, "no time left to take more of the body", False
    broken = code == curl_codes.RECV_ERROR and any(words in text for words in _NO_GOODBYE)
    if broken and head is not None and _endless(listener.lines, head):
        return 0, "", True
    return code, text, False


def _heads(order: Order, lines: list[bytes]) -> tuple[Head, Head | None]:
    """Head of the proxy's answer to CONNECT, and of the final answer where there is one."""
    blocks = _blocks(lines)
    refusal = Head("", 0)
    by_connect = order.proxy and not order.socks and order.url.scheme == "https"
    while by_connect and blocks and not 200 <= refusal.code < 300:
        refusal = from_head(blocks.pop(0))  # a 407 and the answer to the login follow each other
    return refusal, from_head(blocks[-1]) if blocks else None


def _chain(curl: Curl, handle: Handle, order: Order) -> tuple[Certificate, ...]:
    """What the server sent of certificates; those of a proxy are not the target's."""
    if order.url.scheme != "https":
        return ()
    return from_certinfo(handle.getinfo(curl.INFO_CERTINFO))


def _any_route(listener: Listener) -> bool:
    return any(routed(one.host) for one in listener.sockets)


def _blocks(lines: list[bytes]) -> list[list[bytes]]:
    """Header lines in blocks: each answer's own, interim ones and the proxy's included."""
    blocks: list[list[bytes]] = []
    for line in lines:
        if line.startswith(b"HTTP/") or not blocks:
            blocks.append([])
        if line.strip():
            blocks[-1].append(line)
    return blocks


def _endless(lines: list[bytes], head: Head) -> bool:
    """Whether the head came whole, and only the connection's end tells the body's.

    RFC 9112 section 6.3.
    """
    whole = bool(lines) and not lines[-1].strip() and head.code >= 200
    return whole and not head.get("Content-Length") and not head.get("Transfer-Encoding")


def _marks(
    curl: Curl, handle: Handle, order: Order, listener: Listener, connect_code: int, code: int
) -> Marks:
    ask = handle.getinfo
    tunnelled = 200 <= connect_code < 300 or order.socks
    interrupted = code == curl_codes.ABORTED_BY_CALLBACK
    return Marks(
        namelookup=0.0 if order.socks else ask(curl.NAMELOOKUP_TIME),
        connect=_connected(ask(curl.CONNECT_TIME), order, listener),
        proxy=listener.proxy_answered if tunnelled else 0.0,
        appconnect=ask(curl.APPCONNECT_TIME),
        starttransfer=ask(curl.STARTTRANSFER_TIME),
        total=time.monotonic() - listener.began if interrupted else ask(curl.TOTAL_TIME),
    )


def _connected(mark: float, order: Order, listener: Listener) -> float:
    """When TCP's handshake was over, in seconds from the start.

    libcurl has no mark for it until TLS's is over too, or with SOCKS, until the proxy agrees.
    """
    if mark and listener.connected and order.socks:
        return min(mark, listener.connected)
    return mark or listener.connected


def _phases(marks: Marks, order: Order, listener: Listener) -> Phases:
    """The phases; the time of our own reading of certificates is not the handshake's."""
    tls = order.url.scheme == "https"
    through_proxy = order.socks or (bool(order.proxy) and tls)
    phases = from_marks(marks, order.dns, through_proxy, tls, order.request)
    if phases.tls is None or order.proxy.startswith("https"):
        return phases  # a proxy's own handshake comes first, and reads them
    return phases._replace(tls=max(0.0, phases.tls - listener.reading))


def _contacts(listener: Listener, used: str, slow: Mapping[str, bool]) -> tuple[Contact, ...]:
    """Every address that was tried."""
    now = time.monotonic()
    if listener.tls and len(listener.sockets) == 1:
        used = listener.sockets[0].host  # QUIC: no address until the handshake is over
    contacts = []
    for opened in listener.sockets:
        known = connection(opened.socket)
        reached = known.rtt is not None or (known.state == 0 and opened.host == used)
        late = known.connecting and slow.get(opened.host, False)
        contact = Contact(
            host=opened.host,
            answered=(opened.host not in listener.refusals and reached) or late,
            reason=listener.refusals.get(opened.host, ""),
            waited=now - opened.at,
            rtt=known.rtt,
            retransmissions=known.retransmissions,
            counters=counters(opened.socket) if reached and opened.host == used else None,
        )
        contacts.append(contact)
    return tuple(contacts)
