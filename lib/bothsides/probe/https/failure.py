"""Whose fault a failed transfer is: libcurl's code, errno and marks to a class and a sentence."""

import errno
import os
import re

from bothsides.model.failure import Failure
from bothsides.model.https import Outcome
from bothsides.probe.https import curl_codes
from bothsides.probe.https.failure_connecting import of_connecting
from bothsides.probe.https.failure_proxy import of_proxy
from bothsides.probe.https.failure_stall import of_timeout
from bothsides.probe.https.failure_tls import HANDSHAKE, TRUST, of_tls
from bothsides.probe.https.failure_words import shown_proxy, without_prefixes

_USAGE = {
    curl_codes.URL_MALFORMAT,
    curl_codes.NOT_BUILT_IN,
    curl_codes.BAD_FUNCTION_ARGUMENT,
    curl_codes.UNKNOWN_OPTION,
    curl_codes.SETOPT_OPTION_SYNTAX,
    curl_codes.SSL_CIPHER,
}
_FILES = {
    curl_codes.SSL_ENGINE_NOTFOUND: "the crypto engine",
    curl_codes.SSL_ENGINE_SETFAILED: "the crypto engine",
    curl_codes.SSL_CERTPROBLEM: "the client certificate or key",
    curl_codes.SSL_ENGINE_INITFAILED: "the crypto engine",
    curl_codes.SSL_CACERT_BADFILE: "the CA bundle",
    curl_codes.SSL_CRL_BADFILE: "the revocation list",
}
_RESOURCES = {
    curl_codes.FAILED_INIT,
    curl_codes.OUT_OF_MEMORY,
    curl_codes.UNRECOVERABLE_POLL,
}
_RESOURCE_ERRNO = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_RESOLVING = {curl_codes.COULDNT_RESOLVE_PROXY, curl_codes.COULDNT_RESOLVE_HOST}
_CONNECTING = {curl_codes.COULDNT_CONNECT, curl_codes.INTERFACE_FAILED}
# Before there is a connection: QUIC's way of saying that the port is closed.
_SENT = {curl_codes.SEND_ERROR, curl_codes.RECV_ERROR}
# What breaks a plain request that was sent to a proxy, before any answer.
_BY_PROXY = {
    curl_codes.UNSUPPORTED_PROTOCOL,
    curl_codes.WEIRD_SERVER_REPLY,
    curl_codes.GOT_NOTHING,
    curl_codes.SEND_ERROR,
    curl_codes.RECV_ERROR,
}
_NOT_HTTP = {
    curl_codes.UNSUPPORTED_PROTOCOL,
    curl_codes.WEIRD_SERVER_REPLY,
}
_BROKEN = {
    curl_codes.UNSUPPORTED_PROTOCOL: "the answer is not HTTP",
    curl_codes.WEIRD_SERVER_REPLY: "the head of the answer is broken",
    curl_codes.HTTP2: "the HTTP/2 exchange broke off",
    curl_codes.PARTIAL_FILE: "the answer ended too early",
    curl_codes.OUT_OF_MEMORY: "the head of the answer is too large",  # so says 7.88
    curl_codes.GOT_NOTHING: "the connection was closed without an answer",
    curl_codes.SEND_ERROR: "sending the request failed",
    curl_codes.RECV_ERROR: "receiving the answer failed",
    curl_codes.BAD_CONTENT_ENCODING: "the encoding of the answer is broken",
    curl_codes.HTTP2_STREAM: "the HTTP/2 exchange broke off",
    curl_codes.HTTP3: "the HTTP/3 exchange broke off",
    curl_codes.QUIC_CONNECT_ERROR: "the QUIC connection failed",
    curl_codes.TOO_LARGE: "the head of the answer is too large",
}


def from_outcome(outcome: Outcome, now: float) -> Failure:
    """What went wrong with a transfer. now: UTC seconds, against which certificates are held.

    Code 0 is an answer that the proxy gave by itself.
    """
    code, phase = outcome.code, outcome.phases.last
    if code == 0:
        return of_proxy(outcome._replace(connect_code=outcome.head.code, refusal=outcome.head))
    connected = phase not in ("dns", "connect")
    ours = _ours(outcome, connected)
    if ours is not None:
        return ours
    if outcome.proxy and (phase in ("dns", "connect", "proxy") or "CONNECT" in outcome.text):
        return of_proxy(outcome)
    if code == curl_codes.OPERATION_TIMEDOUT:
        return of_timeout(outcome)
    if code in _CONNECTING or (code in _SENT and not connected):
        return of_connecting(outcome)
    if code in _RESOLVING:
        return Failure("local", f"the name could not be looked up: {outcome.text}")
    if outcome.url.scheme == "https" and (code in TRUST or code in HANDSHAKE or phase == "tls"):
        return of_tls(outcome, now)
    return _of_exchange(outcome)


def _of_exchange(outcome: Outcome) -> Failure:
    """What broke after the way was open: the server's fault, or that of a proxy in its place."""
    code, text = outcome.code, outcome.text
    if code in _SENT and "alert" in text:
        # TLS 1.3 looks at our certificate when the handshake is over.
        hint = "; see --client-cert" if re.search("certificate|unknown ca", text) else ""
        words = f"the server broke TLS off after the handshake: {without_prefixes(text)}{hint}"
        return Failure("tls", words)
    if code == curl_codes.RECV_ERROR and re.search(r"unexpected eof|non-properly terminated", text):
        # Cut off without TLS's close_notify: libcurl blames the receiving.
        code = curl_codes.PARTIAL_FILE if outcome.size else curl_codes.GOT_NOTHING
    reason = without_prefixes(text)
    broken = _BROKEN.get(code, "the exchange broke off") + (f" ({reason})" if reason else "")
    words = _closed(code, text) or broken
    if code in _NOT_HTTP and outcome.address and not outcome.proxy:
        from bothsides.probe.https.banner import banner

        said = banner(outcome.address, outcome.url.port)
        words += f": {said}" if said else ""
    if code in _BY_PROXY and outcome.proxy.startswith("http") and outcome.url.scheme == "http":
        # A proxy would have answered for its own server.
        return Failure("proxy", f"proxy {shown_proxy(outcome.proxy)}: {words}")
    return Failure("server", words)


def _closed(code: int, text: str) -> str:
    """How a server said that it gives no answer on this connection; "" where it did not."""
    if code == curl_codes.HTTP2_STREAM and "reset by curl" in text:
        return "the server closed the HTTP/2 connection without an answer (GOAWAY)"
    if code == curl_codes.HTTP2_STREAM and (
        reset := re.search(r"by server \(error \w+ (\w+)", text)
    ):
        return f"the server broke off the HTTP/2 answer ({reset[1]})"
    if "esponse headers: " in text:  # libcurl's limit over all blocks of header lines
        return "the head of the answer is too large"
    if code == curl_codes.RECV_ERROR and re.search("chunk", text):
        return f"the chunked coding of the answer is broken ({without_prefixes(text)})"
    if died := re.search(r"Connection died, tried (\d+) times", text):
        return f"{died[1]} tries in turn ended without an answer of the server"
    return ""


def _ours(outcome: Outcome, connected: bool) -> Failure | None:
    """A fault of the command line, of our files or of this machine."""
    code, text = outcome.code, outcome.text
    if code in _FILES or "X.509 key" in text or "private key file" in text:
        file = _FILES.get(code, "the client certificate or key")
        return Failure("config", f"cannot use {file}: {text}")
    if code in _USAGE or (code == curl_codes.UNSUPPORTED_PROTOCOL and not connected):
        return Failure("config", f"libcurl cannot do this: {text}")
    if "no protocols available" in text:
        words = "our own TLS library speaks none of the versions of TLS that are asked for"
        return Failure("config", words)
    if outcome.errno in _RESOURCE_ERRNO and code == curl_codes.COULDNT_CONNECT:
        return Failure("local", f"out of memory or descriptors here: {os.strerror(outcome.errno)}")
    answering = outcome.phases.last in ("server", "transfer")
    if code in _RESOURCES and not (code == curl_codes.OUT_OF_MEMORY and answering):
        return Failure("local", f"out of memory or descriptors here: {text}")
    return None
