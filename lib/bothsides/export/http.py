"""Sends requests over HTTP by libcurl: kept connections, gzip, one deadline, errors as one line."""

import time

from bothsides import __version__
from bothsides.base.curl import Exhausted, Handle, begun, library
from bothsides.base.deadline import block_signals, unblock_signals
from bothsides.base.flood import WORDS, Connections, FloodGuard
from bothsides.base.poll import ready
from bothsides.base.secret import Secret
from bothsides.base.types import NamedTuple
from bothsides.export.outcome import Undelivered
from bothsides.export.request import Reply, Request

_MOST = 4 << 20  # octets of a reply; more is nothing that we asked for
_WORTH = 1024  # octets from which gzip saves more than it costs
_QUICK_EXIT = 322  # no constant in pycurl: do not wait for libcurl's threads that look up names
_TIMED_OUT = 28  # libcurl's number
_LONGER = 60.0  # s: libcurl would wait for a look-up before it says that time is over
_LEFT: list[object] = []  # requests that were left to themselves, until the process ends
_GLANCE = 0.01  # s between two looks while there is nothing to wait for: a name is looked up
_WRITE_ERROR = 23  # libcurl: our own callback refused what came


class Login(NamedTuple):
    """How we are known to the server; at most one of the two ways."""

    user: str = ""
    password: Secret = Secret("")
    authorization: Secret = Secret("")  # the value of the header, as in "Token ..."


class Trust(NamedTuple):
    """Whose certificates are good."""

    ca_file: str = ""  # PEM; "" for those that libcurl trusts by itself
    verify: bool = True


class OwnTrouble(Undelivered):
    """This host lacks what it takes to send anything."""


class Sender:
    """A connection to one server, kept from request to request.

    Making it raises ImportError without pycurl.
    """

    def __init__(
        self, login: Login | None = None, trust: Trust | None = None, gzip: bool = False
    ) -> None:
        self._curl = library()
        self._login = login or Login()
        self._trust = trust or Trust()
        self._gzip = gzip
        self._connections = Connections()
        self._multi: Handle = None  # has the connections, and can be waited for; None: not begun
        self._handle: Handle = None

    def close(self) -> None:
        """Ends the connection."""
        for each in (self._multi, self._handle):
            if each is not None:
                each.close()

    def send(self, request: Request, seconds: float) -> Reply:
        """The server's reply, whatever its status.

        Raises Undelivered where none came in time, and OwnTrouble where this host cannot send.
        """
        began = time.monotonic()
        if seconds <= 0:
            raise Undelivered("no time left to send it")
        self._begin()
        reply = _Reading()
        self._set_up(request, seconds, reply)
        self._multi.add_handle(self._handle)
        number, words = _TIMED_OUT, "timed out"
        secure = request.url.startswith("https:")
        guard = FloodGuard(self._connections.sockets, lambda: len(reply.body), secure)
        try:
            number, words = self._performed(guard, began + seconds) or (number, words)
        finally:
            guard.close()
            self._end(number)
        words = WORDS if guard.cut else words
        if number:
            reason = "the reply is too long" if number == _WRITE_ERROR else words
            took = time.monotonic() - began
            raise Undelivered(f"{reason} ({took:.1f} s)")
        status = self._handle.getinfo(self._curl.RESPONSE_CODE)
        return Reply(int(status), bytes(reply.body), reply.date)

    def _begin(self) -> None:
        """Makes the handles where there are none."""
        try:
            if self._multi is None:
                self._multi = begun(self._curl.CurlMulti)
            if self._handle is None:
                self._handle = begun(self._curl.Curl)
        except Exhausted as fault:
            raise OwnTrouble(str(fault)) from None

    def _end(self, number: int) -> None:
        """Takes the request out of libcurl, which would wait for a name that it still looks up."""
        looked_up = self._handle.getinfo(self._curl.NAMELOOKUP_TIME)
        if number == _TIMED_OUT and not looked_up:
            _LEFT.append((self._multi, self._handle))
            self._multi = self._handle = None
        else:
            self._multi.remove_handle(self._handle)

    def _performed(self, guard: FloodGuard, until: float) -> tuple[int, str] | None:
        """libcurl's error and its words, 0 for none; None at the deadline.

        A signal ends the wait at once.
        """
        while True:
            block_signals()  # one that struck in a callback would end up on stderr, by libcurl
            try:
                running = guard.perform(self._multi)
            finally:
                unblock_signals()
            _, good, bad = self._multi.info_read()
            if good:
                return 0, ""
            if bad:
                return int(bad[0][1]), str(bad[0][2])
            left = until - time.monotonic()
            if not running or left <= 0:
                return None
            timeout = self._multi.timeout()
            wait = max(0.0, min(left, 1.0 if timeout < 0 else timeout / 1000))
            read, write, _ = self._multi.fdset()
            if read or write:
                ready(read, wait, write)
            else:
                time.sleep(min(max(wait, 0.001), _GLANCE))

    def _set_up(self, request: Request, seconds: float, reply: "_Reading") -> None:
        curl, handle = self._curl, self._handle
        body, more = self._body(request)
        handle.reset()  # all options, but neither the connection nor the TLS session
        set_ = handle.setopt
        set_(curl.URL, request.url.encode("utf-8", "replace"))
        set_(curl.NOSIGNAL, 1)
        set_(_QUICK_EXIT, 1)
        set_(curl.SOCKOPTFUNCTION, self._connections.note)
        set_(curl.TIMEOUT_MS, int((seconds + _LONGER) * 1000))  # ours ends first
        set_(curl.PATH_AS_IS, 1)
        set_(curl.PROXY, "")  # an export is no place for a proxy that nobody asked for
        set_(curl.FOLLOWLOCATION, 0)  # a login must not go elsewhere
        set_(curl.USERAGENT, f"bothsides/{__version__}")
        set_(curl.WRITEFUNCTION, reply.take)
        set_(curl.HEADERFUNCTION, reply.head)
        set_(curl.SSL_VERIFYPEER, int(self._trust.verify))
        set_(curl.SSL_VERIFYHOST, 2 if self._trust.verify else 0)
        if self._trust.ca_file:
            handle.unsetopt(curl.CAPATH)  # or GnuTLS trusts the system's certificates as well
            set_(curl.CAINFO, self._trust.ca_file)
        headers = [*request.headers, *more]
        if self._login.authorization:
            headers.append(("Authorization", str(self._login.authorization)))
        elif self._login.user:
            set_(curl.HTTPAUTH, curl.HTTPAUTH_BASIC)
            set_(curl.USERNAME, self._login.user)
            set_(curl.PASSWORD, str(self._login.password))
        set_(curl.HTTPHEADER, [f"{name}: {value}" for name, value in headers] + ["Expect:"])
        if request.method != "GET":
            set_(curl.POSTFIELDS, body)  # for every method: libcurl keeps it for a second try
            set_(curl.CUSTOMREQUEST, request.method)

    def _body(self, request: Request) -> tuple[bytes, list[tuple[str, str]]]:
        """The body as it is sent, and the headers that say so."""
        known = {name.lower() for name, _ in request.headers}
        more = [] if "content-type" in known else [("Content-Type", "application/octet-stream")]
        if not self._gzip or len(request.body) < _WORTH:
            return request.body, more
        import zlib

        packer = zlib.compressobj(6, zlib.DEFLATED, 31)  # 31: with the head and tail of gzip
        return packer.compress(request.body) + packer.flush(), [*more, ("Content-Encoding", "gzip")]


class _Reading:
    """A reply while it comes in."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.date = ""

    def take(self, octets: bytes) -> int:
        """Keeps what came; anything but its length makes libcurl stop."""
        if len(self.body) + len(octets) > _MOST:
            return -1
        self.body += octets
        return len(octets)

    def head(self, line: bytes) -> None:
        """Keeps the one header that is asked for later."""
        name, _, value = line.partition(b":")
        if name.lower() == b"date":
            self.date = value.decode("latin-1").strip()
