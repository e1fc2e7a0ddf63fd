"""A far end with a page for everything that upstream's lists of check_http and check_curl ask for.

Pages: /status/N, /page, /slow, /method, /posted, /to, /to-elsewhere, /arrived, /to-relative,
/to-silence, /counting..., /silence, /header, /broken-header, /virtual, /chunked; anything else is
403.
"""

import re
import socket
import time
from http import HTTPStatus

from tests.support.servers import read_head

PAGE = b"<html><head><title>Root</title></head><body>Root page</body></html>\n"
CLOSE = "Connection: close"


def talk(client: socket.socket) -> None:
    """Answers one request."""
    head = read_head(client)
    if not head:
        return
    block, _, body = head.partition(b"\r\n\r\n")
    first, *lines = block.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    fields = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(fields.get("content-length", "0")):
        body += client.recv(65536)
    if target == "/silence":
        client.settimeout(8)
        client.recv(1)
        return
    if target == "/chunked":
        chunked(client, [b"chunked", b"encoding", b"test\n"], 0.2)
        return
    time.sleep(1.0 if target == "/slow" else 0.0)
    status, more, text = answer(client, method, target, fields, body)
    _send(client, status, more, b"" if method == "HEAD" else text)


def nothing_chunked(client: socket.socket) -> None:
    """A server that answers with a single, last chunk."""
    if read_head(client):
        chunked(client, [], 0)


def chunked(client: socket.socket, parts: list[bytes], pause: float) -> None:
    """An answer in chunks."""
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    for part in parts:
        client.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        time.sleep(pause)
    client.sendall(b"0\r\n\r\n")


def _send(client: socket.socket, status: int | str, more: list[str], text: bytes) -> None:
    words = f"{status} {HTTPStatus(status).phrase}" if isinstance(status, int) else status
    lines = [f"HTTP/1.1 {words}", *more, f"Content-Length: {len(text)}", CLOSE, "", ""]
    client.sendall("\r\n".join(lines).encode("latin-1") + text)


def answer(
    client: socket.socket, method: str, target: str, fields: dict[str, str], body: bytes
) -> tuple[int | str, list[str], bytes]:
    """Status, further header lines and body."""
    if found := re.fullmatch(r"/status/(\d+)", target):
        return int(found[1]), [], b""
    if target == "/method":
        code = {"DELETE": 405, "foo": 501}.get(method)
        return code or f"200 {method}", [], b""
    if target.startswith("/counting"):
        return counting(target)
    scheme = "https" if hasattr(client, "cipher") else "http"
    where = fields.get("host", "127.0.0.1")
    pages: dict[str, tuple[int | str, list[str], bytes]] = {
        "/page": (200, [], PAGE),
        "/slow": (200, [], b"slow"),
        "/posted": (200, [], f"{method}:".encode() + body),
        "/to": (301, [f"Location: {scheme}://{where}/arrived"], b""),
        "/to-relative": (302, ["Location: /arrived"], b"moved"),
        "/to-elsewhere": (301, [f"Location: {scheme}://127.0.0.9/arrived"], b""),
        "/to-silence": (301, ["Location: /silence"], b""),
        "/arrived": (200, [], b"redirected"),
        "/header": (200, ["foo: "], b""),
        "/broken-header": (200, ["foo: ", "Test1:: broken", " Test2: leading space"], b""),
        "/virtual": (200, [], where.encode()),
    }
    return pages.get(target, (403, [], b"no such page"))


def counting(target: str) -> tuple[int | str, list[str], bytes]:
    """Redirects to itself with each number in its parameters and query one higher, up to three."""
    bare, _, query = target.partition("?")
    path, *parameters = bare.split(";")
    raised = ";".join([path, *(_raised(one) for one in parameters)])
    raised += "?" + "&".join(_raised(one) for one in query.split("&")) if query else ""
    if "fails=3" in raised or "count=" not in raised:
        return 403, [], b"no count"
    if "count=3" in raised:
        return 200, [], raised.encode()
    return 302 if "found" in raised else 301, [f"Location: {raised}"], b""


def _raised(pair: str) -> str:
    key, _, value = pair.partition("=")
    return f"{key}={int(value) + 1 if value.isdigit() else value}"
