"""Name servers on loopback that live, refuse, are silent or cut their answers short."""

import errno
import os
import socket
import time
from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.parse.dns import NS, A
from bothsides.probe.net.dns_servers import Question, Servers
from bothsides.probe.net.name_servers import configuration
from tests.support.name_servers import Answers, says, serving, silent, zone

GOOD = zone({"a.test": ("192.0.2.1", "2001:db8::1")})
ASKED = Question("a.test", A)


def asked(servers: Servers, question: Question, seconds: float = 2.0) -> None:
    """Asks, and waits until all have answered or the time is over."""
    servers.ask(question)
    until = time.monotonic() + seconds
    while time.monotonic() < until and len(servers.replies(question)) < len(servers.addresses):
        servers.step()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("answers", "health"),
    [(GOOD, "well"), (says(3), "well"), (says(2), "useless"), (says(5), "useless"),
     (silent, "silent")],
)  # fmt: skip
def test_only_a_server_that_can_look_things_up_is_well(
    answers: Answers, health: str, tmp_path: Path
) -> None:
    with serving(tmp_path, answers) as known:
        servers = Servers(configuration(known.path), time.monotonic() + 60, known.port)
        asked(servers, Question("", NS), 0.3 if answers is silent else 2.0)
        assert servers.health("127.0.0.1") == health
        servers.close()


def test_all_servers_are_asked_side_by_side_and_each_answer_is_kept(tmp_path: Path) -> None:
    other = zone({"a.test": ("192.0.2.9",)})
    with serving(tmp_path, GOOD, other) as known:
        servers = Servers(configuration(known.path), time.monotonic() + 60, known.port)
        asked(servers, ASKED)
        found = {server: one.addresses for server, one in servers.replies(ASKED).items()}
        servers.close()
    assert found == {"127.0.0.1": ("192.0.2.1",), "127.0.0.2": ("192.0.2.9",)}


def test_a_question_is_repeated_to_the_silent_alone(tmp_path: Path) -> None:
    with serving(tmp_path, GOOD, silent) as known:
        servers = Servers(configuration(known.path), time.monotonic() + 60, known.port)
        asked(servers, ASKED, 0.7)
        servers.close()
    asked_ones = sorted(server for server, _, _ in known.asked)  # both are asked at the same time
    assert asked_ones == ["127.0.0.1", "127.0.0.2", "127.0.0.2"]


@pytest.mark.parametrize("options", ["", "options use-vc"])
def test_an_answer_that_is_cut_is_fetched_by_tcp(options: str, tmp_path: Path) -> None:
    many = tuple(f"192.0.2.{number}" for number in range(1, 100))
    with serving(tmp_path, zone({"a.test": many}), options=options, cut=True) as known:
        servers = Servers(configuration(known.path), time.monotonic() + 60, known.port)
        asked(servers, ASKED)
        assert servers.replies(ASKED)["127.0.0.1"].addresses == many
        servers.close()
    assert bool(known.asked) == (not options)


def test_a_server_that_does_not_know_edns_is_asked_without(tmp_path: Path) -> None:
    first: list[int] = []

    def old(name: str, kind: int) -> tuple[int, tuple[str, ...]]:
        first.append(kind)
        return (1, ()) if len(first) == 1 else (0, ("192.0.2.1",))

    with serving(tmp_path, old, options="options edns0") as known:
        servers = Servers(configuration(known.path), time.monotonic() + 60, known.port)
        asked(servers, ASKED)
        assert servers.replies(ASKED)["127.0.0.1"].addresses == ("192.0.2.1",)
        servers.close()


def test_a_server_that_cannot_be_asked_has_its_reason(tmp_path: Path) -> None:
    (tmp_path / "resolv.conf").write_text("nameserver 256.0.0.1\nnameserver 127.0.0.7\n")
    servers = Servers(configuration(str(tmp_path / "resolv.conf")), time.monotonic() + 60, 9)
    asked(servers, ASKED, 0.1)
    assert servers.health("127.0.0.7") == servers.health("256.0.0.1") == "silent"
    assert servers.reasons["127.0.0.7"] == "connection refused"
    assert "256.0.0.1" in servers.reasons
    servers.close()


def test_without_a_resolv_conf_the_server_on_this_machine_is_asked(tmp_path: Path) -> None:
    servers = Servers(configuration(str(tmp_path / "gone")), time.monotonic() + 60, 9)
    assert servers.addresses == ("127.0.0.1",)
    servers.close()


def test_without_descriptors_nothing_can_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object) -> socket.socket:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(socket, "socket", none_left)
    with pytest.raises(Unable, match="cannot ask our resolver ourselves: Too many open files"):
        Servers(configuration(str(tmp_path / "gone")), time.monotonic() + 60)
