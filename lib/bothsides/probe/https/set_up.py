"""Sets one libcurl handle up for the transfer that an order describes."""

from bothsides.base.curl import Curl, Handle
from bothsides.base.errors import Unable
from bothsides.base.types import Iterator
from bothsides.model.https import Order, Setting
from bothsides.parse.url import bracketed
from bothsides.probe.https.listener import Listener

_QUICK_EXIT = 322  # CURLOPT_QUICK_EXIT, without a name in pycurl: no wait for its resolver threads
_TLS_IN_TLS = 0x080000  # libcurl 7.88 with GnuTLS waits for what it has read already: 1 in 12


def handle_for(curl: Curl, order: Order, seconds: float, listener: Listener) -> Handle:
    """A handle for the order, which ends by itself within so many seconds.

    Raises Unable for what this libcurl cannot do.
    """
    if order.proxy.startswith("https") and "GnuTLS" in curl.version:
        _refuse_old(curl)
    handle = curl.Curl()
    handle.setopt(curl.URL, _octets(str(order.url)))
    handle.setopt(curl.TIMEOUT_MS, max(1, int(max(0.001, seconds) * 1000)))
    _apart(curl, handle)
    _listened_to(curl, handle, order, listener)
    handle.setopt(curl.PROXY, order.proxy)
    handle.setopt(curl.NOPROXY, "")
    for name, value in _connecting(order):
        handle.setopt(getattr(curl, name), value)
    for name, value in order.settings:
        try:
            handle.setopt(getattr(curl, name), _octets(value))
        except (curl.error, AttributeError):  # the value may be a secret
            version = curl.version_info()[1]
            raise Unable(f"libcurl {version} of this pycurl does not take this {name}") from None
    if not order.request:
        handle.setopt(curl.CONNECT_ONLY, 1)
    return handle


def _refuse_old(curl: Curl) -> None:
    if curl.version_info()[2] < _TLS_IN_TLS:
        version = curl.version_info()[1]
        raise Unable(
            f"libcurl {version} with GnuTLS loses answers of a proxy that is spoken to by TLS; "
            "pip install pycurl brings one that does not"
        )


def _apart(curl: Curl, handle: Handle) -> None:
    """Every transfer pays for its own handshake and shows its own certificate."""
    handle.setopt(curl.NOSIGNAL, 1)
    handle.setopt(_QUICK_EXIT, 1)
    handle.setopt(curl.FRESH_CONNECT, 1)
    handle.setopt(curl.FORBID_REUSE, 1)
    handle.setopt(curl.SSL_SESSIONID_CACHE, 0)
    handle.setopt(curl.PATH_AS_IS, 1)
    handle.setopt(curl.OPT_CERTINFO, 1)
    # Nothing is trusted but what is set later: the wheel brings a default bundle, and GnuTLS would
    # read the whole default folder for every connection, 40 ms of CPU.
    handle.unsetopt(curl.CAPATH)
    handle.unsetopt(curl.CAINFO)


def _listened_to(curl: Curl, handle: Handle, order: Order, listener: Listener) -> None:
    """The callbacks. They run within perform(), where signals are blocked.

    No signal can strike inside one of them and be lost in libcurl.
    """
    handle.setopt(curl.HEADERFUNCTION, listener.lines.append)
    handle.setopt(curl.WRITEFUNCTION, listener.take)
    handle.setopt(curl.OPENSOCKETFUNCTION, listener.open_socket)
    if order.verbose:
        handle.setopt(curl.VERBOSE, 1)
        handle.setopt(curl.DEBUGFUNCTION, listener.note)


def _connecting(order: Order) -> Iterator[Setting]:
    """Where to connect to: our own look-up's addresses, so that libcurl resolves nothing."""
    if order.target and order.target != order.url.host:
        yield "CONNECT_TO", [f"::{bracketed(order.target)}:{order.url.port}"]
    name, port = order.target or order.url.host, order.url.port
    if order.proxy:
        name, port = order.proxy_host, order.proxy_port
    if order.hosts and ":" not in name and order.hosts != (name,):
        yield "RESOLVE", [f"{name}:{port}:{','.join(bracketed(host) for host in order.hosts)}"]


def _octets(value: str | int | list[str]) -> str | int | bytes | list[str | bytes]:
    """Text beyond ASCII, also in lists, as it goes over the wire; pycurl takes no other."""
    if isinstance(value, list):
        return [_encoded(text) for text in value]
    return _encoded(value) if isinstance(value, str) else value


def _encoded(text: str) -> str | bytes:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape")
