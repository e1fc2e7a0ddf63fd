"""Every place that --export and --submit know, with stand-ins that can have faults, and what they
got.
"""

import json
import os
import re
import subprocess
from calendar import timegm
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import strptime
from typing import NamedTuple
from urllib.parse import parse_qs

from tests.support import need
from tests.support.bad_pipe import Pipe
from tests.support.bad_stores import FAULTS, Datagrams, StandIn, ended

HTTP = ("influx", "victoria", "elastic", "nrdp", "icinga")
FILES = ("jsonl", "prometheus", "nagios", "files")
_OF_A_SOCKET = ("dead", "hanging", "reset")
_OF_A_FILE = ("dead", "refusing", "full")


class Place(NamedTuple):
    """One place for results."""

    name: str  # its kind
    words: tuple[str, ...]  # the options that name it
    faults: tuple[str, ...]  # that it can have
    become: Callable[[str], None]  # has this fault from now on; "" for none
    times: Callable[[], list[int]]  # of all results that it has got, whole seconds
    kept: bool = True  # what it does not take is sent later


@contextmanager
def places(root: Path, names: Sequence[str] = ()) -> Iterator[dict[str, Place]]:
    """The places of these kinds, or of all."""
    made = {}
    http = {kind: StandIn(kind) for kind in HTTP}
    carbon = {kind: StandIn(f"graphite:{kind}") for kind in ("graphite", "graphite-tags")}
    datagrams = {kind: Datagrams() for kind in ("statsd", "influx-udp")}
    pipe = Pipe(str(root / "nagios.cmd"), [], [])
    pipe.become("")
    for kind, server in http.items():
        path = {"elastic": "/bothsides/_bulk", "nrdp": "/nrdp/"}.get(kind, "")
        where = f"{kind}:http://127.0.0.1:{server.port}{path}"
        made[kind] = Place(kind, _option(kind, where), FAULTS, server.become, _read(kind, server))
    for kind, server in carbon.items():
        words = _option(kind, f"{kind}:127.0.0.1:{server.port}")
        made[kind] = Place(kind, words, _OF_A_SOCKET, server.become, _read(kind, server))
    for kind, port in datagrams.items():
        words = _option(kind, f"{kind}:127.0.0.1:{port.port}")
        kept = kind != "statsd"  # which would take it for a figure of now
        made[kind] = Place(kind, words, ("dead",), port.become, _datagrams(kind, port), kept)
    words = _option("nagios-cmd", f"nagios-cmd:{pipe.path}")
    faults = ("dead", "silent", "refusing")
    made["nagios-cmd"] = Place("nagios-cmd", words, faults, pipe.become, lambda: _commands(pipe))
    for kind in FILES:
        made[kind] = _place_of_files(kind, root)
    with ended(*http.values(), *carbon.values(), *datagrams.values(), pipe):
        try:
            yield {name: made[name] for name in names or made}
        finally:
            for kind in FILES:
                subprocess.run(["umount", str(root / kind)], capture_output=True, check=False)


def _option(kind: str, where: str) -> tuple[str, ...]:
    submits = kind in ("nagios", "nagios-cmd", "icinga", "nrdp", "files")
    return ("--submit" if submits else "--export", where)


def _read(kind: str, server: StandIn) -> Callable[[], list[int]]:
    return lambda: [at for body in server.taken for at in _TIMES[kind](body)]


def _datagrams(kind: str, port: Datagrams) -> Callable[[], list[int]]:
    return lambda: [at for body in port.read() for at in _TIMES[kind](body)]


def _commands(pipe: Pipe) -> list[int]:
    text = b"".join(pipe.read())
    return [int(at) for at in re.findall(rb"^\[(\d+)\] PROCESS_SERVICE", text, re.MULTILINE)]


def _influx(body: bytes) -> list[int]:
    lines = [line for line in body.splitlines() if line.startswith(b"bothsides_udp,")]
    return [int(line.rpartition(b" ")[2]) // 10**9 for line in lines]


def _carbon(body: bytes) -> list[int]:
    lines = [line for line in body.splitlines() if re.search(rb"[._]sent[; ]", line)]
    return [int(line.rpartition(b" ")[2]) for line in lines]


def _gauges(body: bytes) -> list[int]:
    """StatsD has no times: a 0 for each run."""
    return [0 for line in body.splitlines() if re.search(rb"\.sent:", line)]


def _documents(body: bytes) -> list[int]:
    rows = [json.loads(line) for line in body.splitlines()]
    stamps = [row["@timestamp"] for row in rows if row.get("measurement") == "bothsides_udp"]
    return [timegm(strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) for stamp in stamps]


def _nrdp(body: bytes) -> list[int]:
    (text,) = parse_qs(body.decode())["json"]
    return [int(row["time"]) for row in json.loads(text)["checkresults"]]


def _icinga(body: bytes) -> list[int]:
    return [int(json.loads(body)["execution_end"])]


_TIMES: dict[str, Callable[[bytes], list[int]]] = {
    "influx": _influx,
    "victoria": _influx,
    "influx-udp": _influx,
    "graphite": _carbon,
    "graphite-tags": _carbon,
    "statsd": _gauges,
    "elastic": _documents,
    "nrdp": _nrdp,
    "icinga": _icinga,
}


def _place_of_files(kind: str, root: Path) -> Place:
    folder = root / kind
    folder.mkdir()
    name = {"jsonl": "/rows.jsonl", "prometheus": "/udp.prom"}.get(kind, "")
    words = _option(kind, f"{kind}:{folder}{name}")
    kept = kind != "prometheus"  # which shows the present
    return Place(
        kind,
        words,
        _OF_A_FILE,
        lambda fault: _have(folder, fault),
        lambda: _in_files(kind, folder),
        kept,
    )


def _have(folder: Path, fault: str) -> None:
    """Has no folder (dead), a file in its place (refusing), or no room in it (full)."""
    mounted = os.path.ismount(folder)
    if mounted and fault != "full":  # there is room again, and what was written is still there
        for each in folder.glob("filler"):
            each.unlink()
        return
    if folder.is_file():
        folder.unlink()
    elif not mounted and folder.is_dir() and fault in ("dead", "refusing", "full"):
        folder.rmdir()
    if fault == "refusing":
        folder.write_text("")
        return
    if fault != "dead":
        folder.mkdir(exist_ok=True)
    if fault == "full":
        need.root()
        command = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(folder)]
        subprocess.run(command, check=True)
        try:
            (folder / "filler").write_bytes(bytes(1 << 20))
        except OSError:
            pass  # full, as it should be


def _in_files(kind: str, folder: Path) -> list[int]:
    if kind == "jsonl":
        return [at for file in folder.glob("*.jsonl") for at in _documents(file.read_bytes())]
    if kind == "prometheus":
        text = "".join(file.read_text() for file in folder.glob("*.prom"))
        found = re.findall(r"^bothsides_last_run_timestamp_seconds\{.*\} (\S+)$", text, re.M)
        return [int(float(at)) for at in found]
    if kind == "files":
        return [int(file.read_text().split()[1]) for file in folder.glob("*!*")]
    done = [file.with_suffix("") for file in folder.glob("c*.ok")]
    text = "".join(file.read_text() for file in done)
    return sorted(int(at) for at in re.findall(r"^finish_time=(\d+)", text, re.MULTILINE))
