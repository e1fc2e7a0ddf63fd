"""Every mistake in a landscape is one line: file, line number, what is wrong, what to write."""

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

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    # keys
    (SERVER + 'datacentre = "x"\n', 4, 'unknown key "datacentre"', 'did you mean "datacenter"?'),
    ('[[group]]\nname = "g"\nallow_empty = true\nmach = "all"\n', 4, 'unknown key "mach"', 'did you mean "match"?'),
    ('[[provider]]\nname = "p"\nnetwork = ["AS1"]\n', 3, 'unknown key "network"', 'did you mean "networks"?'),
    (CHECK + 'excpet = "self"\n', 5, 'unknown key "excpet"', 'did you mean "except"?'),
    (CHECK + "source-port = 7\n", 5, 'unknown key "source-port"', "did you mean"),
    ('[[path]]\nfrom = "web"\nto = "db"\nflow = 3\n', 4, 'unknown key "flow"', 'did you mean "flows"?'),
    ('[[https]]\nfrom = "web"\nto = "db"\nuri = "/"\n', 4, 'unknown key "uri"', "did you mean"),
    ('[[clock]]\nfrom = "web"\nto = "db"\nretry = 3\n', 4, 'unknown key "retry"', 'did you mean "retries"?'),
    (CHECK + '[[pair]]\nfrom = "web"\nto = "db"\nreasn = "x"\n', 8, 'unknown key "reasn"', 'did you mean "reason"?'),
    ('[[link]]\nbetween = ["isp", "isp2"]\nprivat = true\n[[provider]]\nname = "isp2"\n', 3, 'unknown key "privat"', 'did you mean "private"?'),
    (ANALYSIS + 'min_loss = 3\ncommand = "ls"\ncool = 3\n', 7, 'unknown key "cool"', 'did you mean "cooldown"?'),
    ('[[maintenance]]\nwhat = "web1"\nbegn = 1\n' + TIMES, 3, 'unknown key "begn"', 'did you mean "begin"?'),
    (SERVER + 'path = { flws = 3 }\n', 4, 'path: unknown key "flws"', 'did you mean "flows"?'),
    (SERVER + 'udp = { rate = 3 }\nrate = 4\n', 5, '"rate" stands in the table and in udp', "take one out"),
    (SERVER + "https = 3\n", 4, "https is a table of settings", "write https = {"),
    (SERVER + 'identifier = "x2"\n', 4, "name and identifier mean the same", "take one out"),
    # secrets
    (SERVER + 'password = "x"\n', 4, 'key "password" holds a secret', 'auth = "SECTION"'),
    (SERVER + 'snmp_community = "x"\n', 4, 'key "snmp_community" holds a secret', 'auth = "SECTION"'),
    (SERVER + 'clock = { authpasswd = "x" }\n', 4, 'clock: key "authpasswd" holds a secret', 'auth = "SECTION"'),
    ('[[https]]\nfrom = "web"\nto = "db"\ntoken = "x"\n', 4, 'key "token" holds a secret', 'auth = "SECTION"'),
    ('[[https]]\nfrom = "web"\nto = "db"\nproxy = "http://u:p@h:1"\n', 4, "a user or a password in a URL", '"auth"'),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "http"\nhttp_url = "https://u:p@h/"\n', 5, "a user or a password in a URL", '"auth"'),
    # tables
    ("[[servr]]\n", 1, 'unknown table "[[servr]]"', 'did you mean "server"?'),
    ("[chek]\n", 1, 'unknown table "[chek]"', 'did you mean "check"?'),
    ("[check]\n", 1, "check is a list of tables", "write [[check]]"),
    # what is missing
    ('[[server]]\nip = "192.0.2.99"\n', 1, 'the key "name" is missing', "write name ="),
    ('[[server]]\nname = "x1"\n', 1, 'the key "ip" is missing', 'write ip = "192.0.2.1"'),
    ("[[group]]\nallow_empty = true\n", 1, 'the key "name" is missing', "write name ="),
    ("[[provider]]\nnetworks = []\n", 1, 'the key "name" is missing', "write name ="),
    ('[[check]]\nto = "db"\ncheck = "udp_ping"\n', 1, 'the key "from" is missing', 'write from = "all"'),
    ('[[check]]\nfrom = "db"\ncheck = "udp_ping"\n', 1, 'the key "to" is missing', 'write to = "all"'),
    ('[[check]]\nfrom = "web"\nto = "db"\n', 1, 'the key "check" is missing', 'write check = "udp_ping"'),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "http"\n', 1, 'the key "http_url" is missing', "write http_url ="),
    ('[[path]]\nfrom = "web"\n', 1, 'the key "to" is missing', "write to ="),
    ('[[pair]]\nto = "web"\n', 1, 'the key "from" is missing', "write from ="),
    ("[[link]]\nprivate = true\n", 1, 'the key "between" is missing', "write between ="),
    (ANALYSIS + 'command = "ls"\n', 1, 'the key "min_loss" is missing', 'write min_loss = "10%"'),
    (ANALYSIS + "min_loss = 3\n", 1, "no command", "write argv ="),
    ('[[maintenance]]\nwhat = "web1"\nbegin = 2030-01-01T00:00:00Z\n', 1, 'the key "end" is missing', "write end ="),
    # values
    ('[[server]]\nname = "x1"\nip = "192.0.2.300"\n', 3, '"192.0.2.300" is not an address', 'write numbers as "192.0.2.1"'),
    ('[[server]]\nname = "x1"\nip = "www.example.org"\n', 3, "is not an address", "write numbers"),
    ('[[server]]\nname = "x1"\nip = 3221225985\n', 3, "ip: 3221225985 is not a text", "put it in quotes"),
    ('[[server]]\nname = "x1"\nip = "v6:192.0.2.9"\n', 3, "is not an address", "write v4: before it"),
    ('[[server]]\nname = "x1"\nip = "0.0.0.0"\n', 3, "is not the address of one host", "write the address"),
    ('[[server]]\nname = "x1"\nip = "239.1.2.3"\n', 3, "is not the address of one host", "write the address"),
    ('[[server]]\nname = "x1"\nip = "fe80::1%eth0"\n', 3, "is not an address that others reach", "without a %zone"),
    ('[[server]]\nname = "x1"\nip = "::ffff:192.0.2.9"\n', 3, "is not an address that others reach", "write 192.0.2.9"),
    (SERVER + 'ips = ["192.0.2"]\n', 4, "ips: ", "write numbers"),
    (SERVER + 'trace_ip = "gateway"\n', 4, "trace_ip: ", "write numbers"),
    ('[[server]]\nname = "x 1"\nip = "192.0.2.99"\n', 2, '"x 1" is not a name', "use letters, digits"),
    ('[[server]]\nname = "-x"\nip = "192.0.2.99"\n', 2, '"-x" is not a name', "use letters, digits"),
    ('[[server]]\nname = 7\nip = "192.0.2.99"\n', 2, "name: 7 is not a text", "put it in quotes"),
    (SERVER + 'datacenter = "eu..de"\n', 4, "is not a data centre", "words joined by dots"),
    (SERVER + 'groups = "web "\n', 4, '"web " is not a name', "use letters, digits"),
    (SERVER + "groups = [1]\n", 4, "groups: 1 is not a text", "put it in quotes"),
    (SERVER + "groups = true\n", 4, "groups: true is not a list of texts", 'write ["a", "b"]'),
    (SERVER + 'transport = "nrep"\n', 4, 'unknown word "nrep"', 'did you mean "nrpe"?'),
    (SERVER + 'disabled = "yes"\n', 4, '"yes" is not a switch', "write true or false"),
    (SERVER + 'port = "862"\n', 4, '"862" is not a port', "without quotes"),
    (SERVER + "port = 70000\n", 4, "70000 is not a port", "1 to 65535"),
    (SERVER + "max_pps = 0\n", 4, "0 is not a whole number above 0", "write digits"),
    (SERVER + 'rate = "40"\n', 4, '"40" is not a rate', '"40/s"'),
    (SERVER + "rate = -1\n", 4, "-1 is not a rate", '"40/s"'),
    (SERVER + "rate = 20000\n", 4, "20000 is not a rate", "at most 10000/s"),
    (SERVER + "rate = nan\n", 4, "nan is not a rate", '"40/s"'),
    (SERVER + 'timeout = "1 s"\n', 4, '"1 s" is not a duration', '"5s"'),
    (SERVER + 'window = "2y"\n', 4, '"2y" is not a duration', '"14d"'),
    (SERVER + 'window = "400d"\n', 4, '"400d" is not a duration', "at most 366 days"),
    (SERVER + 'extra1 = "a\\nb"\n', 4, "is not a text of one line", "take out line breaks"),
    (SERVER + 'warning = "5%,"\n', 4, "is not a limit", "write ranges"),
    (SERVER + 'critical = "pl=three%"\n', 4, "is not a limit", "write ranges"),
    (SERVER + "critical = true\n", 4, "true is not a list of texts", "write"),
    (SERVER + 'protocol = "twamp"\n', 4, 'unknown word "twamp"', 'did you mean "stamp"?'),
    (SERVER + 'auth = "a b"\n', 4, '"a b" is not a name', "use letters, digits"),
    ('[[path]]\nfrom = "web"\nto = "db"\nvia = "a;b"\n', 4, "has a ;", "NRPE refuses this character"),
    ('[[provider]]\nname = "p"\nrole = "carrier"\n', 3, 'unknown word "carrier"', "known: us, isp"),
    ('[[provider]]\nname = "p"\nnetworks = ["192.0.2.1/24"]\n', 3, "is not a network", 'write "192.0.2.0/24"'),
    ('[[provider]]\nname = "p"\nnetworks = ["16509"]\n', 3, "is not a network", '"AS64500"'),
    ('[[provider]]\nname = "p"\nticket = "call them"\n', 3, "is not a URL or a mail address", "mailto:"),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "ping"\n', 4, 'unknown word "ping"', "did you mean"),
    (CHECK + 'http_url = "https://h/"\n', 5, "http_url has no meaning here", 'check = "http"'),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "http"\nhttp_url = "h"\n', 5, "is not a URL", "https://www"),
    (ANALYSIS + 'min_loss = "10"\ncommand = "ls"\n', 5, '"10" is not a loss', 'a share as "10%"'),
    (ANALYSIS + 'min_loss = "110%"\ncommand = "ls"\n', 5, "is not a loss", 'a share as "10%"'),
    (ANALYSIS + 'min_loss = 3\ncommand = ""\n', 6, "no command", "write it in quotes"),
    (ANALYSIS + "min_loss = 3\nargv = []\n", 6, "no command", 'write the program and its words as ["mtr", "-n"]'),
    (ANALYSIS + 'min_loss = 3\nargv = ["mtr"]\ncommand = "mtr"\n', 7, "exclude each other", "take one out"),
    (ANALYSIS + 'min_loss = 3\ncommand = "mtr {{server.to.ipp}}"\n', 6, "unknown placeholder", 'did you mean "server.to.ip"?'),
    ('[[maintenance]]\nwhat = "web1"\nbegin = "now"\nend = 2030-01-01T00:00:00Z\n', 3, '"now" is not a time with its offset', "without quotes"),
    ('[[maintenance]]\nwhat = "web1"\nbegin = 2030-01-01T00:00:00\nend = 2030-01-02T00:00:00Z\n', 3, "a time without an offset", "Z for UTC"),
    ('[[maintenance]]\nwhat = "web1"\nend = 2030-01-01T00:00:00Z\nbegin = 2030-01-02T00:00:00Z\n', 3, "ends before it begins", "exchange begin and end"),
    # names that are unknown, or known twice
    (SERVER + 'groups = ["wbe"]\n', 4, 'unknown group "wbe"', 'did you mean "web"?'),
    (SERVER + 'groups = ["web", "web"]\n', 4, 'the group "web" stands twice', "take one out"),
    (SERVER + 'provider = "ips"\n', 4, 'unknown provider "ips"', 'did you mean "isp"?'),
    ('[[link]]\nbetween = ["isp", "swisix"]\n', 2, 'unknown provider "swisix"', "known: isp"),
    ('[[link]]\nbetween = ["isp"]\n', 2, "a link is between two providers", "write between ="),
    ('[[escalation]]\nbetween = ["eu.de"]\ncontacts = "noc"\n', 2, "an escalation is between two data centres", "write between ="),
    ('[[escalation]]\nbetween = ["eu.de", "ue"]\ncontacts = "noc"\n', 2, 'unknown data centre "ue"', "known: eu, eu.de"),
    ('[[escalation]]\nbetween = ["eu.de", "eu"]\ncontacts = []\n', 3, "nobody is notified", "write contacts ="),
    ('[[escalation]]\nbetween = ["eu.de", "eu"]\n', 1, 'the key "contacts" is missing', "write contacts ="),
    ('[[escalation]]\nbetween = ["eu.de", "eu"]\ncontacts = "noc"\nafter = 0\n', 4, "0 is not a whole number above 0", "write digits"),
    (SERVER + 'contacts = ["on call"]\n', 4, '"on call" is not a name', "use letters"),
    (SERVER + 'notes_url = "https://wiki.example.org/$HOSTNAME$"\n', 4, "has a $", "write {{host}} instead"),
    (SERVER + 'notes_url = "https://wiki.example.org/{{hots}}"\n', 4, 'unknown placeholder "{{hots}}"', 'did you mean "host"?'),
    (SERVER + 'action_url = "wiki.example.org"\n', 4, "is not a URL with placeholders", "or a path from /"),
    (SERVER + 'action_url = "https://a.example/;b"\n', 4, "has a ;", "write it as %XX"),
    ('[[server]]\nname = "web1"\nip = "192.0.2.99"\n', 2, "a second server of this name", "rename one"),
    ('[[group]]\nname = "web"\n', 2, "a second group of this name", "rename one"),
    ('[[provider]]\nname = "isp"\n', 2, "a second provider of this name", "join the two"),
    ('[[group]]\nname = "db1"\nmatch = "all"\n', 2, "a server has this name too", "rename one"),
    ('[[server]]\nname = "x1"\nip = "192.0.2.1"\n', 3, 'the address 192.0.2.1 belongs to "web1"', "network"),
    ('[[server]]\nname = "x1"\nip = "192.0.2.99"\nips = ["192.0.2.12"]\n', 4, 'belongs to "db2"', "network"),
    ('[[provider]]\nname = "p"\nnetworks = ["203.0.113.0/24"]\n', 3, 'belongs to "isp" already', "take one out"),
    (SERVER + '[[server]]\nname = "x_1"\nip = "192.0.2.98"\n[[server]]\nname = "x.1"\nip = "192.0.2.97"\n', 7, "SmokePing writes this name like", "rename one"),
    ('[[group]]\nname = "empty"\n', 1, "a group without members", "allow_empty = true"),
    ('[[group]]\nname = "a"\nmatch = "b"\nallow_empty = true\n[[group]]\nname = "b"\nmatch = "web1 | a"\n', 7, "groups refer to each other: a -> b -> a", "take one match out"),
    ('[[group]]\nname = "a"\nmatch = "self"\n', 3, '"self" has no meaning in a group', "name a role"),
    ('[[group]]\nname = "a"\nmatch = "web2"\n', 3, 'unknown host or group "web2"', "did you mean"),
    # expressions
    (CHECK.replace('"web"', '"wbe"'), 2, 'from: unknown host or group "wbe"', 'did you mean "web"?'),
    (CHECK.replace('"db"', '"dbs"'), 3, 'to: unknown host or group "dbs"', "did you mean"),
    (CHECK.replace('"db"', '""'), 3, "to: an empty expression", 'write "all"'),
    (CHECK.replace('"db"', '"db &"'), 3, "something missing at the end", "name a host"),
    (CHECK.replace('"db"', '"(db"'), 3, "something missing at the end", "close the bracket"),
    (CHECK.replace('"db"', '"db)"'), 3, 'unexpected ")"', "join the parts"),
    (CHECK.replace('"db"', '"db web"'), 3, 'unexpected "web"', "join the parts"),
    (CHECK.replace('"db"', '"| db"'), 3, 'unexpected "|"', "name a host"),
    (CHECK.replace('"db"', '"dc:"'), 3, '"dc:" has no value', "write dc:VALUE"),
    (CHECK.replace('"db"', '"rle:db"'), 3, 'unknown attribute "rle"', 'did you mean "role"?'),
    (CHECK.replace('"db"', '"provider:ips"'), 3, 'unknown provider "ips"', 'did you mean "isp"?'),
    (CHECK.replace('"db"', '"net:192.0.2.1/24"'), 3, "is not a network", "without host bits"),
    (CHECK.replace('"db"', '"dc:eu.dee"'), 3, '"dc:eu.dee" selects no server', 'did you mean "eu.de"?'),
    (CHECK.replace('"db"', '"role:dbs"'), 3, '"role:dbs" selects no server', 'did you mean "db"?'),
    (CHECK.replace('"db"', '"name:zz*"'), 3, '"name:zz*" selects no server', "allow_empty = true"),
    (CHECK.replace('"db"', '"web & db"'), 3, '"web & db" selects no server', "allow_empty = true"),
    (CHECK.replace('"web"', '"self"'), 2, '"self" has no meaning here', "name a host"),
    (CHECK.replace('"db"', '"monitor"'), 1, "the monitor is asked", 'the role "monitor"'),
    (CHECK + 'except = "sefl"\n', 5, 'except: unknown host or group "sefl"', 'did you mean "self"?'),
    (CHECK + 'except = "db"\n', 1, "no pair is left to measure", "allow_empty = true"),
    ('[[path]]\nfrom = "web1"\nto = "web1"\n', 1, "no pair is left to measure", "allow_empty = true"),
    (CHECK + 'third = "wit"\n', 5, 'third: unknown host or group "wit"', "known: all, db"),
    (CHECK + 'third = "web1"\n', 5, 'third: "web1" is one of the two ends', "neither"),
    (CHECK + "third = []\n", 5, "third: an empty list", "leave the key out"),
    (CHECK + '[[pair]]\nfrom = "db1"\nto = "db2"\n', 5, "nothing measures these pairs", "add a [[check]]"),
    (CHECK + '[[pair]]\nfrom = "web1"\nto = "db3"\n', 7, 'to: unknown host or group "db3"', "did you mean"),
    (ANALYSIS.replace("web", "wbe") + 'min_loss = 3\ncommand = "ls"\n', 2, 'unknown host or group "wbe"', "did you mean"),
    ('[[maintenance]]\nwhat = "web9"\n' + TIMES, 2, 'what: unknown host or group "web9"', "did you mean"),
    (CHECK.replace('"db"', '"' + "(" * 60 + "db" + ")" * 60 + '"'), 3, "more than 50 levels", "use a group"),
    (CHECK.replace('"db"', '"' + "db|" * 2000 + 'db"'), 3, "an expression of 6002 characters", "use a group"),
    # TOML
    ("name = web1\n", 1, "not TOML", "put texts in quotes"),
    ("[[server]\n", 1, "not TOML", "close the table's name by ]]"),
    ("[defaults]\n", 1, "not TOML", "it stands twice"),
    ("[x]\na = 1\na = 2\n", 3, "not TOML", "it stands twice"),
    ("[x]\na b = 1\n", 2, "not TOML", "keys have no spaces"),
    ("[x]\na: 1\n", 2, "not TOML", "write key = value"),
    ("[x]\na =\n", 2, "not TOML", "write a value after ="),
    ('[x]\na = "b\n', 2, "not TOML", "close the quotes"),
    ("[x]\na = [1,\n", 2, "not TOML", ""),
    ("[x]\na = " + "[" * 2000 + "\n", 1 - LAST, "nested too deeply", "at most 100 levels"),
]  # fmt: skip

# what is replaced, by what, the line of the fault, what is wrong, what helps
REPLACED = [
    ("version = 1", "version = 2", 2, "version 2 is not known", "install a newer bothsides"),
    ("version = 1", 'version = "1"', 2, '"1" is not a whole number', "without quotes"),
    ("version = 1", 'versoin = 1', 2, 'unknown key "versoin"', 'did you mean "version"?'),
    ("version = 1", 'timezone = "CET+1"', 2, "is not a time zone", '"Europe/Berlin"'),
    ("version = 1", 'include = ["x.toml"]', 2, "cannot be followed here", "read it from a file"),
    ("[landscape]\n", "[[landscape]]\n", 1, "landscape stands once", "write [landscape]"),
    ("[landscape]\n", "x = 1\n[landscape]\n", 1, 'unknown key "x" outside of every table', "known: "),
    ('rate = "10/s"', 'provider = "ips"', 4, 'unknown provider "ips"', 'did you mean "isp"?'),
    ('rate = "10/s"', 'name = "x"', 4, 'unknown key "name"', ""),
    ('match = "role:db"', 'match = "role:dbs"', 7, "a group without members", "give it a match"),
    ('match = "role:db"', 'match = "role:db &"', 9, "something missing at the end", "name a host"),
]  # fmt: skip

ROWS = "[servers]\n"
IN_ROWS = [
    ('columns = ["name", "ipp"]\nrows = []\n', 2, 'unknown column "ipp"', "did you mean"),
    ('columns = ["name", "ip", "ip"]\nrows = []\n', 2, 'column "ip" stands twice', "take one out"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n["b"]]\n', 5, "row 2 has 1 values for 2 columns", "columns: name, ip"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n"b"]\n', 5, "row 2 has no list for 2 columns", "columns: name, ip"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n["b", "192.0.2"]]\n', 5, '"192.0.2" is not an address', "write numbers"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n["b", ""]]\n', 5, 'the key "ip" is missing', "write ip"),
    ('columns = "name"\nrows = []\n', 1, "columns is not a list of keys", 'write columns = ["name", "ip"]'),
    ('columns = ["name"]\n', 1, "rows is not a list", "write rows"),
    ('colums = ["name"]\n', 1, 'unknown key "colums"', 'did you mean "columns"?'),
]  # fmt: skip


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


def test_the_landscape_of_the_cases_has_no_fault() -> None:
    assert read(BASE).warnings == ()
    assert len(APPENDED) + len(REPLACED) + len(IN_ROWS) >= 100


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_mistake_is_one_line_with_its_place_and_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


@pytest.mark.parametrize(("old", "new", "line", "words", "remedy"), REPLACED)
def test_a_mistake_in_a_sound_file_is_one_line(
    old: str, new: str, line: int, words: str, remedy: str
) -> None:
    assert old in BASE
    check_line(only_fault(BASE.replace(old, new)), line, words, remedy)


@pytest.mark.parametrize(("text", "line", "words", "remedy"), IN_ROWS)
def test_a_mistake_in_columns_and_rows_has_the_line_of_its_row(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(ROWS + text), line, words, remedy)


def test_an_empty_file_names_no_server() -> None:
    check_line(only_fault(""), 1, "the landscape names no server", "write [[server]]")


def test_all_faults_come_at_once_sorted_by_line() -> None:
    text = BASE + SERVER + 'rate = "x"\nport = 0\n' + CHECK.replace('"web"', '"wbe"') + "[[x]]\n"
    with pytest.raises(Faulty) as caught:
        read(text, file="mesh.toml")
    lines = [fault.place.line - LAST for fault in caught.value.faults]
    assert lines == [4, 5, 7, 10]
    assert str(caught.value).count("\n") == 3


def test_a_broken_host_is_known_all_the_same() -> None:
    line = only_fault(
        BASE
        + '[[server]]\nname = "bad one"\nip = "192.0.2.50"\n'
        + CHECK.replace('"db"', '"bad one"')
    )
    assert '"bad one" is not a name' in line


def test_a_thousand_unknown_names_are_said_in_a_second() -> None:
    names = [
        f'[[check]]\nfrom = "nobody{number}"\nto = "db"\ncheck = "udp_ping"\n'
        for number in range(1000)
    ]
    with pytest.raises(Faulty) as caught:
        read(BASE + "".join(names))
    assert len(caught.value.faults) == 1000
