"""Whatever a server sends, the output is one that every consumer survives."""

import re
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bothsides.base.deadline import Deadline
from bothsides.check.https.check import CHECK
from bothsides.plugin.main import perform
from tests.support.servers import Server, read_head, serving

LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 302 Found",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 404 |`$<>\x1b[31m",
        b"HTTP/9 x",
        b"",
    ]
)
FIELDS = st.sampled_from(
    [
        b"Location: //a:99999/|'",
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        b"Content-Encoding: gzip",
        b"Date: |",
    ]
)
ANSWERS = st.binary(max_size=200) | st.builds(
    lambda line, fields, noise, body: b"\r\n".join(
        [line, *fields, b"X: " + noise.replace(b"\n", b""), b"", body]
    ),
    LINES,
    st.lists(FIELDS, max_size=3),
    st.binary(max_size=30),
    st.binary(max_size=30),
)
OPTIONS = st.sampled_from(
    [
        ("-f", "follow"),
        ("-M", "1h"),
        ("--json", "a[0].b"),
        ("-r", "x"),
        ("-B",),
        ("-vvv",),
        ("--enable-automatic-decompression",),
    ]
)


class Saying(Server):
    """A plain server that says `answer` to whoever asks."""

    answer = b""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    def talk(client: socket.socket) -> None:
        read_head(client)
        client.sendall(Saying.answer)
        client.shutdown(socket.SHUT_WR)

    with serving(talk) as found:
        yield found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ANSWERS, OPTIONS)
def test_no_answer_breaks_the_output(
    server: Server, answer: bytes, options: tuple[str, ...]
) -> None:
    Saying.answer = answer
    report = perform(
        CHECK, [f"http://127.0.0.1:{server.port}/", "-t", "1", "-x", "none", *options], Deadline(8)
    )
    assert "internal error" not in report.text
    assert report.text.count("|") == 1
    assert re.fullmatch(r"[ -~\n]*", report.text)
    assert re.match(r"HTTPS (OK|WARNING|CRITICAL|UNKNOWN) - \S", report.text)
