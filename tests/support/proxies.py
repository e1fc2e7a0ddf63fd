"""Real proxies and TLS relays on free loopback ports: Squid, microsocks, stunnel."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support import daemons, need
from tests.support.process import NRPE_ENVIRONMENT


@contextmanager
def squid(
    root: Path,
    rules: str,
    users: Mapping[str, str],
    scheme: str = "basic",
    before: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[daemons.Daemon]:
    """A Squid that requires a login (basic, digest or negotiate) and then follows the http_access
    rules; 403 for the rest.

    `before` goes in front, as in ("ip", "netns", "exec", "x"). Negotiate needs the realm's
    environment, and its key for HTTP/localhost in the file `keytab` of the folder.
    """
    program = need.program("squid", "squid")
    port = daemons.free_port()
    passwords = root / "passwords"
    helper = {
        "basic": f"basic_ncsa_auth {passwords}\nauth_param basic realm lab",
        "digest": f"digest_file_auth {passwords}\nauth_param digest realm lab",
        "negotiate": f"negotiate_kerberos_auth -k {root}/keytab -s HTTP/localhost",
    }[scheme]
    passwords.write_text(
        "".join(
            f"{name}:{_crypted(word) if scheme == 'basic' else word}\n"
            for name, word in users.items()
        )
    )
    config, log = root / "squid.conf", root / "squid.log"
    config.write_text(
        f"http_port 127.0.0.1:{port}\nvisible_hostname lab\npid_filename {root}/squid.pid\n"
        f"cache deny all\n"
        f"cache_log {root}/cache.log\naccess_log none\ncoredump_dir {root}\nnetdb_filename none\n"
        f"auth_param {scheme} program /usr/lib/squid/{helper}\n"
        f"acl known proxy_auth REQUIRED\n{rules}\nhttp_access deny all\n"
        f"shutdown_lifetime 0 seconds\n"
        "forwarded_for off\nconnect_timeout 3 seconds\nbuffered_logs off\n"
    )
    if os.geteuid() == 0:
        daemons.own(root, "proxy")
    known = {**NRPE_ENVIRONMENT, **(environment or {})}
    with daemons.running(
        [*before, program, "-N", "-f", str(config)],
        lambda: daemons.listens(port, before),
        log,
        known,
    ) as process:
        yield daemons.Daemon(port, root, process)


@contextmanager
def microsocks(root: Path, login: str = "") -> Iterator[daemons.Daemon]:
    """A SOCKS 5 proxy, with login user:password or without one."""
    program = need.program("microsocks", "microsocks")
    port = daemons.free_port()
    user, _, word = login.partition(":")
    command = [
        program,
        "-i",
        "127.0.0.1",
        "-p",
        str(port),
        *(("-u", user, "-P", word) if login else ()),
    ]
    with daemons.running(
        command, lambda: daemons.listens(port), root / "microsocks.log"
    ) as process:
        yield daemons.Daemon(port, root, process)


@contextmanager
def stunnel(root: Path, certificate: Path, inner: int) -> Iterator[daemons.Daemon]:
    """TLS in front of a port; the certificate's file holds its key and chain too."""
    program = need.program("stunnel", "stunnel4")
    port = daemons.free_port()
    config = root / "stunnel.conf"
    config.write_text(
        f"foreground = yes\npid =\nsyslog = no\n[proxy]\naccept = 127.0.0.1:{port}\n"
        f"connect = 127.0.0.1:{inner}\n"
        f"cert = {certificate}\n"
    )
    with daemons.running(
        [program, str(config)], lambda: daemons.listens(port), root / "stunnel.log"
    ) as process:
        yield daemons.Daemon(port, root, process)


def _crypted(word: str) -> str:
    openssl = need.program("openssl", "openssl")
    return subprocess.run(
        [openssl, "passwd", "-apr1", word], capture_output=True, text=True, check=True
    ).stdout.strip()
