"""Names to addresses: many at once, and none of them held up by another."""

import _socket
import _thread
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import bothsides.probe.net.resolve as resolve_module
from bothsides.base.deadline import Deadline
from bothsides.model.failure import Failure
from bothsides.probe.net import dns_servers, name_servers, second_opinion
from bothsides.probe.net.resolve import Address, Resolved, faults_of, resolve, resolve_all
from tests.support.name_servers import NameServers, serving, zone
from tests.support.name_servers import silent as silent_server
from tests.support.stopwatch import Stopwatch


@pytest.fixture(autouse=True)
def nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServers]:
    """Name servers of our own in place of this machine's."""
    monkeypatch.setattr(resolve_module, "_doubted", [0.0])
    monkeypatch.setattr(second_opinion, "_silent", {})
    known = zone({"good.test": ("127.0.0.9",)})

    def second(name: str, kind: int) -> tuple[int, tuple[str, ...]] | None:
        return None if name[:1].isdigit() or "silent" in name else known(name, kind)

    with serving(tmp_path, silent_server, second) as servers:
        read = name_servers.configuration(servers.path)
        monkeypatch.setattr(second_opinion, "configuration", lambda: read)
        monkeypatch.setattr(dns_servers.Servers.__init__, "__defaults__", (servers.port,))
        monkeypatch.setattr(
            second_opinion.SecondOpinion.__init__, "__defaults__", ("", servers.port)
        )
        yield servers


def test_addresses_are_what_they_are_and_cost_no_look_up() -> None:
    found = resolve_all(["127.0.0.1", "::1", "127.0.0.1"], 0, Deadline(1))
    assert found == {
        "127.0.0.1": Resolved((Address(4, "127.0.0.1"),), 0.0),
        "::1": Resolved((Address(6, "::1"),), 0.0),
    }


def test_a_family_that_an_address_does_not_have_is_a_failure_of_that_host_alone() -> None:
    found = resolve_all(["127.0.0.1", "::1"], 4, Deadline(2))
    assert found["127.0.0.1"][0] == (Address(4, "127.0.0.1"),)
    failure = found["::1"][0]
    assert isinstance(failure, Failure)
    assert failure.words == "::1 is no IPv4 address, see -4 and -6"


def test_names_that_are_slow_are_looked_up_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    real = _socket.getaddrinfo

    def slow(
        host: bytes | str,
        port: None,
        family: int = 0,
        kind: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> object:
        if not flags:
            time.sleep(5.0 if b"silent" in bytes(str(host), "ascii") else 0.2)
            host = b"127.0.0.1"
        return real(host, port, family, kind, proto, flags)

    monkeypatch.setattr(_socket, "getaddrinfo", slow)
    names = [f"host{number}.test" for number in range(100)]  # more than are looked up at once
    watch = Stopwatch()
    found = resolve_all([*names[:50], "silent.test", *names[50:]], 0, Deadline(10), patience=1.5)
    took = watch.seconds
    assert all(found[name][0] == (Address(4, "127.0.0.1"),) for name in names)
    assert all(0.19 < found[name][1] < 1.4 for name in names)
    failure, seconds, _ = found["silent.test"]
    assert isinstance(failure, Failure)
    words = "the name servers of silent.test give no answer, while our resolver 127.0.0.2 works"
    assert failure == Failure("dns", words)
    assert seconds > 1.4
    assert took < 2.2


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name servers that answer for nothing but good.test."""
    real = _socket.getaddrinfo

    def asked(
        host: bytes | str,
        port: None,
        family: int = 0,
        kind: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> object:
        if not flags:
            time.sleep(0 if host == b"good.test" else 2.0)
            host = b"127.0.0.1"
        return real(host, port, family, kind, proto, flags)

    monkeypatch.setattr(_socket, "getaddrinfo", asked)


@pytest.mark.usefixtures("silent")
def test_a_name_behind_many_silent_ones_is_looked_up_when_these_have_had_their_time() -> None:
    found = resolve_all(
        [*(f"{number}.test" for number in range(64)), "good.test"], 0, Deadline(10), patience=0.3
    )
    assert found["good.test"][0] == (Address(4, "127.0.0.1"),)
    assert found["good.test"][1] < 0.3 <= found["63.test"][1]


@pytest.mark.usefixtures("silent")
def test_a_name_for_which_no_time_was_left_is_not_called_silent() -> None:
    found = resolve_all(
        [*(f"{number}.test" for number in range(64)), "good.test"], 0, Deadline(0.4)
    )
    failure, seconds, _ = found["good.test"]
    assert isinstance(failure, Failure)
    assert (failure.blame, failure.words) == (
        "local",
        "good.test was not looked up: no time left (target not tested)",
    )
    assert seconds == 0
    assert "our resolver does not answer" in str(found["0.test"][0])


def test_a_machine_that_gives_no_thread_has_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", none)
    words = "good.test was not looked up: no more threads here (target not tested)"
    assert resolve("good.test", 0, Deadline(5)) == Failure("local", words)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (_socket.EAI_NONAME, "x.test has no address (the name does not exist)"),
        (-5, "x.test has no address"),
    ],
)
def test_only_a_name_that_does_not_exist_is_said_not_to(
    code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise _socket.gaierror(code, "no")

    monkeypatch.setattr(_socket, "getaddrinfo", failing)
    assert resolve("x.test", 0, Deadline(5)) == Failure("dns", words)


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float, end: OSError | None = None) -> None:
    """Has the system's resolver answer late, or not at all."""
    real = _socket.getaddrinfo

    def asked(host: bytes | str, port: None, family: int = 0, *how: int) -> object:
        if how[2:]:
            return real(host, port, family, *how)
        time.sleep(seconds)
        if end is not None:
            raise end
        return real(b"127.0.0.1", port, family, *how)

    monkeypatch.setattr(_socket, "getaddrinfo", asked)


def test_a_second_server_answers_while_the_system_waits_for_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow(monkeypatch, 5.0)
    watch = Stopwatch()
    found = resolve_all(["good.test"], 4, Deadline(8))
    took = watch.seconds
    answer, seconds, fault = found["good.test"]
    assert answer == (Address(4, "127.0.0.9"),)
    silence = r"our resolver 127\.0\.0\.1 does not answer \(silent for 1\.\d s\), 127\.0\.0\.2 does"
    assert re.fullmatch(silence, fault)
    assert faults_of(found.values()) == (fault,)
    assert seconds > 1.4
    assert took < 2.2
    again = resolve_all(["good.test"], 4, Deadline(8))["good.test"]
    assert (again.answer, again.seconds < 0.5) == (answer, True)


def test_an_answer_of_the_system_counts_before_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, 0.7)
    watch = Stopwatch()
    answer, seconds, _ = resolve_all(["good.test"], 4, Deadline(8))["good.test"]
    assert answer == (Address(4, "127.0.0.1"),)
    assert seconds > 0.65
    assert watch.seconds < 1.2


def test_where_the_system_cannot_answer_we_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch, 0.0, _socket.gaierror(_socket.EAI_AGAIN, "again"))
    assert resolve("good.test", 4, Deadline(8)) == (Address(4, "127.0.0.9"),)
    words = "none.test has no IPv4 address (the name does not exist)"
    assert resolve("none.test", 4, Deadline(8)) == Failure("dns", words)


def test_a_name_without_an_address_of_one_family_may_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise _socket.gaierror(_socket.EAI_NONAME, "no")

    monkeypatch.setattr(_socket, "getaddrinfo", failing)
    failure = Failure("dns", "localhost has no IPv6 address")
    assert resolve("localhost", 6, Deadline(5)) == failure
