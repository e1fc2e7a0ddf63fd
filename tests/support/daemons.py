"""Real daemons in the foreground on free loopback ports, stopped when the test is over."""

import grp
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.support import faketime, need
from tests.support.leftovers import folder_prefix, marked, remove
from tests.support.process import NRPE_ENVIRONMENT


class Daemon(NamedTuple):
    """A running daemon: where it listens, its folder (config, log) and its process."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that nobody has; TCP, or UDP with socket.SOCK_DGRAM.

    Below those that the kernel gives to sockets that ask for any: it would give the same port to
    another test before the daemon binds it.
    """
    while True:
        with socket.socket(socket.AF_INET, kind) as asker, suppress(OSError):
            asker.bind(("", random.SystemRandom().randrange(20000, 32000)))
            return int(asker.getsockname()[1])


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that daemons may enter when they have dropped root, unlike pytest's."""
    made = Path(tempfile.mkdtemp(prefix=folder_prefix()))
    made.chmod(0o755)
    try:
        yield made
    finally:
        remove(made)


@contextmanager
def running(
    command: Sequence[str],
    ready: Callable[[], bool],
    log: Path,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon in the foreground from the moment it is ready; its output goes to `log`."""
    faketime.sweep()
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**(environment or NRPE_ENVIRONMENT), **marked()},
            cwd="/",
            start_new_session=True,
        )
    try:
        _wait(process, ready, log, seconds)
        yield process
    finally:
        _end(process)


def _wait(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float
) -> None:
    until = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            last = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            fate = (
                "is not ready" if process.returncode is None else f"left with {process.returncode}"
            )
            raise RuntimeError(f"{process.args!r} {fate}: {last}")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole group: faketime and its like stand between us and the daemon."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    faketime.sweep()


def listens(port: int, before: Sequence[str] = ()) -> bool:
    """Whether something accepts TCP on 127.0.0.1:port, seen from where `before` leads."""
    if before:
        sockets = subprocess.run(
            [*before, "ss", "-Hltn", f"sport = :{port}"], capture_output=True, check=False
        )
        return bool(sockets.stdout.strip())
    with socket.socket() as asker:
        asker.settimeout(1)
        return asker.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, request: bytes) -> bool:
    """Whether something on UDP 127.0.0.1:port answers this datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.2)
        try:
            asker.connect(("127.0.0.1", port))
            asker.send(request)
            return bool(asker.recv(65535))
        except OSError:
            return False


@contextmanager
def nrpe(commands: str, root: Path) -> Iterator[Daemon]:
    """NRPE as user nagios, with the text of a command file included as it stands.

    `root` is its folder.
    """
    program = need.program("nrpe", "nagios-nrpe-server")
    port = free_port()
    home = root / "nrpe"
    (home / "nrpe.d").mkdir(parents=True)
    (home / "nrpe.d" / "commands.cfg").write_text(commands)
    config = home / "nrpe.cfg"
    user, group = daemon_user()
    config.write_text(
        f"server_port={port}\nserver_address=127.0.0.1\nnrpe_user={user}\nnrpe_group={group}\n"
        f"allowed_hosts=127.0.0.1\ndont_blame_nrpe=0\ncommand_timeout=30\nconnection_timeout=40\n"
        f"pid_file={home}/nrpe.pid\nlog_file={home}/nrpe.log\ninclude_dir={home}/nrpe.d\n"
    )
    own(home)
    client = need.program("check_nrpe", "nagios-nrpe-plugin")

    def ready() -> bool:
        asked = subprocess.run(
            [client, "-H", "127.0.0.1", "-p", str(port)], capture_output=True, check=False
        )
        return asked.returncode == 0

    with running([program, "-c", str(config), "-f", "-4"], ready, home / "out.log") as process:
        yield Daemon(port, home, process)


@contextmanager
def nagios(objects: Sequence[Path], resource: str, root: Path) -> Iterator[Daemon]:
    """Nagios 4 with these object files and the text of resource.cfg; intervals count in seconds.

    Its results stand in `status.dat` of the daemon's folder; see `tests.support.nagios`.
    """
    program = need.program("nagios4", "nagios4-core")
    home = root / "nagios"
    for name in ("var", "spool/checkresults", "rw"):
        (home / name).mkdir(parents=True)
    user, group = daemon_user()
    config = home / "nagios.cfg"
    (home / "resource.cfg").write_text(resource)
    config.write_text(
        "".join(f"cfg_file={path}\n" for path in objects)
        + f"resource_file={home}/resource.cfg\nlog_file={home}/var/nagios.log\n"
        f"status_file={home}/var/status.dat\n"
        f"status_update_interval=1\nobject_cache_file={home}/var/objects.cache\n"
        f"precached_object_file={home}/var/objects.precache\n"
        f"state_retention_file={home}/var/retention.dat\n"
        f"lock_file={home}/var/nagios.pid\ntemp_file={home}/var/nagios.tmp\ntemp_path={home}/var\n"
        f"check_result_path={home}/spool/checkresults\ncheck_result_reaper_frequency=1\n"
        f"command_file={home}/rw/nagios.cmd\nquery_socket={home}/rw/nagios.qh\n"
        f"nagios_user={user}\nnagios_group={group}\n"
        "interval_length=1\ncheck_external_commands=1\nexecute_service_checks=1\n"
        "execute_host_checks=0\n"
        "enable_notifications=0\nprocess_performance_data=0\nservice_inter_check_delay_method=n\n"
        "service_check_timeout=60\ncheck_for_updates=0\nuse_syslog=0\ncheck_workers=2\n"
        "illegal_macro_output_chars=`~$&|'\"<>\n"
    )
    own(home)
    verified = subprocess.run(
        [program, "-v", str(config)], capture_output=True, text=True, check=False
    )
    if verified.returncode != 0:
        raise RuntimeError(f"nagios4 -v: {verified.stdout[-3000:]}")
    status = home / "var" / "status.dat"
    with running([program, str(config)], status.exists, home / "out.log") as process:
        yield Daemon(0, home, process)


@contextmanager
def snmpd(
    config: str,
    root: Path,
    before: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    address: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Daemon]:
    """snmpd with these lines of snmpd.conf.

    `before` goes in front, as in ("faketime", "-f", "+5s").
    """
    program = need.program("snmpd", "snmpd")
    client = need.program("snmpget", "snmp")
    port = port or free_port(socket.SOCK_DGRAM)
    home = root / f"snmpd-{port}"
    (home / "persist").mkdir(parents=True)
    path = home / "snmpd.conf"
    path.write_text(
        f"agentAddress udp:{address}:{port}\nrocommunity readiness 127.0.0.1\n{config}\n"
    )
    log = home / "snmpd.log"
    more = {"MIBS": "", "SNMP_PERSISTENT_DIR": str(home / "persist"), "SNMPCONFPATH": str(home)}

    def ready() -> bool:
        asked = [
            client,
            "-v2c",
            "-c",
            "readiness",
            "-t",
            "0.2",
            "-r",
            "0",
            f"{address}:{port}",
            "1.3.6.1.2.1.1.3.0",
        ]
        return (
            subprocess.run(
                asked, capture_output=True, env=NRPE_ENVIRONMENT | more, check=False
            ).returncode
            == 0
        )

    command = [
        *before,
        program,
        "-f",
        "-Lf",
        str(log),
        "-C",
        "-c",
        str(path),
        "-p",
        str(home / "pid"),
    ]
    with running(command, ready, log, NRPE_ENVIRONMENT | more | dict(environment or {})) as process:
        yield Daemon(port, home, process)


@contextmanager
def nginx(server: str, root: Path, main: str = "") -> Iterator[Daemon]:
    """nginx with one `server { listen 127.0.0.1:PORT ssl; ... }`.

    PORT in the text is replaced by the real one.
    """
    program = need.program("nginx", "nginx-light")
    port = free_port()
    home = root / f"nginx-{port}"
    home.mkdir(parents=True)
    temporary = "".join(
        f"{kind}_temp_path {home}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = home / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {home}/pid;\nerror_log {home}/error.log;\n{main}\n"
        f"events {{}}\nhttp"
        f" {{\naccess_log off;\n{temporary}{server.replace('PORT', str(port))}\n}}\n"
    )
    command = [program, "-c", str(config), "-e", str(home / "error.log")]
    with running(command, lambda: listens(port), home / "out.log") as process:
        yield Daemon(port, home, process)


def own(path: Path, wanted: str = "nagios") -> None:
    """Hands a folder and all in it to the user that a daemon turns into, where we may."""
    user, group = daemon_user(wanted)
    for each in (path, *path.rglob("*")):
        shutil.chown(each, user, group)


def daemon_user(wanted: str = "nagios") -> tuple[str, str]:
    """User and group that a daemon is to run as: its own, or ours when we are not root."""
    if os.geteuid() == 0:
        return wanted, wanted
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
