"""Real receivers in front of a Nagios that waits for results: NSCA and NSCA-ng."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import daemons, need
from tests.support.passive import PASSWORD, Core
from tests.support.process import NRPE_ENVIRONMENT


@contextmanager
def nsca(core: Core, root: Path) -> Iterator[tuple[list[str], daemons.Daemon]]:
    """NSCA in front of a Nagios; the command line of its client, to be fed with records."""
    program, client = need.program("nsca", "nsca"), need.program("send_nsca", "nsca-client")
    port = daemons.free_port()
    config, sender = root / "nsca.cfg", root / "send_nsca.cfg"
    config.write_text(
        f"server_port={port}\nserver_address=127.0.0.1\ncommand_file={core.fifo}\n"
        f"password={PASSWORD}\ndecryption_method=1\nmax_packet_age=30\ndebug=0\n"
        "nsca_user=nagios\nnsca_group=nagios\n"
    )
    sender.write_text(f"password={PASSWORD}\nencryption_method=1\n")
    command = [client, "-H", "127.0.0.1", "-p", str(port), "-c", str(sender)]
    arguments = [program, "-f", "-c", str(config), "--single"]
    with daemons.running(
        arguments, lambda: daemons.listens(port), root / "nsca.log", NRPE_ENVIRONMENT
    ) as process:
        yield command, daemons.Daemon(port, root, process)


@contextmanager
def nsca_ng(core: Core, root: Path) -> Iterator[list[str]]:
    """NSCA-ng in front of a Nagios; the command line of its client.

    Debian's package of that client conflicts with the one of NSCA, so it is only unpacked.
    """
    program = need.program("nsca-ng", "nsca-ng-server")
    client = _unpacked("nsca-ng-client", root) / "usr" / "sbin" / "send_nsca"
    port = daemons.free_port()
    config, sender = root / "nsca-ng.cfg", root / "send_nsca_ng.cfg"
    config.write_text(
        f'command_file = "{core.fifo}"\nlisten = "127.0.0.1:{port}"\nlog_level = 3\n'
        'user = "nagios"\n'
        f'authorize "sender" {{\n    password = "{PASSWORD}"\n    hosts = ".*"\n'
        '    services = ".*"\n}\n'
    )
    sender.write_text(
        f'identity = "sender"\npassword = "{PASSWORD}"\nserver = "127.0.0.1"\nport = "{port}"\n'
    )
    log = root / "nsca-ng.log"
    with daemons.running(
        [program, "-F", "-c", str(config)], lambda: daemons.listens(port), log, NRPE_ENVIRONMENT
    ):
        yield [str(client), "-c", str(sender)]


def _unpacked(package: str, root: Path) -> Path:
    """The files of a Debian package that is not to be installed."""
    folder = root / package
    folder.mkdir()
    subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, check=False)
    archives = list(folder.glob("*.deb"))
    if not archives:
        need.missing(f"{package} cannot be fetched: apt-get download {package}")
    subprocess.run(["dpkg", "-x", str(archives[0]), str(folder)], check=True)
    return folder
