"""A TLS web server for the demo.

`python -m tests.support.web PORT CERTIFICATE [ADDRESS [DELAY]]`.
"""

import http.server
import ssl
import sys
import time


class Page(http.server.BaseHTTPRequestHandler):
    """One small page for every path, after `delay` seconds.

    /to/HOST leads there, and /wait/SECONDS takes so long.
    """

    delay = 0.0
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = (
        True  # the answer would wait 40 ms for the client to acknowledge the TLS tickets
    )

    def do_GET(self) -> None:
        _, what, *rest = self.path.split("/")
        time.sleep(float(rest[0]) if what == "wait" else self.delay)
        body = b"<p>All is well.</p>\n"
        self.send_response(302 if what == "to" else 200)
        if what == "to":
            self.send_header("Location", f"https://{rest[0]}/")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *words: object) -> None:
        """Says nothing."""


def main(port: int, certificate: str, address: str = "127.0.0.1", delay: str = "0") -> None:
    """Serves until it is killed."""
    Page.delay = float(delay)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = http.server.ThreadingHTTPServer((address, port), Page)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
