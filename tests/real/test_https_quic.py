"""HTTP/3: a real QUIC server, bad certificates over it, and ports without one."""

import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.support import need
from tests.support.back_ends import START
from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.process import HOUSE, Outcome
from tests.support.quic import quic
from tests.support.servers import ANSWER, answering, serving

_HTTP3 = 1 << 25  # CURL_VERSION_HTTP3 in the features of curl_version_info(3)

BAD = {
    "expired": "the certificate expired 2 d ago",
    "selfsigned": "the certificate of good.test is self-signed",
    "wronghost": "the certificate is not for localhost but for other.test",
    "incomplete": ("no intermediate certificate is sent, and Lab Intermediate is not trusted here"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def port(made: Lab) -> Iterator[int]:
    with quic(made.file("good")) as found:
        yield found


@pytest.fixture
def able() -> None:
    import pycurl

    if not pycurl.version_info()[4] & _HTTP3:
        need.missing("this pycurl has no HTTP/3: pip install pycurl")


def ask(made: Lab, port: int, *arguments: str) -> Outcome:
    outcome = run(
        "check_https",
        "-H",
        "localhost",
        "-4",
        "-p",
        str(port),
        "--ca-cert",
        made.bundle,
        "--http-version",
        "3",
        *arguments,
    )
    assert outcome.error == ""
    return outcome


@pytest.mark.usefixtures("able")
def test_http_3_is_spoken_expected_and_told(made: Lab, port: int) -> None:
    outcome = ask(
        made, port, "--expect-http-version", "2,3", "-s", "hello", "-d", "x-kind: test", "-v"
    )
    assert outcome.code == 0, outcome.text
    assert "HTTP/3 200" in outcome.text
    values = {label: figure.value for label, figure in outcome.perfdata.items()}
    parts = [
        values[f"time_{name}"] or 0.0 for name in ("dns", "connect", "tls", "server", "transfer")
    ]
    assert abs(sum(parts) - (values["time"] or 0)) < 0.001
    assert (values["http_status"], values["addresses_ok"], values["tcp_rtt"]) == (200, 1, None)
    assert 89 < (values["cert_days"] or 0) < 91


@pytest.mark.usefixtures("able")
def test_http_3_where_another_is_expected_is_critical(made: Lab, port: int) -> None:
    outcome = ask(made, port, "--expect-http-version", "2")
    assert (outcome.code, "answered by HTTP/3 instead of 2" in outcome.line) == (2, True), (
        outcome.text
    )


@pytest.mark.usefixtures("able")
@pytest.mark.parametrize("name", BAD)
def test_a_bad_certificate_has_the_same_words_over_quic(name: str, made: Lab) -> None:
    with quic(made.file(name)) as port:
        outcome = ask(made, port, "-v")
    assert (outcome.code, BAD[name] in outcome.line, "blame: tls" in outcome.line) == (
        2,
        True,
        True,
    ), outcome.text
    assert outcome.perfdata["addresses_ok"].value == 1  # it answered, only not well


@pytest.mark.usefixtures("able")
def test_nobody_answering_quic_is_the_paths_fault(made: Lab) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        outcome = ask(made, silent.getsockname()[1], "-t", "1.5")
    assert (outcome.code, "to QUIC packets within" in outcome.line) == (2, True), outcome.text


@pytest.mark.usefixtures("able")
def test_http_3_that_is_not_there_does_not_fall_back(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        outcome = ask(made, server.port, "-t", "2")
    assert (outcome.code, "connection refused by 127.0.0.1" in outcome.line) == (2, True), (
        outcome.text
    )


def test_a_libcurl_without_http_3_is_ours_to_mend(made: Lab, port: int) -> None:
    asked = "import pycurl; print(pycurl.version_info()[4])"
    features = subprocess.run(
        ["/usr/bin/python3", "-c", asked], capture_output=True, text=True, check=False
    ).stdout
    if not features:
        need.missing("the system's Python has no pycurl: apt-get install python3-pycurl")
    command = [
        "/usr/bin/python3",
        "-c",
        START,
        str(HOUSE / "lib"),
        f"https://127.0.0.1:{port}/",
        "--http-version",
        "3",
    ]
    done = subprocess.run(
        [*command, "--ca-cert", made.bundle],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    wanted = (0, "200") if int(features) & _HTTP3 else (3, "speaks no HTTP/3")
    assert (done.returncode, wanted[1] in done.stdout) == (wanted[0], True), done.stdout
