"""A stock Debian in a folder, for what is installed: made once, laid under each test as it was.

With DEBIAN_ROOT=FOLDER a root that `make` made before is taken (it is not changed).
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support import need
from tests.support.leftovers import folder_prefix
from tests.support.process import HOUSE

RELEASE = "bookworm"
STOCK = (
    "ca-certificates", "iproute2", "iputils-ping", "icinga2-bin", "man-db",
        "monitoring-plugins-basic",
    "nagios-nrpe-plugin", "nagios-nrpe-server", "nagios4-core", "openssl", "snmpd",
)  # fmt: skip
_CLIENTS = ("/etc/pip.conf", "/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")
# systemd does not run in there: what it is asked for is written down.
_SYSTEMCTL = '#!/bin/sh\necho "$@" >> /srv/systemctl.log\n'


class Root(NamedTuple):
    """A Debian that may be changed."""

    path: Path

    def sh(self, script: str, *, inside: Sequence[str] = (), check: bool = True) -> str:
        """Runs a shell script as root in it; its stdout and stderr."""
        done = subprocess.run(
            [*inside, "chroot", str(self.path), "sh", "-e"],
            input=f"cd ~\n{script}",
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            timeout=1200,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"exit {done.returncode}: {script}\n{done.stdout[-5000:]}")
        return done.stdout

    def status(self, script: str) -> int:
        """The exit code of a script."""
        words = ["chroot", str(self.path), "sh", "-c", script]
        return subprocess.run(
            words, capture_output=True, env=self.environment, check=False
        ).returncode

    @contextlib.contextmanager
    def daemon(self, command: str, inside: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
        """A program in the foreground; ended with everything that it started."""
        words = [*inside, "chroot", str(self.path), *command.split()]
        log = self.path / "root" / "daemons.log"
        with log.open("ab") as out, subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.environment
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.terminate()

    @property
    def environment(self) -> dict[str, str]:
        """That of a fresh login, and how pip reaches its registry here."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return kept | {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "DEBIAN_FRONTEND": "noninteractive",
        }


def make(folder: Path) -> None:
    """Makes the stock root: about a minute, 600 MB."""
    need.root()
    program = need.program("mmdebstrap", "mmdebstrap")
    words = [
        program,
        "--quiet",
        "--variant=minbase",
        f"--include={','.join(STOCK)}",
        RELEASE,
        str(folder),
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@contextlib.contextmanager
def base() -> Iterator[Path]:
    """The folder of the stock root."""
    named = os.environ.get("DEBIAN_ROOT")
    if named:
        yield Path(named)
        return
    with tempfile.TemporaryDirectory(prefix=folder_prefix("root")) as folder:
        root = Path(folder) / "root"
        make(root)
        yield root


@contextlib.contextmanager
def laid_over(stock: Path) -> Iterator[Root]:
    """A root to change, with this checkout in the home of root."""
    need.root()
    with tempfile.TemporaryDirectory(prefix=folder_prefix("over")) as folder:
        parts = {name: Path(folder) / name for name in ("upper", "work", "root")}
        for path in parts.values():
            path.mkdir()
        made = Root(parts["root"])
        options = f"lowerdir={stock},upperdir={parts['upper']},workdir={parts['work']}"
        _done("mount", "-t", "overlay", "overlay", "-o", options, str(made.path))
        try:
            _done("mount", "-t", "proc", "proc", str(made.path / "proc"))
            _prepare(made)
            yield made
        finally:
            for path in (made.path / "proc", made.path):
                subprocess.run(["umount", "--lazy", str(path)], capture_output=True, check=False)


def _prepare(root: Root) -> None:
    for client in _CLIENTS:
        if Path(client).exists():
            (root.path / client[1:]).unlink(missing_ok=True)
            shutil.copy(client, root.path / client[1:])
    for name, text in (
        ("sbin/policy-rc.d", "#!/bin/sh\nexit 101\n"),
        ("local/bin/systemctl", _SYSTEMCTL),
    ):
        path = root.path / "usr" / name
        path.write_text(text)
        path.chmod(0o755)
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build")
    shutil.copytree(HOUSE, root.path / "root/bothsides", ignore=ignored)
    root.sh("apt-get -qq update")


def _done(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        need.missing(f"{' '.join(words[:3])}: {done.stderr.strip()}")
