"""A Kerberos realm of its own on loopback: a KDC, a user's ticket, and a service's key."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support import need
from tests.support.daemons import free_port, listens, running
from tests.support.process import NRPE_ENVIRONMENT

REALM = "LAB.TEST"
_WORD = "lab"  # the realm's master key; nothing but the tests ever asks this KDC


class Realm(NamedTuple):
    """environment: what a process needs to know the realm; ticket.

    What a client needs besides; keytab: the service's key.
    """

    environment: dict[str, str]
    ticket: dict[str, str]
    keytab: Path


@contextmanager
def realm(root: Path, user: str, service: str) -> Iterator[Realm]:
    """A running KDC that knows a user, who has a ticket, and a service, as in HTTP/localhost."""
    daemon = need.program("krb5kdc", "krb5-kdc")
    make = need.program("kdb5_util", "krb5-kdc")
    local = need.program("kadmin.local", "krb5-admin-server")
    login = need.program("kinit", "krb5-user")
    port = free_port()
    config, keytab, log = root / "krb5.conf", root / "keytab", root / "kdc.log"
    config.write_text(
        f"[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\n"
        f"dns_lookup_realm = false\n"
        f"dns_canonicalize_hostname = false\nrdns = false\nudp_preference_limit = 1\n"
        f"[realms]\n{REALM} = {{\nkdc = 127.0.0.1:{port}\n}}\n"
        f"[kdcdefaults]\nkdc_listen = 127.0.0.1:{port}\nkdc_tcp_listen = 127.0.0.1:{port}\n"
        f"[dbmodules]\n{REALM} = {{\ndb_library = db2\ndatabase_name = {root}/principal\n}}\n"
    )
    (root / "kdc.conf").write_text(
        f"[realms]\n{REALM} = {{\nkey_stash_file = {root}/stash\nacl_file = {root}/acl\n}}\n"
    )
    known = {
        **NRPE_ENVIRONMENT,
        "KRB5_CONFIG": str(config),
        "KRB5_KDC_PROFILE": str(root / "kdc.conf"),
    }
    ticket = {"KRB5CCNAME": f"FILE:{root}/ticket"}
    _done(known, make, "create", "-s", "-W", "-r", REALM, "-P", _WORD)
    _done(known, local, "-q", f"addprinc -pw {_WORD} {user}")
    _done(known, local, "-q", f"addprinc -randkey {service}")
    _done(known, local, "-q", f"ktadd -k {keytab} {service}")
    with running([daemon, "-n", "-P", str(root / "kdc.pid")], lambda: listens(port), log, known):
        _done({**known, **ticket}, login, user, word=_WORD)
        yield Realm({"KRB5_CONFIG": str(config), "KRB5RCACHENAME": "none:"}, ticket, keytab)


def _done(environment: dict[str, str], *command: str, word: str = "") -> None:
    done = subprocess.run(
        command, input=f"{word}\n", capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
