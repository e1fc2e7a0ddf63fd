"""Which hosts an expression selects, compared with sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.faults import Place, Wrong
from bothsides.inventory.index import Index
from bothsides.inventory.model import Server
from bothsides.inventory.selector import And, Node, Not, Or, Word, format_node
from bothsides.parse import Unreadable
from tests.inventory.nodes import EVERY_TERM, NODES


def server(name: str, ip: str, datacenter: str, role: str, provider: str) -> Server:
    return Server(
        name=name,
        ip=ip,
        place=Place("x", 1),
        ips=(),
        datacenter=datacenter,
        groups=(),
        extras=("", "", ""),
        provider=provider,
        network="",
        role=role,
        trace_ip=ip,
        monitor=name,
        transport="nrpe",
        through="",
        max_pps=2000,
        disabled=False,
        contacts=(),
        notes_url="",
        action_url="",
        fields={},
        settings={},
    )


SERVERS = [
    server("web-1", "192.0.2.1", "eu.de.fsn1", "web", "isp"),
    server("web-2", "192.0.2.2", "eu.de", "web", "aws"),
    server("db.1", "198.51.100.1", "us.east", "db", "aws"),
    server("odd&name", "2001:db8::1", "", "", ""),
]
GROUPS = {"g": frozenset({"web-1", "db.1"}), "none": frozenset[str](), "a|b": frozenset({"web-2"})}
INDEX = Index(SERVERS, GROUPS, {"isp", "aws"})
ALL = INDEX.all

LEAVES: dict[str, frozenset[str]] = {
    "web-1": frozenset({"web-1"}),
    "g": GROUPS["g"],
    "none": frozenset(),
    "all": ALL,
    "dc:eu": frozenset({"web-1", "web-2"}),
    "dc:eu.de.fsn1": frozenset({"web-1"}),
    "role:db": frozenset({"db.1"}),
    "provider:aws": frozenset({"web-2", "db.1"}),
    "net:192.0.2.0/24": frozenset({"web-1", "web-2"}),
    "net:2001:db8::/32": frozenset({"odd&name"}),
    "name:*-?": frozenset({"web-1", "web-2"}),
    "role:nobody": frozenset(),
}


@pytest.mark.parametrize(("text", "names"), LEAVES.items())
def test_a_word_or_a_term_selects_its_hosts(text: str, names: frozenset[str]) -> None:
    assert INDEX.select(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("web-1 | db.1 & dc:eu", {"web-1"}),
        ("(web-1 | db.1) & dc:us", {"db.1"}),
        ("!dc:eu & !odd", {"db.1", "odd&name"}),
        ("all & !g", {"web-2", "odd&name"}),
        ("!!g", {"web-1", "db.1"}),
        ("  all&!( dc:eu|role:db )  ", {"odd&name"}),
        ("odd&name", {"odd&name"}),
        ("a|b", {"web-2"}),
        ("monitor", {"monitor"}),
    ],
)
def test_an_expression_selects_its_hosts(text: str, names: set[str]) -> None:
    index = Index([*SERVERS, server("odd", "192.0.2.9", "", "", "")], GROUPS, {"isp", "aws"})
    assert index.select(text) - {"odd"} == names - {"odd"}


def test_self_is_the_host_that_asks() -> None:
    assert INDEX.select("all & !self", "web-1") == ALL - {"web-1"}
    assert INDEX.select("self", "db.1") == {"db.1"}
    assert INDEX.select("self") == set()
    assert INDEX.depends_on_self("g | self")
    assert not INDEX.depends_on_self("g")


def test_a_name_of_the_file_wins_over_a_built_in_word() -> None:
    index = Index(
        [*SERVERS, server("self", "192.0.2.9", "", "", "")], {"all": frozenset({"web-1"})}, ()
    )
    assert index.select("all") == {"web-1"}
    assert index.select("self", "db.1") == {"self"}
    assert not index.depends_on_self("self")


def test_the_monitor_is_the_server_with_this_role() -> None:
    index = Index([*SERVERS, server("nagios", "192.0.2.9", "", "monitor", "")], {}, ())
    assert index.select("monitor") == {"nagios"}


@given(NODES, st.sampled_from(sorted(ALL)))
def test_evaluation_is_that_of_sets(node: Node, me: str) -> None:
    assert INDEX.evaluate(node, me) == by_sets(node, me)
    assert INDEX.select(format_node(node), me) == by_sets(node, me)


def by_sets(node: Node, me: str) -> frozenset[str]:
    """The same by host: whether each one is selected."""
    return frozenset(name for name in ALL if selected(node, name, me))


def selected(node: Node, name: str, me: str) -> bool:
    if isinstance(node, Not):
        return not selected(node.inner, name, me)
    if isinstance(node, And):
        return all(selected(part, name, me) for part in node.parts)
    if isinstance(node, Or):
        return any(selected(part, name, me) for part in node.parts)
    if isinstance(node, Word) and node.name == "self":
        return name == me
    return name in LEAVES[format_node(node)]


@given(NODES, NODES)
def test_the_laws_of_de_morgan_hold(one: Node, other: Node) -> None:
    both, either = Not(And((one, other))), Or((Not(one), Not(other)))
    assert INDEX.evaluate(both) == INDEX.evaluate(either)
    assert INDEX.evaluate(Or((one, Not(one)))) == ALL
    assert INDEX.evaluate(And((one, Not(one)))) == frozenset()


@given(st.text(max_size=40) | st.text("&|!() ab:dc", max_size=40))
def test_any_text_selects_hosts_or_is_wrong(text: str) -> None:
    try:
        assert INDEX.select(text) <= ALL | {"monitor"}
    except Unreadable as fault:
        assert isinstance(fault, Wrong)
        assert fault.remedy
        assert str(fault).isprintable()


def test_every_term_of_the_trees_is_compared() -> None:
    assert {leaf for leaf in LEAVES if ":" in leaf} == set(EVERY_TERM)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("web-3", 'unknown host or group "web-3"'),
        ("role:db & provider:ips", 'unknown provider "ips"'),
        ("net:192.0.2.1/24", '"192.0.2.1/24" is not a network'),
    ],
)
def test_a_name_that_is_not_known_is_wrong(text: str, said: str) -> None:
    with pytest.raises(Wrong) as caught:
        INDEX.select(text)
    assert caught.value.words == said


def test_more_addresses_of_a_host_are_in_its_networks() -> None:
    index = Index([SERVERS[0]._replace(ips=("203.0.113.7",))], {}, ())
    assert index.select("net:203.0.113.0/24") == {"web-1"}
