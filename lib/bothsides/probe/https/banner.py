"""What a port says that speaks neither TLS nor HTTP: SSH, SMTP and others greet first."""

import _socket as socket

from bothsides.base.deadline import spare
from bothsides.base.poll import ready

_PATIENCE = 0.4  # s for a greeting, and again for the answer to a question
_LONGEST = 60  # characters to show
_TLS_ALERT, _TLS_HANDSHAKE = 0x15, 0x16  # first octets of TLS records
_QUESTION = b"GET / HTTP/1.0\r\n\r\n"


def banner(host: str, port: int) -> str:
    """`it greets with SSH-2.0-OpenSSH_9.2`, `it speaks TLS`, `it speaks plain HTTP`, or nothing."""
    said = _said(host, port)
    if said[:1] and said[0] in (_TLS_ALERT, _TLS_HANDSHAKE) and said[1:2] == b"\x03":
        return "it speaks TLS"
    if said.startswith(b"HTTP/"):
        return "it speaks plain HTTP"
    line = said.splitlines()[0] if said else b""
    text = "".join(c for c in line.decode("ascii", "ignore") if c.isprintable()).strip()
    return f"it greets with {text[:_LONGEST]}" if text else ""


def _said(host: str, port: int) -> bytes:
    """The first octets, unasked or as the answer to a plain request."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return b""
    try:
        opened.settimeout(max(0.001, spare(_PATIENCE)))
        opened.connect((host, port))
        if not ready((opened,), spare(_PATIENCE)):
            opened.send(_QUESTION)
            if not ready((opened,), spare(_PATIENCE)):
                return b""
        return opened.recv(256)
    except OSError:
        return b""
    finally:
        opened.close()
