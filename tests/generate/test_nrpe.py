"""NRPE's files of a host."""

from bothsides.generate import nrpe
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read

TEXT = """\
[[server]]
name = "a"
ip = "192.0.2.1"
[[server]]
name = "b"
ip = "192.0.2.2"
[[check]]
from = "a"
to = "b"
check = "udp_ping"
services = "pair"
every = "5m"
warning = "100.0,5%"
[[clock]]
from = "a"
to = "b"
auth = "office"
"""
MONITOR = '[[server]]\nname = "nagios"\nip = "192.0.2.9"\nips = ["2001:db8::9"]\nrole = "monitor"\n'
COMMON = "landscape = /etc/bothsides/known.json\nmaintenance = /var/lib/bothsides\n"


def bodies(text: str) -> dict[str, str]:
    mesh = Mesh(read(text))
    return {file.path: file.body for file in nrpe.files(mesh, services(mesh))}


def test_a_command_finds_its_section_and_its_secrets() -> None:
    made = bodies(TEXT)
    assert made["nrpe/a/bothsides.cfg"].splitlines()[1:] == [
        "command[bs_clock_all]=/usr/lib/nagios/plugins/check_snmp_clock"
        " --extra-opts=clock_all@/etc/bothsides.ini --extra-opts=office@/etc/bothsides-secrets.ini",
        "command[bs_udp_b]=/usr/lib/nagios/plugins/check_udp_loss"
        " --extra-opts=udp_b@/etc/bothsides.ini",
        "command[bothsides_evidence]=/opt/bothsides/bin/bothsides evidence --now -t 6.5 --name a"
        " --landscape /etc/bothsides/known.json",
    ]
    assert made["nrpe/a/bothsides.ini"] == (
        f"[clock_all]\nhostname = 192.0.2.2\n{COMMON}\n"
        "[udp_b]\nhostname = 192.0.2.2\nport = 862\nwait = 1s\nwarning = 100.0,5%\n"
        f"{COMMON}"
    )


def test_the_monitor_alone_may_ask() -> None:
    made = bodies(TEXT + MONITOR)
    assert made["nrpe/a/bothsides.cfg"].startswith(
        "allowed_hosts=127.0.0.1,::1,192.0.2.9,2001:db8::9\n"
    )
    assert "allowed_hosts" not in made["nrpe/nagios/bothsides.cfg"]
    assert bodies(TEXT)["nrpe/a/bothsides.cfg"].startswith(
        '# allowed_hosts: no server has the role "monitor"\n'
    )


def test_a_switch_is_a_key_without_a_value() -> None:
    assert (
        "[path_b]\nhostname = 192.0.2.2\nsticky\n"
        in bodies(TEXT + '[[path]]\nfrom = "a"\nto = "b"\nsticky = true\n')["nrpe/a/bothsides.ini"]
    )


def test_a_host_that_asks_nobody_has_files_too() -> None:
    assert bodies(TEXT)["nrpe/b/bothsides.ini"] == ""


def test_who_asks_in_the_place_of_the_monitor_is_let_in_and_has_the_command() -> None:
    text = (TEXT + MONITOR).replace('ip = "192.0.2.1"\n', 'ip = "192.0.2.1"\nthrough = "b"\n')
    made = bodies(text)
    assert made["nrpe/a/bothsides.cfg"].startswith(
        "allowed_hosts=127.0.0.1,::1,192.0.2.9,2001:db8::9,192.0.2.2\n"
    )
    assert (
        "command[bothsides_evidence_a]=/usr/lib/nagios/plugins/check_nrpe -H 192.0.2.1"
        " -c bothsides_evidence -t 8\n"
    ) in made["nrpe/b/bothsides.cfg"]
