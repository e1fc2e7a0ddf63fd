"""A sound landscape, mistakes that are appended to it, and how the line about one is compared."""

import re

import pytest

from bothsides.inventory.faults import Faulty
from bothsides.inventory.read import read

BASE = """\
[landscape]
version = 1
[defaults]
rate = "10/s"
[[group]]
name = "web"
[[group]]
name = "db"
match = "role:db"
[[provider]]
name = "isp"
networks = ["203.0.113.0/24"]
[[server]]
name = "web1"
ip = "192.0.2.1"
datacenter = "eu.de"
groups = ["web"]
provider = "isp"
[[server]]
name = "db1"
ip = "192.0.2.11"
datacenter = "eu.fr"
role = "db"
provider = "isp"
[[server]]
name = "db2"
ip = "192.0.2.12"
datacenter = "us.east"
role = "db"
provider = "isp"
"""
"""A landscape without a fault; every case appends something to it."""

LAST = BASE.count("\n")
SERVER = '[[server]]\nname = "x1"\nip = "192.0.2.99"\n'
CHECK = '[[check]]\nfrom = "web"\nto = "db"\ncheck = "udp_ping"\n'
ANALYSIS = '[[analysis]]\nfrom = "web"\nto = "db"\nname = "mtr"\n'
TIMES = "begin = 2030-01-01T00:00:00Z\nend = 2030-01-02T00:00:00Z\n"


def only_fault(text: str) -> str:
    """The one line that is said about a text."""
    with pytest.raises(Faulty) as caught:
        read(text, file="mesh.toml")
    assert len(caught.value.faults) == 1, str(caught.value)
    line = str(caught.value)
    assert line.isprintable()
    return line


def check_line(line: str, number: int, words: str, remedy: str) -> None:
    assert line.startswith(f"mesh.toml:{number}: ")
    assert words in line
    said = re.split(r"[;,] ", line, maxsplit=1)
    assert len(said) == 2
    assert remedy in line[line.index(words) + len(words) :]
