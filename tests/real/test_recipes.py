"""The recipes do what they say, as their programs call them."""

import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.export import json_lines
from tests.support import daemons, farends, need
from tests.support.dashboard_rows import two_hours
from tests.support.process import HOUSE, NRPE_ENVIRONMENT, PLUGINS, run

RECIPES = HOUSE / "nrpe" / "recipes"


class _Events(http.server.BaseHTTPRequestHandler):
    seen: list[dict[str, object]] = []  # one server in this process
    status = 202

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(json.loads(body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def events(tmp_path: Path) -> Iterator[Path]:
    """A configuration that names a server which keeps what it gets."""
    _Events.seen.clear()
    _Events.status = 202
    server = http.server.HTTPServer(("127.0.0.1", 0), _Events)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    file = tmp_path / "events.conf"
    file.write_text(f"url=http://127.0.0.1:{server.server_port}/v2/enqueue\nrouting_key=abc\n")
    yield file
    server.shutdown()
    thread.join()
    server.server_close()


def notified(conf: Path, *words: str) -> int:
    command = [str(RECIPES / "notify_once.sh"), *words]
    environment = {**NRPE_ENVIRONMENT, "EVENTS_CONF": str(conf), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=environment, capture_output=True).returncode


def test_an_incident_is_opened_once_and_closed_by_the_recovery(events: Path) -> None:
    output = 'UDP_LOSS CRITICAL - lost "14" of 100\\n\nnext'
    for kind, state in (("PROBLEM", "CRITICAL"), ("PROBLEM", "CRITICAL"), ("RECOVERY", "OK")):
        assert notified(events, kind, "web 1", "UDP loss", state, output) == 0
    assert notified(events, "FLAPPINGSTART", "web 1", "UDP loss", "OK", output) == 0
    assert [event["event_action"] for event in _Events.seen] == ["trigger", "trigger", "resolve"]
    assert {event["dedup_key"] for event in _Events.seen} == {"web 1/UDP loss"}
    payload = _Events.seen[0]["payload"]
    assert isinstance(payload, dict)
    assert payload["severity"] == "critical"
    assert payload["summary"] == f"web 1 UDP loss: {output}".replace("\n", " ")


def test_a_server_that_refuses_is_an_error_of_the_notification(events: Path) -> None:
    _Events.status = 500
    assert notified(events, "PROBLEM", "h", "s", "CRITICAL", "x") != 0


def test_munin_gets_the_figures_of_a_check(tmp_path: Path) -> None:
    script = tmp_path / "udp_office"
    script.symlink_to(RECIPES / "munin_bothsides.sh")
    with daemons.folder() as root, farends.reflector(root) as reflector:
        command = f"{PLUGINS}/check_udp_loss -H 127.0.0.1 -n 5 -p {reflector.port}"
        environment = {**NRPE_ENVIRONMENT, "PATH": "/usr/bin:/bin", "command": command}
        environment |= {"figures": "rta pl none", "vlabel": "seconds"}
        shown = [
            subprocess.run([str(script), *words], env=environment, capture_output=True, text=True)
            for words in (["config"], [])
        ]
    assert [done.returncode for done in shown] == [0, 0]
    assert "rta.label rta\npl.label pl\n" in shown[0].stdout
    values = dict(line.split() for line in shown[1].stdout.splitlines())
    assert float(values["rta.value"]) > 0
    assert (values["pl.value"], values["none.value"]) == ("0", "U")


def test_munin_s_own_runner_takes_the_plugin() -> None:
    program = need.program("munin-run", "munin-node")
    need.root()
    with daemons.folder() as root, farends.reflector(root) as reflector:
        for name in ("plugins", "conf"):
            (root / name).mkdir()
        (root / "plugins" / "udp_office").symlink_to(RECIPES / "munin_bothsides.sh")
        (root / "conf" / "bothsides").write_text(
            "[udp_office]\nuser root\n"
            f"env.command {sys.executable} {PLUGINS}/check_udp_loss -H 127.0.0.1 -n 3"
            f" -p {reflector.port}\nenv.figures rta pl none\nenv.vlabel seconds\n"
        )
        config = root / "munin-node.conf"
        config.write_text(f"log_file {root}/log\npid_file {root}/pid\nhost 127.0.0.1\nport 4949\n")
        command = [program, "--config", str(config), "--servicedir", str(root / "plugins")]
        command += ["--sconfdir", str(root / "conf"), "udp_office"]
        shown = [
            subprocess.run([*command, *words], capture_output=True, text=True, check=True).stdout
            for words in (["config"], [])
        ]
    assert shown[0] == (
        "graph_title udp_office\ngraph_category network\ngraph_vlabel seconds\n"
        "rta.label rta\npl.label pl\nnone.label none\n"
    )
    values = dict(line.split() for line in shown[1].splitlines())
    assert float(values["rta.value"]) > 0
    assert (values["pl.value"], values["none.value"]) == ("0", "U")


def test_the_status_page_shows_hosts_and_nothing_else_of_them(tmp_path: Path) -> None:
    file = tmp_path / "checks"
    file.write_text(
        "web<1>!udp check_udp_loss -H 127.0.0.1 -p 9 -n 2 -t 2\n"
        "web<1>!help check_udp_loss --bogus\ndb1!help check_udp_loss --bogus\n"
    )
    results = run("bothsides", "batch", str(file), "--submit", "-", "--state-dir", str(tmp_path))
    file = tmp_path / "status.html"

    def made(text: str) -> int:
        return subprocess.run(
            [str(RECIPES / "status_page.py"), str(file)], input=text, capture_output=True,
            text=True, env={**NRPE_ENVIRONMENT, "PATH": "/usr/bin:/bin"}, check=False,
        ).returncode  # fmt: skip

    assert made(results.text) == 0
    page = file.read_text()
    assert made("") == 1
    assert file.read_text() == page
    rows = re.findall(r"<tr><td>(.*?)<td style='color:#\w+'>(.*)", page)
    assert rows == [("db1", "not known"), ("web&lt;1&gt;", "down")]
    assert "127.0.0.1" not in page
    assert sorted(path.name for path in tmp_path.glob("status*")) == ["status.html"]


def test_the_index_template_fits_every_document() -> None:
    template = json.loads((RECIPES / "kibana_index.json").read_text())
    known = template["template"]["mappings"]["properties"]
    held = two_hours(1_700_000_000)
    kinds = {"double": float, "keyword": str, "text": str, "date": str}
    for line in json_lines.to_lines(held.points, held.events).splitlines():
        for name, value in json.loads(line).items():
            if name in known:
                assert isinstance(value, kinds[known[name]["type"]]), (name, value)


def test_the_container_installs_our_package_and_what_it_needs() -> None:
    text = (RECIPES / "Containerfile").read_text()
    control = (HOUSE / "debian" / "control").read_text()
    assert "FROM debian:12-slim" in text
    assert "mtr-tiny" in text
    assert re.search(r"^Package: bothsides$", control, re.MULTILINE)
