"""Bad certificates of every kind, on both TLS back ends of pycurl, beside the C plugins."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bothsides.parse.perfdata import from_perfdata
from tests.support import need
from tests.support.back_ends import START, ask, backend, pythons
from tests.support.lab import Lab, lab
from tests.support.process import HOUSE
from tests.support.servers import ANSWER, Server, answering, serving

BAD = {
    "expired": (2, "the certificate expired 2 d ago"),
    "early": (2, "the certificate is not valid yet: it begins in 3 d"),
    "selfsigned": (2, "the certificate of good.test is self-signed"),
    "wronghost": (2, "the certificate is not for localhost but for other.test"),
    "incomplete": (
        2,
        "no intermediate certificate is sent, and Lab Intermediate is not trusted here",
    ),
    "expiredmiddle": (2, "the intermediate certificate Stale Intermediate expired 3"),
    "soonmiddle": (1, "certificate of Short Intermediate expires in 5.5 days, below 14"),
}


# Exit states of check_http and check_curl 2.3.3, asked the same way; 0 is an OK for a bad one.
PEERS = {
    "expired": (2, 2),
    "early": (0, 0),
    "selfsigned": (0, 0),
    "wronghost": (0, 0),
    "incomplete": (0, 0),
    "expiredmiddle": (0, 0),
    "soonmiddle": (0, 0),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def servers(made: Lab) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(serving(answering(ANSWER), made.file(name)))
            for name in ("good", *BAD)
        }


def test_both_back_ends_are_here() -> None:
    assert {backend(python) for python in pythons()} == {"OpenSSL", "GnuTLS"}


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("name", BAD)
def test_each_bad_certificate_has_its_state_and_words(
    name: str, python: str, servers: dict[str, Server], made: Lab
) -> None:
    backend(python)
    code, line = ask(
        python,
        "-H",
        "localhost",
        "-4",
        "-p",
        str(servers[name].port),
        "--ca-cert",
        made.bundle,
        "-C",
        "14",
    )
    assert (code, BAD[name][1] in line) == (BAD[name][0], True), line


@pytest.mark.parametrize("python", pythons())
def test_a_good_one_is_accepted_and_unknown_issuers_are_not(
    python: str, servers: dict[str, Server], made: Lab
) -> None:
    backend(python)
    arguments = ("-H", "localhost", "-4", "-p", str(servers["good"].port), "-C", "14")
    assert ask(python, *arguments, "--ca-cert", made.bundle)[0] == 0
    code, line = ask(python, *arguments)
    assert code == 2
    assert "the issuer Lab Root is not trusted here" in line or "Lab Root" in line
    assert ask(python, *arguments, "--insecure")[0] == 0


@pytest.mark.parametrize("name", BAD)
def test_what_the_peers_say_has_not_changed(name: str, servers: dict[str, Server]) -> None:
    arguments = [
        "-S",
        "-I",
        "127.0.0.1",
        "-H",
        "localhost",
        "-p",
        str(servers[name].port),
        "-C",
        "1,0",
    ]
    programs = [
        need.program(peer, "monitoring-plugins-basic") for peer in ("check_http", "check_curl")
    ]
    said = tuple(
        subprocess.run([peer, *arguments], capture_output=True, timeout=30, check=False).returncode
        for peer in programs
    )
    assert said == PEERS[name]


@pytest.mark.parametrize("python", pythons())
def test_our_reading_of_a_large_bundle_is_not_the_servers_time(
    python: str, servers: dict[str, Server], made: Lab, tmp_path: Path
) -> None:
    backend(python)
    large = tmp_path / "large.pem"
    large.write_text(Path(made.bundle).read_text() * 4000)
    command = [
        python,
        "-c",
        START,
        str(HOUSE / "lib"),
        "-H",
        "localhost",
        "-4",
        "-p",
        str(servers["good"].port),
    ]
    began = time.monotonic()
    done = subprocess.run(
        [*command, "--ca-cert", str(large)], capture_output=True, text=True, timeout=30, check=False
    )
    took = time.monotonic() - began
    figures = {
        figure.label: figure.value or 0.0
        for figure in from_perfdata(done.stdout.partition("|")[2].partition("\n")[0])
    }
    assert done.returncode == 0, done.stdout
    assert 0 < figures["time_tls"] < took / 4  # half of it all is the reading
