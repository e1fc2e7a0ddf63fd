"""A real systemd as process 1 of namespaces of its own, with this machine's files under an overlay.

It knows the units that a test gives it and no others, so nothing of the machine is touched: not its
network, its mounts, its processes or its /etc. What services write to their journal stands in a
file.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support import need
from tests.support.leftovers import folder_prefix
from tests.support.process import HOUSE

_CGROUPS = "/sys/fs/cgroup/unified", "/sys/fs/cgroup"
_UNITS = "etc/systemd/system"
_LOG = "var/log/units.log"
_TARGETS = {
    "sysinit.target": "[Unit]\nDefaultDependencies=no\n",
    "basic.target": "[Unit]\nDefaultDependencies=no\nRequires=sysinit.target\n",
    "network-online.target": "[Unit]\nDefaultDependencies=no\n",
    "shutdown.target": "[Unit]\nDefaultDependencies=no\n",
    "test.target": "[Unit]\nDefaultDependencies=no\n",
    "service.d/log.conf": f"[Service]\nStandardOutput=append:/{_LOG}\nStandardError=inherit\n",
}
_BOOT = """\
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount -o bind,ro /proc/sys proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
for place in run tmp dev etc/systemd var/lib/bothsides; do
  mkdir -p $place
  mount -t tmpfs -o mode=755 tmpfs $place
done
chmod 1777 tmp
for name in null zero full random urandom tty; do
  touch dev/$name
  mount --bind /dev/$name dev/$name
done
ln -s /proc/self/fd dev/fd
ln -s pts/ptmx dev/ptmx
cp -r "$2/." .
ip link set lo up
systemd-sysusers --root . "$3"
mkdir -p run/before
pivot_root . run/before
cd /
exec env -i container=test SYSTEMD_UNIT_PATH=/etc/systemd/system \\
    PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
  sh -c 'umount -l /run/before && exec /lib/systemd/systemd --system --unit=test.target \\
    --log-target=console --show-status=0'
"""


class Systemd:
    """A running systemd."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process, self.log = process, log
        self.number = 0  # of systemd, as everybody else sees it

    def __call__(self, *words: str, user: str = "", check: bool = True) -> str:
        """Runs a command beside it, as root or another user; what it prints."""
        inside = ["nsenter", "-t", str(self.number), "-a", "-r", "-w", "--"]
        other = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        done = subprocess.run(
            [*inside, *other, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            timeout=60,
        )
        if check and done.returncode:
            raise AssertionError(f"{words}: {done.stdout}\n{self.said()}")
        return done.stdout

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self("systemctl", "show", "-P", name, unit).strip()

    def said(self) -> str:
        """What all services have written to their journal."""
        return self("cat", f"/{_LOG}", check=False)

    def wait(self, unit: str, name: str, value: str, seconds: float = 60) -> None:
        """Waits until a property of a unit has this value."""
        until = time.monotonic() + seconds
        while (found := self.show(unit, name)) != value:
            assert time.monotonic() < until, f"{unit}: {name} is {found}\n{self.said()}"
            time.sleep(0.1)


def _tree(folder: Path, files: Mapping[str, str]) -> Path:
    """What is laid over the machine's files: ours at their places, and the units."""
    ours = folder / "opt/bothsides"
    for part in ("lib", "plugins"):
        shutil.copytree(HOUSE / part, ours / part, ignore=shutil.ignore_patterns("*.egg-info"))
    (ours / "bin").symlink_to("plugins")
    units = {f"{_UNITS}/{name}": text for name, text in _TARGETS.items()}
    for name, text in {**units, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for place in (folder, *folder.rglob("*")):
        if not place.is_symlink():
            place.chmod(0o755 if place.is_dir() or place.stat().st_mode & 0o100 else 0o644)
    return folder


@contextmanager
def systemd(files: Mapping[str, str]) -> Iterator[Systemd]:
    """systemd, with these files at their places below the root; gone afterwards with all it ran."""
    need.root()
    need.program("systemctl", "systemd")
    parent = next((each for each in _CGROUPS if Path(each, "cgroup.procs").exists()), None)
    if parent is None or not Path(parent, "cgroup.controllers").exists():
        need.missing("needs cgroup2")
    with tempfile.TemporaryDirectory(prefix=folder_prefix("systemd")) as name:
        folder = Path(name)
        tree = _tree(folder / "tree", files)
        (folder / "root").mkdir()
        group = Path(str(parent), folder.name)
        group.mkdir()
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net"]
        script = f'echo $$ > {group}/cgroup.procs; exec {" ".join(words)} --cgroup sh -c "$0" "$@"'
        arguments = ["sh", str(folder / "root"), str(tree), str(HOUSE / "nrpe/bothsides.sysusers")]
        with (folder / "log").open("wb") as log, subprocess.Popen(
            ["sh", "-c", script, _BOOT, *arguments], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log,
        ) as process:  # fmt: skip
            made = Systemd(process, folder / "log")
            try:
                _started(made)
                yield made
            finally:
                _end(made, group)


def _started(made: Systemd) -> None:
    until = time.monotonic() + 60
    while True:
        children = Path(f"/proc/{made.process.pid}/task/{made.process.pid}/children")
        text = children.read_text().split() if children.exists() else []
        if text and Path(f"/proc/{text[0]}/comm").read_text() == "systemd\n":
            made.number = int(text[0])
            if "running" in made("systemctl", "is-system-running", check=False):
                return
        if made.process.poll() is not None or time.monotonic() > until:
            need.missing(f"systemd does not start here: {made.log.read_text()[-1000:]}")
        time.sleep(0.1)


def _end(made: Systemd, group: Path) -> None:
    """Kills process 1, and with it all others of its namespace; takes its groups away."""
    if made.number:
        os.kill(made.number, signal.SIGKILL)
    made.process.kill()
    made.process.wait()
    for _ in range(50):
        try:
            for each in sorted(group.rglob("*"), reverse=True):
                if each.is_dir():
                    each.rmdir()
            group.rmdir()
            return
        except OSError:
            time.sleep(0.1)
