"""One value of each kind: its canonical form, or why it is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.faults import Wrong
from bothsides.inventory.keys import TABLES, TOPIC_KEYS, Key, Kind
from bothsides.inventory.model import Value
from bothsides.inventory.values import PLACEHOLDERS, canonical
from tests.inventory.mistakes import ANALYSIS, BASE, CHECK, LAST, SERVER, check_line, only_fault

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    ('[[https]]\nfrom = "web"\nto = "db"\nproxy = "http://u:p@h:1"\n', 4,
     "a user or a password in a URL", '"auth"'),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "http"\nhttp_url = "https://u:p@h/"\n', 5,
     "a user or a password in a URL", '"auth"'),
    ('[[server]]\nname = "x1"\nip = "192.0.2.300"\n', 3, '"192.0.2.300" is not an address',
     'write numbers as "192.0.2.1"'),
    ('[[server]]\nname = "x1"\nip = "www.example.org"\n', 3, "is not an address", "write numbers"),
    ('[[server]]\nname = "x1"\nip = 3221225985\n', 3, "ip: 3221225985 is not a text",
     "put it in quotes"),
    ('[[server]]\nname = "x1"\nip = "v6:192.0.2.9"\n', 3, "is not an address",
     "write v4: before it"),
    ('[[server]]\nname = "x1"\nip = "0.0.0.0"\n', 3, "is not the address of one host",
     "write the address"),
    ('[[server]]\nname = "x1"\nip = "239.1.2.3"\n', 3, "is not the address of one host",
     "write the address"),
    ('[[server]]\nname = "x1"\nip = "fe80::1%eth0"\n', 3, "is not an address that others reach",
     "without a %zone"),
    ('[[server]]\nname = "x1"\nip = "::ffff:192.0.2.9"\n', 3, "is not an address that others reach",
     "write 192.0.2.9"),
    (SERVER + 'ips = ["192.0.2"]\n', 4, "ips: ", "write numbers"),
    (SERVER + 'trace_ip = "gateway"\n', 4, "trace_ip: ", "write numbers"),
    ('[[server]]\nname = "x 1"\nip = "192.0.2.99"\n', 2, '"x 1" is not a name',
     "use letters, digits"),
    ('[[server]]\nname = "-x"\nip = "192.0.2.99"\n', 2, '"-x" is not a name',
     "use letters, digits"),
    ('[[server]]\nname = 7\nip = "192.0.2.99"\n', 2, "name: 7 is not a text", "put it in quotes"),
    (SERVER + 'datacenter = "eu..de"\n', 4, "is not a data centre", "words joined by dots"),
    (SERVER + 'groups = "web "\n', 4, '"web " is not a name', "use letters, digits"),
    ('[[check]]\nfrom = "web"\nto = ["db", "web"]\ncheck = "udp_ping"\n', 3,
     "to: an array is not a text", 'join names by |, as "web1 | web2"'),
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
    ('[[path]]\nfrom = "web"\nto = "db"\nvia = "a;b"\n', 4, "has a ;",
     "NRPE refuses this character"),
    ('[[provider]]\nname = "p"\nrole = "carrier"\n', 3, 'unknown word "carrier"', "known: us, isp"),
    ('[[provider]]\nname = "p"\nnetworks = ["192.0.2.1/24"]\n', 3, "is not a network",
     'write "192.0.2.0/24"'),
    ('[[provider]]\nname = "p"\nnetworks = ["16509"]\n', 3, "is not a network", '"AS64500"'),
    ('[[provider]]\nname = "p"\nticket = "call them"\n', 3, "is not a URL or a mail address",
     "mailto:"),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "ping"\n', 4, 'unknown word "ping"',
     "did you mean"),
    ('[[check]]\nfrom = "web"\nto = "db"\ncheck = "http"\nhttp_url = "h"\n', 5, "is not a URL",
     "https://www"),
    (ANALYSIS + 'min_loss = "10"\ncommand = "ls"\n', 5, '"10" is not a loss', 'a share as "10%"'),
    (ANALYSIS + 'min_loss = "110%"\ncommand = "ls"\n', 5, "is not a loss", 'a share as "10%"'),
    (ANALYSIS + 'min_loss = 3\ncommand = ""\n', 6, "no command", "write it in quotes"),
    (ANALYSIS + "min_loss = 3\nargv = []\n", 6, "no command",
     'write the program and its words as ["mtr", "-n"]'),
    (ANALYSIS + 'min_loss = 3\ncommand = "mtr {{server.to.ipp}}"\n', 6, "unknown placeholder",
     'did you mean "server.to.ip"?'),
    ('[[maintenance]]\nwhat = "web1"\nbegin = "now"\nend = 2030-01-01T00:00:00Z\n', 3,
     '"now" is not a time with its offset', "without quotes"),
    ('[[maintenance]]\nwhat = "web1"\nbegin = 2030-01-01T00:00:00\nend = 2030-01-02T00:00:00Z\n', 3,
     "a time without an offset", "Z for UTC"),
    ('[[escalation]]\nbetween = ["eu.de", "eu"]\ncontacts = "noc"\nafter = 0\n', 4,
     "0 is not a whole number above 0", "write digits"),
    (SERVER + 'contacts = ["on call"]\n', 4, '"on call" is not a name', "use letters"),
    (SERVER + 'notes_url = "https://wiki.example.org/$HOSTNAME$"\n', 4, "has a $",
     "write {{host}} instead"),
    (SERVER + 'notes_url = "https://wiki.example.org/{{hots}}"\n', 4,
     'unknown placeholder "{{hots}}"', 'did you mean "host"?'),
    (SERVER + 'action_url = "wiki.example.org"\n', 4, "is not a URL with placeholders",
     "or a path from /"),
    (SERVER + 'action_url = "https://a.example/;b"\n', 4, "has a ;", "write it as %XX"),
    (CHECK.replace('"db"', '""'), 3, "to: an empty expression", 'write "all"'),
    (CHECK + "third = []\n", 5, "third: an empty list", "leave the key out"),
]  # fmt: skip

# what is replaced, by what, the line of the fault, what is wrong, what helps
REPLACED = [
    ("version = 1", 'version = "1"', 2, '"1" is not a whole number', "without quotes"),
    ("version = 1", 'timezone = "CET+1"', 2, "is not a time zone", '"Europe/Berlin"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_value_of_the_wrong_kind_is_one_line_with_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


@pytest.mark.parametrize(("old", "new", "line", "words", "remedy"), REPLACED)
def test_a_mistake_in_a_sound_file_is_one_line(
    old: str, new: str, line: int, words: str, remedy: str
) -> None:
    assert old in BASE
    check_line(only_fault(BASE.replace(old, new)), line, words, remedy)


KINDS = sorted(
    {key.kind for keys in (*TABLES.values(), *TOPIC_KEYS.values()) for key in keys.values()}
    - {"table", "word"}
)


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("address", "v6:2001:DB8:0::1", "2001:db8::1"),
        ("addresses", ["192.0.2.1", "v4:192.0.2.2"], ("192.0.2.1", "192.0.2.2")),
        ("addresses", "192.0.2.1", ("192.0.2.1",)),
        ("argv", ["mtr", "-n", "{{server.to.ip}}"], ("mtr", "-n", "{{server.to.ip}}")),
        ("command", "mtr -n\nls", "mtr -n\nls"),
        ("datacenter", "eu.de.fsn1", "eu.de.fsn1"),
        ("datacenters", ["eu", "us.east"], ("eu", "us.east")),
        ("duration", "5m", 300.0),
        ("expression", "dc:eu & !self", "dc:eu & !self"),
        ("expressions", ["a", "b|c"], "(a) | (b|c)"),
        ("expressions", ["a|b"], "a|b"),
        ("flag", True, True),
        ("limits", 5, "5"),
        ("limits", ["100,5%", "pl=3", "jitter=@5ms:10ms"], "100,5%,pl=3,jitter=@5ms:10ms"),
        ("loss", "10%", 0.1),
        ("moment", datetime(2026, 1, 31, 22, tzinfo=UTC), "2026-01-31T22:00:00+00:00"),
        ("networks", ["192.0.2.0/24", "AS64500", "2001:DB8::/32"],
         ("192.0.2.0/24", "AS64500", "2001:db8::/32")),
        ("option", "/login?x", "/login?x"),
        ("option", ["a", "b"], ("a", "b")),
        ("option", False, False),
        ("port", 862, 862),
        ("rate", "30/m", 0.5),
        ("template", "/notes/{{host}}", "/notes/{{host}}"),
        ("ticket", "noc@isp.example", "noc@isp.example"),
        ("url", "https://www.example.org", "https://www.example.org"),
        ("whole", 3, 3),
        ("zone", "Europe/Berlin", "Europe/Berlin"),
    ],
)  # fmt: skip
def test_a_value_has_one_canonical_form(kind: Kind, raw: object, expected: Value) -> None:
    assert canonical(Key(kind), raw) == expected


def test_a_word_is_one_of_its_key() -> None:
    assert canonical(Key("word", ("stamp", "echo")), "echo") == "echo"
    with pytest.raises(Wrong, match='did you mean "stamp"'):
        canonical(Key("word", ("stamp", "echo")), "stam")


@pytest.mark.parametrize("end", ["from", "to"])
def test_a_command_names_its_two_ends_by_address_and_extras(end: str) -> None:
    keys = [f"server.{end}.{key}" for key in ("ip", "extra1", "extra2", "extra3")]
    assert set(keys) <= set(PLACEHOLDERS)
    text = " ".join("{{" + key + "}}" for key in keys)
    assert canonical(Key("command"), text) == text


RAW: st.SearchStrategy[object] = st.recursive(
    st.text(max_size=20)
    | st.text("0123456789.:/%@=~-,smhdSA&|", max_size=15)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.sampled_from(KINDS), RAW)
def test_any_value_is_canonical_or_wrong_with_a_remedy(kind: Kind, raw: object) -> None:
    try:
        value = canonical(Key(kind), raw)
    except Wrong as wrong:
        assert wrong.remedy
        assert str(wrong).isprintable()
    else:
        assert isinstance(value, str | int | float | tuple)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_the_canonical_form_of_an_address_is_read_as_itself(address: object) -> None:
    try:
        once = canonical(Key("address"), str(address))
    except Wrong:
        return
    assert canonical(Key("address"), once) == once
