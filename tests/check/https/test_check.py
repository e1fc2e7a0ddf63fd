"""The plugin check_https as a process."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bothsides.check.https.figures import FIGURES
from tests.support import need
from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.process import PLUGINS, command_of
from tests.support.servers import ANSWER, answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def plugin(made: Lab, *arguments: str, trust: bool = True) -> tuple[int, str, float]:
    done = run(
        "check_https",
        *arguments,
        *(("--ca-cert", made.bundle) if trust else ()),
        environment={"PATH": "/usr/bin:/bin"},
    )
    assert done.error == ""
    return done.code, done.line, done.seconds


def test_the_plugin_says_ok_and_prints_every_figure(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        done = run(
            "check_https",
            "-H",
            "localhost",
            "-p",
            str(server.port),
            "-4",
            "--ca-cert",
            made.bundle,
            "-v",
        )
    assert (done.code, done.error) == (0, "")
    assert done.line.startswith(f"HTTPS OK - https://localhost:{server.port}/: 200 OK in ")
    assert list(done.perfdata) == [figure.label for figure in FIGURES]
    values = {label: figure.value for label, figure in done.perfdata.items()}
    parts = [
        values[f"time_{name}"] or 0.0
        for name in ("dns", "connect", "proxy", "tls", "server", "transfer", "redirect")
    ]
    assert abs(sum(parts) - (values["time"] or 0)) < 0.001
    assert "#" in done.text  # the picture


def test_a_whole_url_will_do_and_an_untrusted_one_will_not(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        url = f"https://127.0.0.1:{server.port}/a?b"
        assert plugin(made, url)[0] == 0
        code, line, _ = plugin(made, url, trust=False)
    assert code == 2
    assert "Lab Root is not trusted here" in line


def test_the_certificate_alone_with_days(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("soonmiddle")) as server:
        arguments = ("-H", "localhost", "-4", "-p", str(server.port))
        assert plugin(made, *arguments, "-C", "3")[0] == 0
        code, line, _ = plugin(made, *arguments, "-C", "30,2")
    assert code == 1
    assert "Short Intermediate expires in 5.5 days" in line


@pytest.mark.parametrize(
    "arguments",
    [(), ("-H", "-x"), ("-H", "a", "-f", "no"), ("ftp://a/",), ("-H", "a", "--state", "x=ok")],
)
def test_misuse_is_unknown_in_one_line(arguments: tuple[str, ...]) -> None:
    done = run("check_https", *arguments)
    assert (done.code, done.error, done.text.count("\n")) == (3, "", 1)
    assert done.text.startswith("HTTPS UNKNOWN - ")


def test_a_silent_server_costs_no_more_than_the_deadline(made: Lab) -> None:
    start_up = run("check_https", "-V").seconds
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, line, seconds = plugin(
            made, f"https://127.0.0.1:{listener.getsockname()[1]}/", "-t", "1"
        )
        assert (code, "TLS handshake stalls" in line) == (2, True)
        assert (
            plugin(made, f"https://127.0.0.1:{listener.getsockname()[1]}/", "-t", "0.5:unknown")[0]
            == 3
        )
    assert seconds <= 1.3 + 2 * start_up


def test_a_signal_leaves_the_figures_that_exist(made: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [
            sys.executable,
            str(PLUGINS / "check_https"),
            f"https://127.0.0.1:{listener.getsockname()[1]}/",
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        client, _ = listener.accept()
        with client:
            client.recv(1, socket.MSG_PEEK)  # it has said its hello
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            text, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (3, "")
    assert "interrupted by SIGTERM while waiting for the TLS handshake" in text
    assert "time_connect=0" in text


def test_help_loads_no_foreign_library(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(PLUGINS / "check_https"), "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert not [
        name
        for name in ("pycurl", "nagiosplugin", "pysnmp", "ssl", "json")
        if f"| {name}\n" in done.stderr
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-u", "/grün"),
        ("-A", "Müller"),
        ("-k", "X: Müller"),
        ("-P", "Müller"),
        ("-a", "Müller:pässword"),
        ("-u", "/a b"),
    ],
)
def test_text_beyond_ascii_goes_over_the_wire_as_utf_8(
    made: Lab, arguments: tuple[str, ...]
) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        outcome = run(
            "check_https",
            "-H",
            "localhost",
            "-p",
            str(server.port),
            "--ca-cert",
            made.bundle,
            *arguments,
        )
    assert (outcome.code, outcome.error) == (0, ""), outcome.text


def test_a_url_in_the_query_of_a_path_is_no_url_to_ask(made: Lab) -> None:
    """As on many a login page."""
    with serving(answering(ANSWER), made.file("good")) as server:
        where = ("-H", "localhost", "-p", str(server.port), "--ca-cert", made.bundle)
        outcome = run("check_https", *where, "-u", "/x?next=https://other.invalid/")
    assert outcome.code == 0, outcome.text


def test_a_reader_that_is_slow_loses_neither_the_output_nor_the_state() -> None:
    urls = [f"https://127.0.0.1:1/{number:0100}" for number in range(60)]
    with subprocess.Popen(
        [PLUGINS / "check_https", "-t", "4", *urls], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(5.5)
        text, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (2, b"")
    assert text.count(b"connection refused") >= 60


def test_a_thousand_descriptors_that_a_parent_left_open_do_no_harm(made: Lab) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1400:
        need.missing("1400 descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1400, hard))
    left = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with serving(answering(ANSWER), made.file("good")) as server:
            command = [
                *command_of("check_https"),
                f"https://localhost:{server.port}/",
                "--ca-cert",
                made.bundle,
                "-w",
                "0.9",
            ]
            done = subprocess.run(
                command, pass_fds=left, capture_output=True, text=True, check=False
            )
    finally:
        for descriptor in left:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
