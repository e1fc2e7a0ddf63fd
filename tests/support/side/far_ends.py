"""The daemons of a world's ends: udp_reflector of this checkout and nginx with TLS."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support import need
from tests.support.lab import issue, write
from tests.support.side.build import HOUSE, Net

PORT = 862
BODY = 30_000  # octets of the page
PLUGINS = Path(os.environ.get("BOTHSIDES_PLUGINS", HOUSE / "plugins"))


class FarEnds:
    """Reflector and web server of every end that is checked, started and stopped one by one."""

    def __init__(self, net: Net, folder: Path) -> None:
        self.net = net
        self.folder = folder
        self.nginx = need.program("nginx", "nginx-light")
        self.running: dict[tuple[str, str], subprocess.Popen[str]] = {}
        authority = issue("CA of the laboratory", authority=True)
        (folder / "ca.pem").write_bytes(authority.pem)
        names = [f"{end.name.lower()}.side.test" for end in net.world.ends]
        addresses = [end.address for end in net.world.ends]
        leaf = issue(names[0], authority, hosts=(*names, *addresses))
        self.certificate = write(folder, "server", leaf)
        self.page = folder / "page"
        self.page.mkdir(mode=0o755)
        (self.page / "index.html").write_text("x" * BODY)

    @property
    def checked(self) -> list[str]:
        """The ends that somebody checks."""
        return sorted({target for _, target in self.net.world.views})

    def start_all(self) -> None:
        """Every daemon, and waits until all of them listen."""
        for end in self.checked:
            self.start(end, "reflector")
            self.start(end, "web")

    def start(self, end: str, service: str) -> None:
        """Starts a daemon in its usual manner, in place of the one that runs."""
        self.stop(end, service)
        if service == "web":
            self._web(end, "")
        else:
            self._reflector(end)

    def slow(self, end: str) -> None:
        """Starts the web server again so that it sends 3000 octets a second."""
        self.stop(end, "web")
        self._web(end, "limit_rate 3000;")

    def stop(self, end: str, service: str) -> None:
        """Ends a daemon, if it runs.

        nginx misses a signal that comes while it begins to wait for events.
        """
        process = self.running.pop((end, service), None)
        while process is not None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=2)
                return

    def pause(self, end: str, service: str, stopped: bool) -> None:
        """Stops a daemon's process without ending it, or lets it go on."""
        if (end, service) in self.running:
            self.running[end, service].send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)

    def _reflector(self, end: str) -> None:
        node = self.net.world.end(end).node
        words = [sys.executable, str(PLUGINS / "udp_reflector"), "--port", str(PORT), "--open"]
        command = [*self.net.inside(node), *words, "--rate", "20000"]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        self.running[end, "reflector"] = process
        assert process.stdout is not None
        line = process.stdout.readline()
        if "listening" not in line:
            raise RuntimeError(f"the reflector of {end}: {line}")

    def _web(self, end: str, manner: str) -> None:
        home = self.folder / f"web-{end}"
        home.mkdir(exist_ok=True)
        place = self.net.world.end(end)
        address = (
            f"[{place.address}]" if ":" in place.address else "0.0.0.0"
        )  # it may be translated
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {home}/{kind};\n" for kind in kinds)
        (home / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {home}/pid;\nerror_log {home}/error.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}"
            f"server {{ listen {address}:443 ssl;\n"
            f"ssl_certificate {self.certificate}; ssl_certificate_key {self.certificate};\n"
            f"root {self.page}; {manner} }}\n}}\n"
        )
        words = [self.nginx, "-c", str(home / "nginx.conf"), "-e", str(home / "error.log")]
        process = subprocess.Popen(
            [*self.net.inside(place.node), *words], stdin=subprocess.DEVNULL, text=True, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.running[end, "web"] = process
        self._listens(place.node, process)

    def _listens(self, node: str, process: subprocess.Popen[str]) -> None:
        until = time.monotonic() + 60
        while ":443" not in self.net.run(node, "ss", "-Hltn", "sport = :443"):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"nginx in {node} does not listen")
            time.sleep(0.02)


@contextlib.contextmanager
def serving(net: Net, folder: Path) -> Iterator[FarEnds]:
    """All daemons of a world; each is ended by its own process."""
    ends = FarEnds(net, folder)
    try:
        ends.start_all()
        yield ends
    finally:
        for end, service in list(ends.running):
            ends.stop(end, service)


class Passed(NamedTuple):
    """Packets of one view as the taps of both hosts counted them."""

    sent: int
    arrived: int
    answered: int
    returned: int

    @property
    def out(self) -> int:
        """Requests that were lost; duplicates count for none."""
        return max(0, self.sent - self.arrived)

    @property
    def back(self) -> int:
        """Replies that were lost."""
        return max(0, self.answered - self.returned)


class Taps:
    """Counters at the ends: UDP requests and replies as programs send and receive them."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.nodes = sorted({net.world.end(end).node for view in net.world.views for end in view})
        family = "ip" if net.world.family == 4 else "ip6"
        for node in self.nodes:
            lines = ["add table inet tap"]
            for hook, priority in (("output", -400), ("input", 200)):
                kind = f"type filter hook {hook} priority {priority} ;"
                lines.append(f"add chain inet tap {hook} {{ {kind} }}")
                for end in net.world.ends:
                    side = "daddr" if hook == "output" else "saddr"
                    for port in ("dport", "sport"):
                        lines.append(
                            f"add counter inet tap {hook}_{port}_{end.name}\n"
                            f"add rule inet tap {hook} {family} {side} {end.address} "
                            f"udp {port} {PORT} counter name {hook}_{port}_{end.name}"
                        )
            net.run(node, "nft", "-f", "-", text="\n".join(lines) + "\n")

    def reset(self) -> None:
        """All counters at 0."""
        for node in self.nodes:
            self.net.run(node, "nft", "reset", "counters", "table", "inet", "tap")

    def passed(self, start: str, end: str) -> Passed:
        """What became of the requests and replies of one view."""
        near, far = self._read(start), self._read(end)
        return Passed(
            sent=near[f"output_dport_{end}"],
            arrived=far[f"input_dport_{start}"],
            answered=far[f"output_sport_{start}"],
            returned=near[f"input_sport_{end}"],
        )

    def _read(self, end: str) -> dict[str, int]:
        node = self.net.world.end(end).node
        text = self.net.run(node, "nft", "-j", "list", "counters", "table", "inet", "tap")
        found = [item["counter"] for item in json.loads(text)["nftables"] if "counter" in item]
        return {counter["name"]: int(counter["packets"]) for counter in found}
