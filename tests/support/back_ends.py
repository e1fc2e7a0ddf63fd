"""Both TLS back ends of pycurl: this Python's wheel, and the system's package."""

import os
import subprocess
import sys

from tests.support import need
from tests.support.process import HOUSE

START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from bothsides.check.https.check import main; main()"
)
"""check_https for any Python: its first argument is the library's folder."""


def pythons() -> tuple[str, ...]:
    """This Python with the wheel's OpenSSL, and the system's with Debian's GnuTLS pycurl."""
    return (sys.executable, "/usr/bin/python3")


def backend(python: str) -> str:
    """The TLS library of a Python's pycurl."""
    done = subprocess.run(
        [python, "-c", "import pycurl; print(pycurl.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        need.missing(f"{python} has no pycurl: apt-get install python3-pycurl python3-nagiosplugin")
    return "GnuTLS" if "GnuTLS" in done.stdout else "OpenSSL"


def ask(python: str, *arguments: str, inside: tuple[str, ...] = ()) -> tuple[int, str]:
    """Exit code and line 1, but for perfdata, of check_https under one of the Pythons."""
    command = [*inside, python, "-c", START, str(HOUSE / "lib"), *arguments]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.partition("|")[0]
