"""README followed word by word in a stock Debian.

As a package, and by hand; then upgrade and removal.

Nagios, NRPE, Icinga and the Monitoring Plugins are installed beforehand. Monitor and far end are
two network namespaces over the one root: 198.51.100.5 measures 192.0.2.10, as in README and the
samples.
"""

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import debian_root, net
from tests.support.debian_root import Root
from tests.support.process import CHECKS
from tests.test_readme import blocks

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

SERVED = """\
umask 022
mkdir -p /srv/ca && cd /srv/ca
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj \\
    "/CN=Office CA" 2> /dev/null
openssl req -newkey rsa:2048 -nodes -keyout web.key -out web.csr -subj "/CN=www.example.org" 2> \\
    /dev/null
echo "subjectAltName=DNS:www.example.org" > ext
openssl x509 -req -in web.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile ext \\
    -out web.pem 2> /dev/null
cp ca.pem /usr/local/share/ca-certificates/office.crt && update-ca-certificates > /dev/null 2>&1
echo "192.0.2.10 www.example.org" >> /etc/hosts
printf 'rocommunity public\nagentAddress udp:161\n' > /srv/snmpd.conf
install -d -o nagios -g nagios /run/nagios /run/nagios4 /var/lib/nagios4 /var/lib/nagios4/rw \\
    /var/lib/nagios4/spool/checkresults
sed -i 's/^service_inter_check_delay_method=.*/service_inter_check_delay_method=n/' \\
    /etc/nagios4/nagios.cfg
sed -i 's/^#allowed_hosts=.*/allowed_hosts=127.0.0.1,198.51.100.5,192.0.2.20/' \\
    /etc/nagios/nrpe.d/bothsides.cfg
sed -i 's/^#local-sync/local-sync/' /etc/bothsides.ini
"""
SAMPLED = re.compile(r"^(UDP loss|HTTPS|Path|Clock)")


class Installed(NamedTuple):
    """A root after README's steps, and what they printed."""

    root: Root
    said: str


@pytest.fixture(scope="module")
def stock() -> Iterator[Path]:
    with debian_root.base() as made:
        yield made


@pytest.fixture(scope="module", params=["package", "hand"])
def installed(request: pytest.FixtureRequest, stock: Path) -> Iterator[Installed]:
    other = "pip install" if request.param == "package" else "make deb"
    script = "\n".join(text for text in blocks("sh") if other not in text)
    with debian_root.laid_over(stock) as root:
        yield Installed(root, root.sh(f"cd bothsides\n{script}"))


@pytest.fixture(scope="module")
def package(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package alone, for those tests that need no more."""
    kept = tmp_path_factory.mktemp("package") / "bothsides.deb"
    with debian_root.laid_over(stock) as root:
        root.sh("cd bothsides; apt-get install -y make > /dev/null; make deb")
        (made,) = (root.path / "root/bothsides/build").glob("bothsides_*.deb")
        kept.write_bytes(made.read_bytes())
    return kept


@contextlib.contextmanager
def running(root: Root) -> Iterator[tuple[str, ...]]:
    """Far end, NRPE and Nagios at work; yields how the monitor's commands begin."""
    root.sh(SERVED)
    with net.network() as made, contextlib.ExitStack() as stage:
        for name in ("office", "monitor"):
            made.host(name)
        made.link("monitor", "198.51.100.5/24", "office", "198.51.100.1/24")
        for name, address in (("office", "192.0.2.10/32"), ("monitor", "192.0.2.20/32")):
            net.command(*made.inside(name), "ip", "address", "add", address, "dev", "lo")
        made.route("monitor", "192.0.2.10", "via", "198.51.100.1")
        office, monitor = made.inside("office"), made.inside("monitor")
        unit = root.sh("cat /lib/systemd/system/udp-reflector.service 2> /dev/null || "
                       "cat /etc/systemd/system/udp-reflector.service")  # fmt: skip
        reflector = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
        assert reflector is not None
        stage.enter_context(root.daemon(reflector[1], office))
        stage.enter_context(root.daemon("snmpd -f -C -c /srv/snmpd.conf", office))
        web = "openssl s_server -accept 443 -www -cert /srv/ca/web.pem -key /srv/ca/web.key"
        stage.enter_context(root.daemon(web, office))
        stage.enter_context(root.daemon("nrpe -c /etc/nagios/nrpe.cfg -f", monitor))
        ready = "/usr/lib/nagios/plugins/check_nrpe -H 192.0.2.20 > /dev/null 2>&1"
        root.sh(
            f"for try in $(seq 50); do {ready} && exit 0; sleep 0.2; done; exit 1", inside=monitor
        )
        stage.enter_context(root.daemon("nagios4 /etc/nagios4/nagios.cfg", monitor))
        yield monitor


def results(root: Root) -> dict[tuple[str, str], tuple[int, str]]:
    """State and line 1 of the sample services, once Nagios has checked them all."""
    status = root.path / "var/lib/nagios4/status.dat"
    until = time.monotonic() + 120
    while True:
        text = status.read_text(errors="replace") if status.exists() else ""
        found = [
            dict(line.strip().split("=", 1) for line in block.splitlines())
            for block in re.findall(r"servicestatus \{\n(.*?)\n\t\}", text, re.DOTALL)
        ]
        ours = [each for each in found if SAMPLED.match(each["service_description"])]
        if ours and all(each["has_been_checked"] == "1" for each in ours):
            return {
                (each["host_name"], each["service_description"]):
                (int(each["current_state"]), each["plugin_output"])
                for each in ours
            }  # fmt: skip
        assert time.monotonic() < until, (len(ours), (root.path / "root/daemons.log").read_text())
        time.sleep(0.5)


def test_readme_leads_to_services_that_are_all_ok_on_the_first_try(installed: Installed) -> None:
    root = installed.root
    assert "Total Warnings: 0" in installed.said
    assert "Total Errors:   0" in installed.said
    asked = (root.path / "srv/systemctl.log").read_text().splitlines()
    assert "enable --now udp-reflector" in asked
    assert asked[-3:] == ["restart nagios-nrpe-server", "reload nagios4", "reload icinga2"]
    with running(root) as monitor:
        direct = root.sh("/usr/lib/nagios/plugins/check_udp_loss -H 192.0.2.10", inside=monitor)
        assert direct.startswith("UDP_LOSS OK - 192.0.2.10: "), direct
        made = results(root)
        text = root.sh(
            "/usr/lib/nagios/plugins/check_nrpe -H 192.0.2.20 -t 15:UNKNOWN -c check_udp_loss",
            inside=monitor,
        )
        assert text.startswith("UDP_LOSS OK - 192.0.2.10: "), text
    assert len(made) == 8
    assert {place: result for place, result in made.items() if result[0] != 0} == {}
    remembered = root.sh("su -s /bin/sh nagios -c 'mtr_history list'")
    assert "192.0.2.10" in remembered


def test_icinga_takes_commands_and_services_without_a_warning(installed: Installed) -> None:
    path = installed.root.path / "etc/icinga2/conf.d/readme.conf"
    path.write_text("\n".join(blocks("icinga2")))
    said = installed.root.sh("icinga2 daemon -C")
    path.unlink()
    assert not [line for line in said.splitlines() if "warning" in line and "bothsides" in line], (
        said
    )
    assert "critical" not in said


def test_every_program_and_manual_is_found_by_its_name(installed: Installed) -> None:
    for check in CHECKS:
        assert f"{check} v" in installed.root.sh(f"/usr/lib/nagios/plugins/{check} -V || true")
        assert check in installed.root.sh(f"man {check} | head -n 20")
    for program in ("bothsides", "mtr_history"):
        assert f"{program} v" in installed.root.sh(f"{program} -V || true")
    assert "usage" in installed.root.sh("udp_fping -h")
    foreign = "echo 'raise SystemExit(9)' > /tmp/argparse.py; PYTHONPATH=/tmp"
    assert "check_https v" in installed.root.sh(
        f"{foreign} /usr/lib/nagios/plugins/check_https -V || true"
    )


def test_the_package_keeps_what_was_edited_and_goes_without_a_trace(
    package: Path, stock: Path
) -> None:
    with debian_root.laid_over(stock) as root:
        (root.path / "root/one.deb").write_bytes(package.read_bytes())
        root.sh("apt-get install -y ./one.deb")
        root.sh("echo 198.51.100.5 >> /etc/bothsides/allow; echo '[x]' > /etc/bothsides.ini")
        root.sh("echo kept > /var/lib/bothsides/memory")
        root.sh(
            "dpkg-deb -R one.deb two; sed -i 's/^Version: .*/&+1/' two/DEBIAN/control\n"
            "echo '# a new line of the package' >> two/etc/bothsides/allow\n"
            "dpkg-deb -b two two.deb > /dev/null; dpkg --force-confdef --force-confold -i two.deb"
        )
        allow = root.path / "etc/bothsides/allow"
        assert allow.read_text().endswith("\n198.51.100.5\n")
        assert (root.path / "etc/bothsides/allow.dpkg-dist").exists()
        root.sh("apt-get remove -y bothsides")
        for gone in ("opt/bothsides", "usr/bin/mtr_history", "usr/lib/nagios/plugins/check_https"):
            assert not (root.path / gone).exists(), gone
        assert allow.exists()
        assert (root.path / "var/lib/bothsides/memory").exists()
        root.sh("apt-get purge -y bothsides")
        for gone in ("etc/bothsides", "var/lib/bothsides"):
            assert not (root.path / gone).exists(), gone
        assert (root.path / "etc/bothsides.ini").read_text() == "[x]\n"


def test_the_package_takes_the_place_of_an_installation_by_hand(package: Path, stock: Path) -> None:
    script = "\n".join(text for text in blocks("sh") if "make deb" not in text)
    with debian_root.laid_over(stock) as root:
        root.sh(f"cd bothsides\n{script}")
        root.sh("echo kept > /var/lib/bothsides/memory; echo '# mine' >> /etc/bothsides.ini")
        (root.path / "root/one.deb").write_bytes(package.read_bytes())
        options = "-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"
        root.sh(f"apt-get install -y {options} ./one.deb")
        assert (root.path / "opt/bothsides.by-hand/pyvenv.cfg").exists()
        for check in CHECKS:
            assert f"{check} v" in root.sh(f"/usr/lib/nagios/plugins/{check} -V || true")
        assert (root.path / "var/lib/bothsides/memory").read_text() == "kept\n"
        assert (root.path / "etc/bothsides.ini").read_text().endswith("\n# mine\n")
        assert (root.path / "etc/bothsides/allow").read_text().endswith("\n198.51.100.5\n")
