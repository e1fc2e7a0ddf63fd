"""What check_https makes of a visit, and the plugin as a process."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bothsides.analyse.https import analyse
from bothsides.check.https.check import CHECK
from bothsides.check.https.figures import FIGURES
from bothsides.check.https.judge import judge
from bothsides.model.failure import Failure
from bothsides.model.https import Contact, Outcome, Past, Run, Visit
from bothsides.parse import Unreadable
from bothsides.parse.certificate import Certificate
from bothsides.parse.http import Head
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import Finding, Ranges, Reading, Remark, State, Table
from tests.support import need
from tests.support.lab import Lab, lab
from tests.support.process import PLUGINS, command_of, run
from tests.support.servers import ANSWER, answering, serving

URL = from_url("https://example.org/")
PHASES = Phases(0.01, 0.02, None, 0.03, 0.04, 0.05)
LABELS = (
    "time size time_dns time_connect time_proxy time_tls time_server time_transfer time_redirect"
    " cert_days chain_days http_status tcp_rtt tcp_retrans addresses addresses_ok tries failed"
)
DAY = 86400.0
NOW = 1_800_000_000.0
CHAIN = (
    Certificate("CN=example.org", "CN=Middle", NOW - 10 * DAY, NOW + 80 * DAY),
    Certificate("CN=Middle", "CN=Root", NOW - 100 * DAY, NOW + 20 * DAY),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def answered(
    line: str = "HTTP/1.1 200 OK", body: bytes = b"hello", headers: tuple[tuple[str, str], ...] = ()
) -> Visit:
    code = int(line.split()[1]) if line.startswith("HTTP") else 0
    contacts = (Contact("192.0.2.1", True, "", 0.1, 0.018, 0),)
    return Visit(
        URL,
        (
            Outcome(
                URL,
                PHASES,
                0,
                head=Head(line, code, headers),
                body=body,
                size=100,
                chain=CHAIN,
                contacts=contacts,
            ),
        ),
    )


def judged(found: Visit, *arguments: str) -> list[Finding]:
    options = understood(CHECK, ["-H", "example.org", *arguments])
    limits = CHECK.limits(options, limits_of(CHECK, options))
    analysis = analyse(CHECK.plan(options, limits), Run(NOW, (found,), str(URL)), Past())
    return [f for f in judge(analysis, limits) if not isinstance(f, Table)]


def state(found: Visit, *arguments: str) -> State:
    """The worst state of the findings."""
    from bothsides.plugin.finding import worst

    return worst(f.state for f in judged(found, *arguments) if not isinstance(f, Table))


def readings(findings: list[Finding]) -> dict[str, float | None]:
    return {f.figure.label: f.value for f in findings if isinstance(f, Reading)}


def test_figures_are_these_in_this_order_for_ever() -> None:
    assert [figure.label for figure in FIGURES] == LABELS.split()


def test_a_record_of_a_visit_without_a_transfer_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="without a transfer"):
        judged(Visit(URL, ()))


def test_a_good_answer_is_ok_with_every_figure() -> None:
    findings = judged(answered())
    assert findings[0] == Remark(State.OK, "200 OK in 150 ms, 100 B")
    values = readings(findings)
    assert values["time"] == pytest.approx(0.15)
    assert values["time_proxy"] is None
    assert (values["cert_days"], values["chain_days"]) == (80.0, 20.0)
    assert (values["http_status"], values["tcp_rtt"], values["tcp_retrans"]) == (200.0, 0.018, 0.0)
    assert (values["addresses"], values["addresses_ok"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("line", "arguments", "expected"),
    [
        ("HTTP/1.1 404 Not Found", (), State.WARNING),
        ("HTTP/1.1 503 Service Unavailable", (), State.CRITICAL),
        ("HTTP/1.1 301 Moved", (), State.OK),
        ("HTTP/1.1 301 Moved", ("-f", "warning"), State.WARNING),
        ("HTTP/1.1 301 Moved", ("-f", "critical"), State.CRITICAL),
        ("HTTP/1.1 999 Odd", (), State.CRITICAL),
        ("220 mail ESMTP", (), State.CRITICAL),
        ("HTTP/1.1 401 Unauthorized", ("-e", "401"), State.OK),
        ("HTTP/1.1 200 OK", ("-e", "401,403"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-s", "hello"), State.OK),
        ("HTTP/1.1 200 OK", ("-s", "goodbye"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-d", "X: y"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-w", "0.1"), State.WARNING),
        ("HTTP/1.1 200 OK", ("-w", "0.1", "-c", "0.15"), State.WARNING),
        ("HTTP/1.1 200 OK", ("-c", "time_tls=20ms"), State.CRITICAL),
        ("HTTP/1.1 200 OK", ("-C", "19"), State.OK),
        ("HTTP/1.1 200 OK", ("-C", "30"), State.WARNING),
        ("HTTP/1.1 200 OK", ("-C", "30,21"), State.CRITICAL),
    ],
)
def test_the_rules_of_check_http(line: str, arguments: tuple[str, ...], expected: State) -> None:
    assert state(answered(line), *arguments) is expected


@pytest.mark.parametrize(
    ("blame", "expected"),
    [
        ("config", State.UNKNOWN), ("local", State.UNKNOWN), ("dns", State.CRITICAL), ("proxy", State.CRITICAL),
        ("path", State.CRITICAL), ("tls", State.CRITICAL), ("server", State.CRITICAL),
    ],
)  # fmt: skip
def test_each_class_of_failure_has_its_state_and_may_have_another(
    blame: str, expected: State
) -> None:
    failed = Visit(URL, (Outcome(URL, Phases(0.01, 0.02), 28),), Failure(blame, "it broke"))
    assert judged(failed)[0] == Remark(expected, f"it broke (blame: {blame})")
    assert state(failed, "--state", f"{blame}=warning") is State.WARNING
    assert readings(judged(failed))["time_tls"] is None


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("https://localhost/", "-u", "/login"), "-u beside a whole URL"),
        (("https://localhost/", "https://localhost:8443/", "-p", "8444"), "-p beside 2 URLs"),
        (
            ("http://localhost/", "https://localhost/", "--plain"),
            "--plain beside https://localhost/",
        ),
        (("http://localhost/", "-S1.2"), "-S beside http://localhost/"),
        (("-H", "localhost", "-4", "--source", "::1"), "--source ::1 is no IPv4 address"),
        (("-o", "https://a/", "https://b/"), "-o reads one body"),
        (("-H", "localhost", "--plain", "-S"), "--plain and -S exclude each other"),
    ],
)
def test_no_option_is_silently_dropped_beside_a_whole_url(
    arguments: tuple[str, ...], words: str
) -> None:
    done = run("check_https", *arguments)
    assert (done.code, words in done.line) == (3, True), done.text


@pytest.mark.parametrize(
    ("source", "family"), [("::1", 6), ("fe80::1%eth0", 6), ("127.0.0.1", 4), ("eth0", 0), ("", 0)]
)
def test_from_a_source_address_only_its_own_family_is_asked(source: str, family: int) -> None:
    options = understood(CHECK, ["-H", "example.org", "--source", source])
    assert (
        CHECK.plan(options, CHECK.limits(options, limits_of(CHECK, options))).route.family == family
    )


def test_a_silent_server_costs_no_more_than_the_deadline(made: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, line, seconds = plugin(
            made, f"https://127.0.0.1:{listener.getsockname()[1]}/", "-t", "1"
        )
        assert (code, "TLS handshake stalls" in line) == (2, True)
        assert (
            plugin(made, f"https://127.0.0.1:{listener.getsockname()[1]}/", "-t", "0.5:unknown")[0]
            == 3
        )
    assert seconds <= 1.3


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
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            text, error = process.communicate(timeout=5)
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


def test_limits_may_name_every_figure() -> None:
    limits: Ranges = limits_of(
        CHECK, understood(CHECK, ["-w", "time_connect=200ms,time_tls=0.5", "-c", "5"])
    )
    assert str(limits.warning["time_connect"]) == "0.2"
    assert str(limits.critical["time"]) == "5"


def test_a_slow_server_is_told_from_a_network_that_loses_packets() -> None:
    found = answered()
    hop = found.hops[0]._replace(phases=Phases(0.01, 0.02, None, 0.03, 2.0, 0.05))
    lossy = hop._replace(
        phases=Phases(0.01, 3.0, None, 0.03, 0.04, 0.05),
        contacts=(Contact("192.0.2.1", True, "", 3.0, 0.02, 2),),
    )
    words = [
        f.words
        for one in (hop, lossy)
        for f in judged(found._replace(hops=(one,)))
        if isinstance(f, Reading)
    ]
    assert "took 2.11 s (mostly the answer)" in words
    assert "took 3.13 s (mostly connecting; 2 packets sent again)" in words


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


def test_a_memory_that_is_locked_hides_nothing_of_what_was_seen_and_costs_no_time(
    made: Lab, tmp_path: Path
) -> None:
    import sqlite3

    good = ("https://127.0.0.1:1/", "--state-dir", str(tmp_path), "-t", "1")
    assert run("check_https", *good).code == 2
    (memory,) = tmp_path.glob("memory-*.sqlite")
    with socket.create_server(("127.0.0.1", 0)) as silent, sqlite3.connect(memory) as holder:
        holder.execute("PRAGMA journal_mode = DELETE")  # in it, a writer keeps readers out too
        holder.execute("BEGIN EXCLUSIVE")
        outcome = run("check_https", *good)
        late = run("check_https", f"https://127.0.0.1:{silent.getsockname()[1]}/", *good[1:])
        holder.rollback()
    assert outcome.code == 2, outcome.text
    assert "connection refused" in outcome.text
    assert (late.code, "TLS handshake stalls" in late.line) == (2, True), late.text
    assert late.seconds <= 1.3 + 0.3


def test_a_reader_that_is_slow_loses_neither_the_output_nor_the_state() -> None:
    urls = [f"https://127.0.0.1:1/{number:0100}" for number in range(60)]
    with subprocess.Popen(
        [PLUGINS / "check_https", "-t", "1", *urls], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        time.sleep(2.5)
        text, error = process.communicate(timeout=10)
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
