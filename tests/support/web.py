"""A TLS web server for the demo: `python -m tests.support.web PORT CERTIFICATE`."""

import http.server
import ssl
import sys


class Page(http.server.BaseHTTPRequestHandler):
    """One small page for every path."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True  # the answer would wait 40 ms for the client to acknowledge the TLS tickets

    def do_GET(self) -> None:
        body = b"<p>All is well.</p>\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *words: object) -> None:
        """Says nothing."""


def main(port: int, certificate: str) -> None:
    """Serves on 127.0.0.1 until it is killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
