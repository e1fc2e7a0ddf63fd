"""Finds the ini file of --extra-opts, and refuses one whose secrets everybody can read."""

import os
import stat

from bothsides.parse import Unreadable
from bothsides.parse.ini import Entry, from_ini

_NAMES = ("monitoring-plugins.ini", "plugins.ini", "nagios-plugins.ini")
_PLACES = (
    "/etc/monitoring-plugins",
    "/usr/local/etc/monitoring-plugins",
    "/etc/nagios",
    "/usr/local/nagios/etc",
    "/usr/local/etc/nagios",
    "/etc/opt/nagios",
    "/etc/nagios-plugins",
    "/usr/local/etc",
    "/etc/opt",
    "/etc",
)
_SECRET = ("community", "pass", "secret", "authorization", "token")


def read(section: str, path: str) -> tuple[tuple[Entry, ...], str]:
    """The entries of a section, and the file that holds them.

    path "" searches $MP_CONFIG_FILE, the folders of $NAGIOS_CONFIG_PATH and the places of the
    Monitoring Plugins. Raises Unreadable for a file or section that is broken or missing, or whose
    secrets everybody can read.
    """
    found = path or _search()
    try:
        with open(found, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
            mode = os.fstat(file.fileno()).st_mode
    except OSError as fault:
        raise Unreadable(f"--extra-opts: cannot read {found}: {fault.strerror}") from None
    try:
        sections = from_ini(text)
    except Unreadable as fault:
        raise Unreadable(f"--extra-opts: {found}: {fault}") from None
    if section not in sections:
        raise Unreadable(f"--extra-opts: no section [{section}] in {found}")
    entries = sections[section]
    secret = next((entry.key for entry in entries if _is_secret(entry)), None)
    if secret and mode & stat.S_IROTH:
        raise Unreadable(
            f"--extra-opts: {found} holds {secret} and is readable by everybody;"
            f" run chmod o-r {found}"
        )
    return entries, found


def _is_secret(entry: Entry) -> bool:
    return "-file" not in entry.key and any(word in entry.key for word in _SECRET)


def _search() -> str:
    named = os.environ.get("MP_CONFIG_FILE")
    if named:
        return named
    folders = [folder for folder in os.environ.get("NAGIOS_CONFIG_PATH", "").split(":") if folder]
    for folder in (*folders, *_PLACES):
        for name in _NAMES:
            path = os.path.join(folder, name)
            if os.path.exists(path):
                return path
    raise Unreadable(
        f"--extra-opts: no {_NAMES[0]} or {_NAMES[1]} in {_PLACES[0]}, {_PLACES[2]}"
        " and the other usual places"
    )
