"""Through a real Squid: four failures give four sentences, and no secret shows anywhere."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import need
from tests.support.daemons import Daemon, folder, free_port
from tests.support.forked import run
from tests.support.lab import Lab, lab
from tests.support.process import Outcome, command_of
from tests.support.proxies import squid
from tests.support.servers import ANSWER, Server, answering, read_head, serving

WORD = "s3cretw0rd"


USERS = {"monitor": WORD}


RULES = "acl bad dstdomain forbidden.test\nhttp_access deny bad\nhttp_access allow known"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def server(made: Lab) -> Iterator[Server]:
    with serving(answering(ANSWER), made.file("good")) as found:
        yield found


@pytest.fixture(scope="module", params=["basic", "digest"])
def proxy(request: pytest.FixtureRequest) -> Iterator[Daemon]:
    with folder() as root, squid(root, RULES, USERS, request.param) as daemon:
        yield daemon


def ask(made: Lab, proxy: int, *arguments: str, **environment: str) -> Outcome:
    way = ("--ca-cert", made.bundle, "-x", f"http://127.0.0.1:{proxy}")
    known = {"PATH": os.environ["PATH"], **environment}
    outcome = run("check_https", "-t", "6", *arguments, *way, environment=known)
    assert outcome.error == ""
    assert WORD not in outcome.text
    return outcome


def test_a_login_from_a_file_or_the_environment_opens_the_way(
    made: Lab, proxy: Daemon, server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "login"
    file.write_text(f"monitor:{WORD}\n")
    file.chmod(0o600)
    url = f"https://127.0.0.1:{server.port}/"
    outcome = ask(
        made,
        proxy.port,
        url,
        "-b",
        f"@{file}",
        "-vvv",
        "--explain",
        "--record",
        str(tmp_path / "record.json"),
    )
    assert outcome.code == 0, outcome.text
    values = {label: figure.value for label, figure in outcome.perfdata.items()}
    assert (values["time_proxy"] or 0) > 0
    parts = [
        values[f"time_{name}"] or 0.0
        for name in ("dns", "connect", "proxy", "tls", "server", "transfer")
    ]
    assert abs(sum(parts) - (values["time"] or 0)) < 0.001
    assert WORD not in (tmp_path / "record.json").read_text()
    assert ask(made, proxy.port, url, "-b", "env:LOGIN", LOGIN=f"monitor:{WORD}").code == 0
    file.chmod(0o644)
    open_to_all = ask(made, proxy.port, url, "-b", f"@{file}")
    assert (open_to_all.code, "open to everybody" in open_to_all.line) == (3, True)


def test_a_login_from_an_ini_file(made: Lab, proxy: Daemon, server: Server, tmp_path: Path) -> None:
    ini = tmp_path / "plugins.ini"
    ini.write_text(f"[web]\nproxy-authorization = monitor:{WORD}\n")
    ini.chmod(0o600)
    assert (
        ask(made, proxy.port, f"https://127.0.0.1:{server.port}/", f"--extra-opts=web@{ini}").code
        == 0
    )


def test_the_environments_proxy_is_used_and_named(made: Lab, proxy: Daemon, server: Server) -> None:
    through = {
        "https_proxy": f"http://monitor:{WORD}@127.0.0.1:{proxy.port}",
        "PATH": os.environ["PATH"],
    }
    url = f"https://127.0.0.1:{server.port}/"
    outcome = run(
        "check_https", url, "--ca-cert", made.bundle, "-vvv", "--explain", environment=through
    )
    assert outcome.code == 0, outcome.text
    assert f"127.0.0.1:{proxy.port} (of https_proxy)" in outcome.text
    assert f"through proxy 127.0.0.1:{proxy.port} of https_proxy" in outcome.line
    assert WORD not in outcome.text
    away = run(
        "check_https",
        url,
        "--ca-cert",
        made.bundle,
        "--noproxy",
        "127.0.0.1",
        "-v",
        environment=through,
    )
    assert (away.code, "https_proxy" in away.text) == (0, False)


def test_the_environments_proxy_is_named_when_it_fails_too(made: Lab) -> None:
    for name, url in (
        ("https_proxy", "https://target.test/"),
        ("all_proxy", "http://target.test/"),
    ):
        closed = free_port()
        through = {name: f"http://monitor:{WORD}@127.0.0.1:{closed}", "PATH": os.environ["PATH"]}
        outcome = run("check_https", url, "--ca-cert", made.bundle, environment=through)
        words = f"proxy 127.0.0.1:{closed} refuses connections, a proxy of {name} (blame: proxy)"
        assert (outcome.code, words in outcome.line, WORD in outcome.text) == (2, True, False), (
            outcome.text
        )


ODD = {  # what a proxy says, and whose fault it is when that is all, for https and for http
    b"\0\1garbage\r\n\r\n": ("proxy", "proxy"),
    b"SSH-2.0-OpenSSH_9.2\r\n": ("proxy", "proxy"),
    b"": ("proxy", "proxy"),
    b"HTTP/1.1 200 O": ("proxy", "proxy"),
    b"HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\nContent-Length: 0\r\n\r\n": (
        "proxy",
        "",
    ),
    b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 400_000 + b"\r\n\r\n": ("proxy", "server"),
}


@pytest.mark.parametrize("answer", ODD, ids=lambda answer: answer[:20].decode())
def test_what_is_no_proxys_answer_is_not_blamed_on_the_target(made: Lab, answer: bytes) -> None:
    def talk(client: socket.socket) -> None:
        read_head(client)
        client.sendall(answer)
        client.shutdown(socket.SHUT_WR)
        client.recv(1 << 16)

    with serving(talk) as odd:
        for scheme, blame in zip(("https", "http"), ODD[answer], strict=True):
            outcome = ask(made, odd.port, f"{scheme}://target.test/")
            assert outcome.code == (2 if blame else 0), outcome.text
            assert (f"(blame: {blame})" in outcome.text) == bool(blame), outcome.text
            assert f"proxy 127.0.0.1:{odd.port}" in outcome.line


def test_four_failures_give_four_sentences(made: Lab, proxy: Daemon, server: Server) -> None:
    good = ("-b", "env:LOGIN")
    login = {"LOGIN": f"monitor:{WORD}"}
    here = f"https://127.0.0.1:{server.port}/"
    closed = free_port()
    cases = [
        (
            ask(made, proxy.port, here, "-b", "monitor:wrong"),
            "refused the login of user monitor (407)",
            "proxy",
        ),
        (ask(made, proxy.port, here), "requires a login (407)", "proxy"),
        (
            ask(made, proxy.port, "https://forbidden.test/", *good, **login),
            "forbids this target (403)",
            "proxy",
        ),
        (
            ask(made, proxy.port, f"https://127.0.0.1:{closed}/", *good, **login),
            "does not reach the target (503, Squid: connection refused)",
            "path",
        ),
        (
            ask(made, closed, here, *good, **login),
            f"proxy 127.0.0.1:{closed} refuses connections",
            "proxy",
        ),
    ]
    for outcome, words, blame in cases:
        assert (outcome.code, words in outcome.text, f"blame: {blame})" in outcome.text) == (
            2,
            True,
            True,
        ), outcome.text
    assert len({outcome.line for outcome, _, _ in cases}) == len(cases)


def test_a_proxy_that_is_asked_as_a_server_for_a_whole_url_passes_it_on_as_with_check_http(
    proxy: Daemon,
) -> None:
    with serving(answering(ANSWER.replace(b"hello\n", b"there\n"))) as plain:
        where = [
            "-I",
            "127.0.0.1",
            "-p",
            str(proxy.port),
            "-u",
            f"http://127.0.0.1:{plain.port}/x",
            "-s",
            "there",
        ]
        login = ["-b", f"monitor:{WORD}"]
        ours = [run("check_https", *where, *more) for more in (login, [])]
        command = [need.program("check_http", "monitoring-plugins-basic"), *where]
        theirs = [
            subprocess.run([*command, *more], capture_output=True, check=False)
            for more in (login, [])
        ]
    assert [outcome.code for outcome in ours] == [done.returncode for done in theirs]
    assert "HTTP status 407" in ours[1].text
    assert (ours[0].code == 0) == (
        b"HTTP OK" in theirs[0].stdout
    )  # neither answers a Digest challenge here


def test_a_web_server_is_not_a_proxy_and_a_silent_one_is_said(made: Lab, server: Server) -> None:
    here = f"https://127.0.0.1:{server.port}/"
    with serving(answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")) as web:
        outcome = ask(made, web.port, here)
    assert (outcome.code, "is it a proxy?" in outcome.line) == (2, True), outcome.text
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = ask(made, silent.getsockname()[1], here, "-t", "1")
    assert (outcome.code, "does not answer CONNECT" in outcome.line) == (2, True), outcome.text
    assert outcome.seconds <= 1.6


def test_no_secret_shows_in_the_process_list(made: Lab, tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text(f"monitor:{WORD}\n")
    file.chmod(0o600)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        through = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [
            *command_of("check_https"),
            "https://127.0.0.1:1/",
            "-x",
            through,
            "-b",
            f"@{file}",
            "-t",
            "2",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            client, _ = silent.accept()
            with client:
                time.sleep(0.1)
                shown = Path(f"/proc/{process.pid}/cmdline").read_bytes()
                process.kill()
            process.communicate()
    assert WORD.encode() not in shown


def test_connect_through_the_address_as_with_check_http(
    made: Lab, server: Server, tmp_path: Path
) -> None:
    rules = "http_access allow all"
    target = f"https://localhost:{server.port}/"
    with folder() as root, squid(root, rules, {}) as open_proxy:
        way = ("-I", "127.0.0.1", "-p", str(open_proxy.port), "-u", target, "-S", "-H", "localhost")
        for method in ("CONNECT", "CONNECT:GET"):
            done = run("check_https", *way, "-j", method, "--ca-cert", made.bundle)
            assert (done.code, "200 OK" in done.line) == (0, True), done.text
