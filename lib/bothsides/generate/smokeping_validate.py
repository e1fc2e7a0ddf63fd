"""SmokePing's own validator, run on new files before anything on disk is replaced."""

import os
import sys

from bothsides.base.types import Iterable
from bothsides.generate.tree import File
from bothsides.generate.validator import put, temporary_folder, verdict

_PROGRAMS = ("/usr/sbin/smokeping", "/usr/bin/smokeping", "/opt/smokeping/bin/smokeping")
_PROBE = "/opt/bothsides/bin/udp_fping"
_LONGEST = 120  # s that the validator may take
_GENERAL = """\
*** General ***
owner = check
contact = check@example.invalid
mailhost = localhost
imgcache = {0}
imgurl = cache
datadir = {0}
dyndir = {0}
piddir = {0}
cgiurl = http://localhost/smokeping.cgi
smokemail = {0}/template
tmail = {0}/template
*** Database ***
step = 300
pings = 20
AVERAGE 0.5 1 100
*** Presentation ***
template = {0}/template
+ overview
width = 600
height = 50
range = 10m
+ detail
width = 600
height = 200
unison_tolerance = 2
"Last 10 minutes" 10m
"""


def smokeping(files: Iterable[File]) -> list[str] | None:
    """What `smokeping --check` complains about; None when it or its probe is not installed."""
    program = next((place for place in _PROGRAMS if os.access(place, os.X_OK)), None)
    places = (_PROBE, os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), "udp_fping"))
    probe = next((place for place in places if os.access(place, os.X_OK)), None)
    if program is None or probe is None:
        return None
    bodies = {file.path: file.body for file in files}
    with temporary_folder() as folder:
        secrets = os.path.join(folder, "secrets")
        slaves = bodies["smokeping/Slaves"]
        names = [line.split(" = ")[1] for line in slaves.splitlines() if "display_name" in line]
        put(secrets, "".join(f"{name}:check\n" for name in names))
        text = _GENERAL.format(folder)
        text += slaves.replace("/etc/smokeping/slavesecrets", secrets)
        text += bodies["smokeping/Probes"].replace(_PROBE, probe) + bodies["smokeping/Targets"]
        put(os.path.join(folder, "config"), text)
        put(os.path.join(folder, "template"), "")
        code, lines = verdict([program, f"--config={folder}/config", "--check"], folder, _LONGEST)
    complaints = [line for line in lines if "syntax OK" not in line]
    return complaints or ([f"exit code {code}"] if code else [])
