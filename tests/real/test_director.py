"""A real Icinga Director takes the basket, twice, and has every command, template and field."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.command.check_options import tables
from bothsides.generate import director
from bothsides.generate.services import services
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.generate.icinga import HOSTS, MESH
from tests.support import daemons, need

MODULES = Path("/usr/share/icingaweb2/modules")
CONFIG = {
    "resources.ini": '[director]\ntype = "db"\ndb = "mysql"\nhost = "localhost"\n'
    'dbname = "director"\nusername = "d"\npassword = "d"\ncharset = "utf8"\n',
    "config.ini": f'[global]\nmodule_path = "{MODULES}"\nconfig_backend = "ini"\n'
    '[logging]\nlog = "none"\n',
    "modules/director/config.ini": '[db]\nresource = "director"\n',
}
GRANT = (
    "CREATE DATABASE director CHARACTER SET utf8; CREATE USER d@localhost IDENTIFIED BY 'd';"
    " GRANT ALL ON director.* TO d@localhost;"
)


class Director:
    """A Director with an empty database of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.socket = root, root / "socket"

    def ask(self, *words: str, text: str = "") -> str:
        """The output of icingacli; fails when it does."""
        command = [need.program("php", "php-cli"), "-d", f"pdo_mysql.default_socket={self.socket}"]
        done = subprocess.run(
            [*command, need.program("icingacli", "icingacli"), "director", *words],
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "ICINGAWEB_CONFIGDIR": str(self.root / "etc")},
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def sql(self, text: str, database: str = "director") -> str:
        """The rows of a query."""
        client = need.program("mariadb", "mariadb-client")
        words = [client, "--no-defaults", "-S", str(self.socket), "-u", "root", "-N", database]
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
        return done.stdout

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.sql(f"SELECT COUNT(*) FROM {table}"))


@pytest.fixture
def real() -> Iterator[Director]:
    need.root()
    if not (MODULES / "director").is_dir():
        need.missing("Icinga Director is not installed: apt-get install icingaweb2-module-director")
    install = need.program("mariadb-install-db", "mariadb-server")
    server = need.program("mariadbd", "mariadb-server")
    with daemons.folder() as root:
        made = Director(root)
        data = [f"--datadir={root}/db", "--user=root"]
        words = [install, "--no-defaults", *data, "--auth-root-authentication-method=normal"]
        subprocess.run(words, capture_output=True, check=True)
        for name, text in CONFIG.items():
            (root / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "etc" / name).write_text(text)
        (root / "etc/enabledModules").mkdir()
        for module in ("director", "incubator", "reactbundle"):
            (root / "etc/enabledModules" / module).symlink_to(MODULES / module)
        words = [server, "--no-defaults", *data, f"--socket={made.socket}", "--skip-networking"]
        with daemons.running(words, made.socket.exists, root / "log"):
            made.sql(GRANT, "mysql")
            made.sql((MODULES / "director/schema/mysql.sql").read_text())
            # what its kickstart takes from Icinga itself
            made.ask("command", "create", "hostalive", "--object_type", "external_object")
            yield made


@pytest.mark.soak
def test_a_basket_is_restored_and_restored_again_without_a_change(real: Director) -> None:
    mesh = Mesh(read(HOSTS + MESH))
    basket = director.files(mesh, services(mesh), tables())[0].body
    assert "have been restored" in real.ask("basket", "restore", text=basket)
    assert real.count("icinga_command") == 1 + len(tables())
    assert real.count("icinga_service") == len(tables())
    options = sum(map(len, tables().values()))
    assert real.count("icinga_command_field") == options
    shown = real.ask("command", "show", "bothsides_udp_loss")
    assert 'value = "$udp_loss_hostname$"' in shown
    entries = real.count("director_activity_log")
    assert "have been restored" in real.ask("basket", "restore", text=basket)
    assert real.count("director_activity_log") == entries
    assert real.count("director_datafield") == options + 3
