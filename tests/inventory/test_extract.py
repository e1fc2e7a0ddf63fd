"""The excerpt of a landscape."""

from bothsides.inventory.excerpt import from_json
from bothsides.inventory.extract import Writer, excerpt
from bothsides.inventory.read import read

LANDSCAPE = read(
    """\
[[provider]]
name = "isp"
role = "isp"
networks = ["203.0.113.0/24", "AS64500"]
[[server]]
name = "a"
ip = "192.0.2.1"
ips = ["192.0.2.11"]
datacenter = "eu.x"
[[server]]
name = "b"
ip = "192.0.2.2"
[[check]]
from = "all"
to = "all"
check = "udp_ping"
except = "self"
[[pair]]
from = "a"
to = "b"
ip = "10.0.0.2"
[[maintenance]]
what = "dc:eu"
begin = 2026-01-31T22:30:00+01:00
end = 2026-01-31T23:30:00+01:00
reason = "switch"
""",
    file="/etc/site/mesh.toml",
)


def test_it_holds_names_places_owners_and_maintenance() -> None:
    made = excerpt(LANDSCAPE, "a")
    assert made.host == "a"
    assert made.names == {"192.0.2.1": "a", "192.0.2.11": "a", "192.0.2.2": "b", "10.0.0.2": "b"}
    assert made.places == {"a": "eu.x", "b": ""}
    assert made.owners == "203.0.113.0/24 = isp, isp\nAS64500 = isp, isp\n"
    (window,) = made.windows
    assert (window.hosts, window.end - window.begin) == (frozenset("a"), 3600.0)
    assert (window.owner, window.reason) == ("mesh.toml:22", "switch")


def test_the_file_says_the_same_as_the_landscape() -> None:
    assert from_json(Writer(LANDSCAPE).text("b")) == excerpt(LANDSCAPE, "b")


def test_a_host_outside_of_the_landscape_has_no_name() -> None:
    assert excerpt(LANDSCAPE, "elsewhere").host == ""
