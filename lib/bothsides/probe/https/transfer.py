"""One HTTP transfer by libcurl: set up, listened to while it runs, and read out."""

import _socket as socket  # the C half has all that is asked for; the other half's import costs 2 ms of CPU
import os
import sys
import time

from bothsides.base.errors import Unable
from bothsides.base.partial_import import package, standing_in
from bothsides.base.types import Any, Iterator
from bothsides.parse.certificate import Certificate, from_certinfo
from bothsides.parse.http import Head, from_head
from bothsides.parse.libcurl import Marks, Phases, Tls, from_marks, from_refusal, from_verbose
from bothsides.parse.url import bracketed
from bothsides.probe.https.outcome import INTERRUPTED, OVERDUE, Contact, Order, Outcome

_QUICK_EXIT = (
    322  # CURLOPT_QUICK_EXIT has no constant in pycurl: do not wait for libcurl's resolver threads
)
_UNCONNECTED, _WRITE_ERROR, _RECEIVING = 7, 23, 56
_NO_GOODBYE = ("unexpected eof", "non-properly terminated")  # OpenSSL's and GnuTLS's words for it
_TCP_INFO = 104  # octets of struct tcp_info (linux/tcp.h) up to tcpi_total_retrans, at 100; tcpi_rtt is at 68
_ESTABLISHED, _SYN_SENT = 1, 2  # states of TCP as the kernel counts them
_GRANTED = (
    b"Opened SOCKS connection",
    b"SOCKS5 request granted",
    b"SOCKS4 request granted",
    b"SOCKS4a request granted",
)
_TELLING = (
    b"SSL connection using ",
    b"connect to ",
    b"Connected to ",
    *_GRANTED,
)  # of dozens of lines, those with news
_TRUSTED = (
    b"found ",
    b"  CAfile:",
)  # GnuTLS's and OpenSSL's word that the trusted certificates are read
_UNVEILED = 0x080000  # libcurl 7.88 waits for what it has read already when TLS lies within TLS: 1 answer in 12
_PATIENCE = 1.5  # how long a skipped address may take to answer: one repeated SYN comes after 1 s


def library() -> Any:
    """pycurl's C half, without what else its import brings along and nothing here uses.

    Since 7.47 pycurl is a package whose __init__ imports asyncio: 12 ms of CPU, and 0.8 ms without that.
    The C half imports datetime for that module's C half alone: another 0.7 ms.
    """
    for name in ("pycurl._pycurl", "pycurl"):
        if name in sys.modules:
            return sys.modules[name]
    import _datetime  # type: ignore[import-not-found]

    with standing_in("datetime", _datetime):
        bare = package("pycurl")
        if bare is None:
            import pycurl

            return pycurl
        with standing_in("pycurl", bare):
            from pycurl import _pycurl

            return _pycurl


class Transfer:
    """One transfer while it runs."""

    def __init__(self, curl: Any, order: Order, seconds: float, awaited: dict[str, bool]) -> None:
        self.curl, self.order, self.awaited = curl, order, awaited
        self.lines: list[bytes] = []
        self.told: list[bytes] = []
        self.sockets: list[tuple[str, float, socket.socket]] = []
        self.unopened = 0  # the errno of a socket that could not be had
        self.refused: dict[str, str] = {}
        self.body = bytearray()
        self.counted = 0
        self.began = time.monotonic()
        self.until = self.began + seconds
        self.proxy_answered = 0.0
        self.connected = 0.0
        self.heard = self.began  # when libcurl last said something
        self.reading = 0.0  # seconds that it read trusted certificates: a bundle costs GnuTLS 7 ms
        self.ended: tuple[int, str] | None = None
        self.doubtful: list[tuple[str, socket.socket]] = []
        self.tls: Tls | None = None
        self.talkative = order.verbose
        self.veiled = order.proxy.startswith(
            "https"
        )  # the proxy itself is spoken to by TLS, which comes first
        self.handle = curl.Curl()
        self._set_up(max(0.001, seconds))

    def _set_up(self, seconds: float) -> None:
        handle, set_ = self.handle, self.handle.setopt
        order, curl = self.order, self.curl
        if (
            order.proxy.startswith("https")
            and "GnuTLS" in curl.version
            and curl.version_info()[2] < _UNVEILED
        ):
            said = f"libcurl {curl.version_info()[1]} with GnuTLS loses answers of a proxy that is spoken to by TLS"
            raise Unable(f"{said}; pip install pycurl brings one that does not")
        set_(curl.URL, _octets(str(order.url)))
        set_(curl.NOSIGNAL, 1)
        set_(_QUICK_EXIT, 1)
        set_(curl.TIMEOUT_MS, max(1, int(seconds * 1000)))
        set_(
            curl.FRESH_CONNECT, 1
        )  # every transfer pays for its own handshake and shows its own certificate
        set_(curl.FORBID_REUSE, 1)
        set_(curl.SSL_SESSIONID_CACHE, 0)
        set_(curl.PATH_AS_IS, 1)
        set_(curl.OPT_CERTINFO, 1)
        # Nothing is trusted but what is set later: the wheel brings a default bundle, and GnuTLS would
        # read the whole default folder for every connection, 40 ms of CPU.
        handle.unsetopt(curl.CAPATH)
        handle.unsetopt(curl.CAINFO)
        set_(curl.PROXY, order.proxy)
        set_(curl.NOPROXY, "")
        # Callbacks run within perform(), where signals are blocked: none can strike inside and be lost in libcurl.
        set_(curl.HEADERFUNCTION, self.lines.append)
        set_(curl.WRITEFUNCTION, self._take)
        set_(curl.OPENSOCKETFUNCTION, self._open)
        if self.talkative:
            set_(curl.VERBOSE, 1)
            set_(curl.DEBUGFUNCTION, self._tell)
        for name, value in self._route():
            set_(getattr(curl, name), value)
        for name, value in order.settings:
            try:
                set_(getattr(curl, name), _octets(value))
            except (curl.error, AttributeError):  # the value may be a secret
                raise Unable(
                    f"libcurl {curl.version_info()[1]} of this pycurl does not take this {name}"
                ) from None
        if not order.request:
            set_(curl.CONNECT_ONLY, 1)

    def _route(self) -> Iterator[tuple[str, Any]]:
        """Where to connect to: our own look-up's addresses, so that libcurl never resolves by itself."""
        order = self.order
        if order.target and order.target != order.url.host:
            yield "CONNECT_TO", [f"::{bracketed(order.target)}:{order.url.port}"]
        looked_up, port = (
            (order.proxy_host, order.proxy_port)
            if order.proxy
            else (order.target or order.url.host, order.url.port)
        )
        if order.hosts and ":" not in looked_up and order.hosts != (looked_up,):
            yield (
                "RESOLVE",
                [f"{looked_up}:{port}:{','.join(bracketed(host) for host in order.hosts)}"],
            )

    def _open(self, _purpose: int, address: Any) -> socket.socket | int:
        """Opens a socket for libcurl, which works on a copy; ours stays to be asked how the connection is."""
        try:
            opened = socket.socket(*address[:3])
            os.close(
                os.dup(opened.fileno())
            )  # where the copy cannot be had, libcurl does not tell why
        except OSError as fault:
            self.unopened = fault.errno or 0
            return int(self.curl.SOCKET_BAD)
        self.sockets.append((str(address[3][0]), time.monotonic(), opened))
        return opened

    def _tell(self, kind: int, data: bytes) -> None:
        now = time.monotonic()
        if kind == 0 and data.startswith(_TRUSTED):
            self.reading = now - self.heard
        self.heard = now
        if kind == 0 and data.startswith(_TELLING):
            self.told.append(data)
            if not self.connected and data.startswith(b"Connected to "):
                self.connected = time.monotonic() - self.began
            if data.startswith(_GRANTED):
                self.proxy_answered = time.monotonic() - self.began

    def _take(self, data: bytes) -> int:
        """Keeps what may be kept of the body; one step may unpack gigabytes, so that it also looks at the time."""
        self.counted += len(data)
        if len(self.body) < self.order.keep:
            self.body += data[: self.order.keep - len(self.body)]
        return len(data) if time.monotonic() < self.until else 0

    def digest(self) -> None:
        """Takes in what the last step brought, and notes when the proxy answered."""
        spoken = self.order.proxy and not self.order.socks
        if spoken and not self.proxy_answered and any(_accepted(line) for line in self.lines):
            self.proxy_answered = time.monotonic() - self.began
        if not self.connected and any(
            _tcp_info(opened)[0] == _ESTABLISHED for _, _, opened in self.sockets
        ):
            self.connected = time.monotonic() - self.began
        if self.talkative and self.told:
            self._listen()

    def _listen(self) -> None:
        for data in self.told:
            line = data.decode("latin-1", "replace")
            agreed = from_verbose(line)
            if agreed and self.veiled:  # that was with the proxy
                self.veiled = False
            elif agreed:
                self.tls = self.tls or agreed
            refusal = from_refusal(line)
            if refusal:
                self.refused[refusal[0]] = refusal[1]
        self.told.clear()
        if self.tls or self.lines:
            self.handle.setopt(
                self.curl.VERBOSE, 0
            )  # all is told; from here on it would copy every octet to us
            self.talkative = False

    def outcome(self, code: int, text: str) -> Outcome:
        """Reads everything out, at the end or in the middle of the transfer."""
        if self.ended is None:
            self.digest()
        if code == _WRITE_ERROR and time.monotonic() >= self.until:
            code, text = OVERDUE, "no time left to take more of the body"
        ask, curl, order = self.handle.getinfo, self.curl, self.order
        tls = order.url.scheme == "https"
        connect_code = ask(curl.HTTP_CONNECTCODE) if order.proxy else 0
        heads = _blocks(self.lines)
        tunnelled = 200 <= connect_code < 300 or order.socks
        refusal = Head("", 0)
        while order.proxy and not order.socks and tls and heads and not 200 <= refusal.code < 300:
            refusal = from_head(
                heads.pop(0)
            )  # a 407 and the answer to the login come one after the other
        head = from_head(heads[-1]) if heads else Head("", 0)
        unclosed = (
            code == _RECEIVING
            and any(words in text for words in _NO_GOODBYE)
            and _endless(self.lines, head)
        )
        if unclosed:
            code, text = 0, ""
        marks = Marks(
            0.0 if order.socks else ask(curl.NAMELOOKUP_TIME),
            self._connected(ask(curl.CONNECT_TIME)),
            self.proxy_answered if tunnelled else 0.0,
            ask(curl.APPCONNECT_TIME),
            ask(curl.STARTTRANSFER_TIME),
            time.monotonic() - self.began if code == INTERRUPTED else ask(curl.TOTAL_TIME),
        )
        return Outcome(
            order.url,
            self._phases(marks, tls),
            code,
            text,
            self.unopened or ask(curl.OS_ERRNO),
            ask(curl.SSL_VERIFYRESULT),
            order.proxy,
            order.proxy_user,
            connect_code,
            refusal,
            head,
            bytes(self.body),
            sum(map(len, self.lines)) + self.counted,
            self.counted > len(self.body),
            _version(ask(curl.INFO_HTTP_VERSION) if heads else 0),
            self.tls,
            self._chain() if tls else (),
            self._contacts(ask(curl.PRIMARY_IP)),
            ask(curl.PRIMARY_IP),
            ask(curl.LOCAL_IP),
            code != _UNCONNECTED or any(_routed(host) for host, _, _ in self.sockets),
            unclosed,
        )

    def _phases(self, marks: Marks, tls: bool) -> Phases:
        """The phases; what the handshake waited for our own reading of certificates is nobody else's time."""
        order = self.order
        phases = from_marks(
            marks, order.dns, order.socks or (bool(order.proxy) and tls), tls, order.request
        )
        if phases.tls is None or order.proxy.startswith(
            "https"
        ):  # a proxy's own TLS comes first, and reads them
            return phases
        return phases._replace(tls=max(0.0, phases.tls - self.reading))

    def _connected(self, mark: float) -> float:
        """When TCP's handshake was over; libcurl has no mark for it until TLS's is, or with SOCKS, until the proxy agrees."""
        return (
            min(mark, self.connected)
            if mark and self.connected and self.order.socks
            else mark or self.connected
        )

    def _chain(self) -> tuple[Certificate, ...]:
        return from_certinfo(self.handle.getinfo(self.curl.INFO_CERTINFO))

    def end(self, code: int, text: str, seconds: float) -> None:
        """Notes libcurl's verdict; what it skipped and what has not refused may answer for so many seconds more."""
        self.digest()
        self.ended = code, text
        if code == 0:
            now = time.monotonic()
            self.doubtful = [
                (host, opened) for host, _, opened in self.sockets if _connecting(opened)
            ]
            youngest = max(
                (began for _, began, opened in self.sockets if _connecting(opened)), default=now
            )
            self.until = min(now + seconds, youngest + _PATIENCE)

    def silent(self) -> list[socket.socket]:
        """Sockets to skipped addresses of which it is still open whether they are dead, or only slower.

        Once per run for each address: many tries would wait many times.
        """
        return [
            opened
            for host, opened in self.doubtful
            if host not in self.awaited and _connecting(opened)
        ]

    def settled(self) -> bool:
        """Whether it is over, and nothing can be learnt any more of the addresses that it skipped."""
        if self.ended is None or (self.silent() and time.monotonic() < self.until):
            return False
        for host, opened in self.doubtful:
            self.awaited.setdefault(host, not _connecting(opened))
        return True

    def _contacts(self, used: str) -> tuple[Contact, ...]:
        now = time.monotonic()
        if (
            self.tls and len(self.sockets) == 1
        ):  # QUIC: libcurl names no address before the handshake is over
            used = self.sockets[0][0]
        found = []
        for host, began, opened in self.sockets:
            state, rtt, retransmissions = _tcp_info(opened)
            answered = host not in self.refused and (
                rtt is not None or (state == 0 and host == used)
            )
            answered = answered or (state == _SYN_SENT and self.awaited.get(host, False))
            found.append(
                Contact(
                    host, answered, self.refused.get(host, ""), now - began, rtt, retransmissions
                )
            )
        return tuple(found)

    def close(self) -> None:
        """Gives the handle and the sockets back."""
        self.handle.close()
        for _, _, opened in self.sockets:
            opened.close()


def _octets(value: Any) -> Any:
    """Text beyond ASCII, also in lists, as it goes over the wire; pycurl takes no other."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "surrogateescape")
    return [_octets(one) for one in value] if isinstance(value, list) else value


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
    """Whether the head came whole, and only the connection's end can tell the body's (RFC 9112 section 6.3)."""
    whole = bool(lines) and not lines[-1].strip() and head.code >= 200
    return whole and not head.get("Content-Length") and not head.get("Transfer-Encoding")


def _accepted(line: bytes) -> bool:
    """Whether a header line is a proxy's yes to CONNECT."""
    return line.startswith(b"HTTP/") and line[9:10] == b"2"


def _version(number: int) -> str:
    return {0: "", 1: "1.0", 2: "1.1", 3: "2", 30: "3"}.get(number, "")


def _routed(host: str) -> bool:
    """Whether this machine has a route to an address; connecting a UDP socket asks the kernel and sends nothing."""
    if host.startswith("fe80:"):
        return True  # on a link, which libcurl knows and does not tell
    try:
        asking = socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
        )
    except OSError:
        return True  # nothing is known about the route
    try:
        asking.connect((host, 9))
    except OSError:
        return False
    finally:
        asking.close()
    return True


def _connecting(opened: socket.socket) -> bool:
    """Whether its first packet has no answer yet."""
    return _tcp_info(opened)[0] == _SYN_SENT


def _tcp_info(opened: socket.socket) -> tuple[int, float | None, int | None]:
    """State, round trip in seconds and retransmissions of a connection, as the kernel knows them."""
    try:
        info = opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO)
    except OSError:
        return 0, None, None  # not TCP
    rtt = int.from_bytes(info[68:72], sys.byteorder) / 1e6
    return info[0], rtt or None, int.from_bytes(info[100:104], sys.byteorder)
