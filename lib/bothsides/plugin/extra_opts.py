"""Finds the ini file of --extra-opts; refuses one that others may change, or read secrets of."""

import os
import stat

from bothsides.base.files import distrust
from bothsides.base.types import Callable
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
_LARGEST = 1 << 20  # characters of a file; a device may have no end


def read(
    section: str, path: str, is_secret: Callable[[str, str], bool]
) -> tuple[tuple[Entry, ...], str]:
    """The entries of a section, and the file that holds them.

    path "" searches $MP_CONFIG_FILE, the folders of $NAGIOS_CONFIG_PATH and the places of the
    Monitoring Plugins. Raises Unreadable for a file or section that is broken or missing, for a
    file that another user may change, and for secrets that everybody can read.
    """
    chosen = path or _search()
    try:
        with open(chosen, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(_LARGEST + 1)
            status = os.fstat(file.fileno())
    except OSError as fault:
        raise Unreadable(f"--extra-opts: cannot read {chosen}: {fault.strerror}") from None
    if len(text) > _LARGEST:
        raise Unreadable(f"--extra-opts: cannot read {chosen}: it has more than 1 MiB")
    doubt = distrust(chosen, status)
    if doubt:
        raise Unreadable(f"--extra-opts: {doubt}")
    try:
        sections = from_ini(text)
    except Unreadable as fault:
        raise Unreadable(f"--extra-opts: {chosen}: {fault}") from None
    if section not in sections:
        raise Unreadable(f"--extra-opts: no section [{section}] in {chosen}")
    entries = sections[section]
    secret = next((each.key for each in entries if is_secret(each.key, each.value or "")), None)
    if secret and status.st_mode & stat.S_IROTH:
        raise Unreadable(
            f"--extra-opts: {chosen} holds {secret}, which may be a secret, and is readable by"
            f" everybody; run chmod o-r {chosen}"
        )
    return entries, chosen


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
