"""Expressions that select hosts: read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.faults import Wrong
from bothsides.inventory.selector import And, Node, Not, Or, Term, format_node, leaves, parse
from bothsides.parse import Unreadable
from tests.inventory.nodes import NODES


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


@given(st.text(max_size=40) | st.text("&|!() ab:dc", max_size=40))
def test_any_text_is_an_expression_or_wrong(text: str) -> None:
    try:
        node = parse(text)
        assert list(leaves(node))
        assert parse(format_node(node)) is not None
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
