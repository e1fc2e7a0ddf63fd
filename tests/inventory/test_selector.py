"""Expressions that select hosts: read, written, and compared with sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.faults import Place, Wrong
from bothsides.inventory.index import Index
from bothsides.inventory.model import Server
from bothsides.inventory.selector import And, Node, Not, Or, Term, Word, format_node, leaves, parse
from bothsides.parse import Unreadable


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

WORDS = st.sampled_from(["web-1", "g", "none", "all", "self"]).map(Word)
TERMS = st.sampled_from([leaf for leaf in LEAVES if ":" in leaf]).map(lambda text: parse(text))
NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(WORDS, TERMS),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


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


@given(NODES)
def test_a_tree_is_written_and_read_back(node: Node) -> None:
    again = parse(format_node(node))
    assert format_node(again) == format_node(node)
    assert repr(flat(again)) == repr(flat(node))  # tuples of different kinds may be equal


def flat(node: Node) -> Node:
    """The tree with joined parts of the same kind in one, as `a & (b & c)` means `a & b & c`."""
    if isinstance(node, Not):
        return Not(flat(node.inner))
    if isinstance(node, And | Or):
        return type(node)(tuple(map(flat, node.parts)))
    return node


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
def test_any_text_is_an_expression_or_wrong(text: str) -> None:
    try:
        node = parse(text)
        assert list(leaves(node))
        assert parse(format_node(node)) is not None
        INDEX.select(text)
    except Unreadable as fault:
        assert isinstance(fault, Wrong)
        assert fault.remedy
        assert str(fault).isprintable()


@pytest.mark.parametrize("text", ["(" * 10000, "!" * 3999, "a" * 5000, "a|" * 1999 + "a"])
def test_a_long_or_deep_expression_ends_neither_in_a_crash_nor_in_a_wait(text: str) -> None:
    try:
        parse(text)
    except Wrong as fault:
        assert fault.remedy


def test_the_attribute_is_named_in_a_term() -> None:
    assert parse("net:2001:db8::/32") == Term("net", "2001:db8::/32")
