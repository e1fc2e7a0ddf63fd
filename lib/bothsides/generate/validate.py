"""The products' own validators, run on a new tree before anything on disk is replaced."""

import grp
import os
import pwd
import re

from bothsides.base.types import Callable, Iterable, Mapping
from bothsides.generate.icinga2_validate import icinga2
from bothsides.generate.smokeping_validate import smokeping
from bothsides.generate.tree import File
from bothsides.generate.validator import put, temporary_folder, verdict

_NAGIOS = ("/usr/sbin/nagios4", "/usr/sbin/nagios", "/usr/local/nagios/bin/nagios")
_LONGEST = 120  # s that a validator may take
_GROUP = """
define contactgroup {{
    contactgroup_name {0}
    alias {0}
}}
"""
_CONTACTS = """
define contactgroup {
    contactgroup_name bothsides-check
    alias a contact of this check alone
    members bothsides-check
}
define contact {
    contact_name bothsides-check
    host_notification_period bothsides-always
    service_notification_period bothsides-always
    host_notification_commands bothsides_host_alive
    service_notification_commands bothsides_host_alive
    host_notification_options d
    service_notification_options c
}
"""


def nagios(files: Iterable[File]) -> list[str] | None:
    """What `nagios -v` complains about the files of nagios/; None when it is not installed."""
    program = next((place for place in _NAGIOS if os.access(place, os.X_OK)), None)
    if program is None:
        return None
    groups: set[str] = set()  # those of the site, which the files name
    with temporary_folder() as folder:
        for name in ("spool", "var"):
            os.mkdir(os.path.join(folder, name))
        for file in files:
            for names in re.findall(r"^ +contact_groups +(.*)$", file.body, re.MULTILINE):
                groups.update(names.split(","))
            put(os.path.join(folder, "objects", os.path.basename(file.path)), file.body)
        put(os.path.join(folder, "objects", "contacts.cfg"), _contacts(groups))
        put(os.path.join(folder, "resource.cfg"), "$USER1$=/usr/lib/nagios/plugins\n")
        config = os.path.join(folder, "nagios.cfg")
        put(config, _nagios_config(folder))
        code, lines = verdict([program, "-v", config], folder, _LONGEST)
    complaints = [line for line in lines if line.startswith(("Error", "Warning"))]
    if code and not complaints:
        complaints = [*lines[-3:]] or [f"exit code {code}"]
    return complaints


def _contacts(groups: Iterable[str]) -> str:
    """The contact groups of the site, and a contact."""
    return _CONTACTS + "".join(_GROUP.format(name) for name in sorted(groups))


def _nagios_config(folder: str) -> str:
    user = pwd.getpwuid(os.geteuid()).pw_name  # it would become another one that cannot read this
    group = grp.getgrgid(os.getegid()).gr_name
    return (
        f"nagios_user={user}\nnagios_group={group}\n"
        f"cfg_dir={folder}/objects\nresource_file={folder}/resource.cfg\n"
        f"log_file={folder}/var/log\nlock_file={folder}/var/lock\n"
        f"temp_path={folder}/var\ntemp_file={folder}/var/temp\n"
        f"check_result_path={folder}/spool\ncommand_file={folder}/var/cmd\n"
        f"query_socket={folder}/var/qh\nobject_cache_file={folder}/var/cache\n"
        f"status_file={folder}/var/status\nillegal_macro_output_chars=`~$&|'\"<>\n"
    )


VALIDATORS: Mapping[str, Callable[[Iterable[File]], list[str] | None]] = {
    "icinga2": icinga2,
    "nagios": nagios,
    "smokeping": smokeping,
}
"""The validator of a folder: its complaints, or None when the product is not installed."""
