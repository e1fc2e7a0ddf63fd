"""Links with placeholders: read strictly, filled only when every value is there."""

import pytest

from bothsides.inventory.faults import Wrong
from bothsides.inventory.read import read as read_landscape
from bothsides.inventory.url_template import OF_SERVICE, filled, read


@pytest.mark.parametrize(
    "url",
    [
        "https://wiki.example.org",
        "https://wiki.example.org/?host={{host}}&topic={{topic}}",
        "https://{{datacenter}}.example.org/x",
        "/pnp4nagios/graph?host={{host}}&srv={{service}}",
        "http://[2001:db8::1]:3000/d/mesh",
    ],
)
def test_a_url_or_a_path_with_known_placeholders_is_read(url: str) -> None:
    assert read(url) == url


@pytest.mark.parametrize(
    "value",
    [1, "", "wiki", "https://", "https://user@example.org/", "ftp://x/", "https://x/{{y}}", "/{x}"]
    + ["/ x", "/$HOSTNAME$", "/a;b", "/a'b", "/b\u00fcro", "/a\nb"],
)
def test_everything_else_is_refused(value: object) -> None:
    with pytest.raises(Wrong):
        read(value)


def test_values_take_the_place_of_placeholders_and_spaces_are_escaped() -> None:
    values = dict.fromkeys(OF_SERVICE, "x") | {"service": "UDP loss to b"}
    assert filled("/g?h={{host}}&s={{service}}", values) == "/g?h=x&s=UDP%20loss%20to%20b"


def test_a_template_whose_value_is_missing_gives_nothing() -> None:
    assert filled("/g?s={{service}}", {"host": "a"}) == ""
    assert filled("", {}) == ""


def test_servers_inherit_links_and_contacts() -> None:
    text = """\
defaults = { notes_url = "/wiki/{{host}}", contacts = ["noc"] }
group = [{ name = "db", match = "name:b", contacts = ["dba", "noc"] }]
server = [{ name = "a", ip = "192.0.2.1" }, { name = "b", ip = "192.0.2.2" }]
"""
    servers = read_landscape(text).servers
    assert [servers[name].contacts for name in "ab"] == [("noc",), ("dba", "noc")]
    assert servers["b"].notes_url == "/wiki/{{host}}"
