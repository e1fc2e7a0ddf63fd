"""The time servers that files of this host name."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.parse.ntp_servers import Server
from bothsides.probe.net import ntp_configured
from bothsides.probe.net.local_clock import Timeline
from bothsides.probe.net.ntp_configured import Named, configured, configured_reference
from tests.support.snmp import scripted
from tests.support.stopwatch import Stopwatch


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ntp_configured, "ROOT", str(tmp_path))
    return tmp_path


def written(root: Path, name: str, text: str) -> str:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def serving(octets: bytes) -> Sequence[bytes]:
    now = int((time.time() + 2208988800) * 2**32).to_bytes(8, "big")
    return [bytes([0x24, 2, 6, 0xE8]) + bytes(20) + octets[40:48] + now + now]


def test_chrony_comes_first_and_what_it_includes(root: Path) -> None:
    ntp = written(root, "etc/ntp.conf", "server 192.0.2.3\nserver 192.0.2.1\n")
    dropped = written(root, "etc/systemd/timesyncd.conf.d/a.conf", "[Time]\nNTP=192.0.2.2\n")
    lines = "sourcedir /etc/chrony/sources.d\nserver 192.0.2.1\n"
    chrony = written(root, "etc/chrony/chrony.conf", lines)
    sources = written(root, "etc/chrony/sources.d/x.sources", "server 192.0.2.4 port 1123\n")
    assert list(configured()) == [
        Named(Server("192.0.2.1"), chrony),
        Named(Server("192.0.2.4", 1123), sources),
        Named(Server("192.0.2.2"), dropped),
        Named(Server("192.0.2.3"), ntp),
    ]


def test_without_any_file_there_is_no_reference(root: Path) -> None:
    found, why = configured_reference(0, Deadline(8), Timeline())
    assert found is None
    assert why == "no server in chrony.conf, timesyncd.conf or ntp.conf"


def test_the_first_that_answers_is_asked_one_packet(root: Path) -> None:
    asked: list[bytes] = []

    def answer(octets: bytes) -> Sequence[bytes]:
        asked.append(octets)
        return serving(octets)

    with scripted(answer) as port:
        lines = f"server 127.0.0.1 port 9\nserver 127.0.0.1 port {port}\n"
        file = written(root, "etc/chrony/chrony.conf", lines)
        found, why = configured_reference(4, Deadline(8), Timeline())
    assert why == ""
    assert found is not None
    assert (found.name, found.named_by, found.stratum) == ("127.0.0.1", file, 2)
    assert found.ahead is not None
    assert abs(found.ahead.middle) < 0.1
    assert len(asked) == 1


def test_silent_servers_cost_a_part_of_the_deadline_and_are_named(root: Path) -> None:
    with scripted(lambda octets: []) as port:
        written(root, "etc/ntp.conf", "".join(f"server 127.0.0.{n} port 9\n" for n in (1, 2)))
        lines = f"server 127.0.0.1 port {port}\n"
        written(root, "etc/chrony.conf", lines)
        watch = Stopwatch()
        found, why = configured_reference(4, Deadline(2), Timeline())
    assert found is None
    assert why.startswith("127.0.0.2 of ntp.conf: nothing listens on udp port 9")
    assert watch.seconds < 1.5
