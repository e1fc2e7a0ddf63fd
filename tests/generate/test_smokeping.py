"""SmokePing's files, accepted by SmokePing itself."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bothsides.generate import smokeping
from bothsides.generate.services import services
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh

HOUSE = Path(__file__).parents[2]
DATA = HOUSE / "tests" / "data" / "landscapes"
GENERAL = """\
*** General ***
owner = T
contact = t@example.invalid
mailhost = localhost
imgcache = {d}
imgurl = cache
datadir = {d}
dyndir = {d}
piddir = {d}
pagedir = {d}
cgiurl = http://localhost/smokeping.cgi
smokemail = /etc/smokeping/smokemail
tmail = /etc/smokeping/tmail
*** Database ***
step = 300
pings = 20
AVERAGE 0.5 1 100
*** Presentation ***
template = /etc/smokeping/basepage.html
+ overview
width = 600
height = 50
range = 10m
+ detail
width = 600
height = 200
unison_tolerance = 2
"Last 10 minutes" 10m
"""


def made(name: str) -> dict[str, str]:
    mesh = Mesh(load(str(DATA / f"{name}.toml")))
    return {file.path: file.body for file in smokeping.files(mesh, services(mesh))}


@pytest.mark.parametrize(
    "name", ["wonderproxy", "semaphore", "kuenzler", "mehsh", "mehsh/readme-3-lamp"]
)
def test_smokeping_accepts_the_tree(name: str, tmp_path: Path) -> None:
    program = shutil.which("smokeping", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("smokeping is not installed: apt-get install smokeping")
    secrets = tmp_path / "slavesecrets"
    secrets.write_text(
        "".join(
            f"{line.split(' = ')[1]}:x\n"
            for line in made(name)["smokeping/Slaves"].split("\n")
            if "display_name" in line
        )
    )
    secrets.chmod(0o600)
    text = GENERAL.format(d=tmp_path)
    for part in ("Slaves", "Probes", "Targets"):
        text += made(name)[f"smokeping/{part}"]
    text = text.replace("/etc/smokeping/slavesecrets", str(secrets))
    text = text.replace("/opt/bothsides/bin/udp_fping", str(HOUSE / "plugins" / "udp_fping"))
    (tmp_path / "config").write_text(text)
    command = [program, f"--config={tmp_path}/config", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "syntax ok" in (done.stdout + done.stderr).lower()


def test_each_host_is_measured_by_those_that_ask_it_and_never_by_the_master() -> None:
    targets = made("semaphore")["smokeping/Targets"]
    assert (
        "++ sb1\nmenu = sb1\ntitle = to sb1\nhost = 192.0.2.11\n"
        "slaves = us-east-1 us-west-1 us-west-2 witness\nnomasterpoll = yes\n" in targets
    )
    assert targets.count("nomasterpoll = yes") == targets.count("\n++ ") == 7


def test_a_dot_in_a_name_is_carried_as_an_underscore() -> None:
    assert smokeping.carried("web.1") == "web_1"
    assert "+ dc_eu_de_fsn1_dc8\nmenu = eu.de.fsn1.dc8\n" in made("semaphore")["smokeping/Targets"]
