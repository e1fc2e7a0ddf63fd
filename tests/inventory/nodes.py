"""Trees of expressions, for hypothesis."""

from hypothesis import strategies as st

from bothsides.inventory.selector import And, Node, Not, Or, Word, parse

EVERY_TERM = (
    "dc:eu",
    "dc:eu.de.fsn1",
    "role:db",
    "provider:aws",
    "net:192.0.2.0/24",
    "net:2001:db8::/32",
    "name:*-?",
    "role:nobody",
)
WORDS = st.sampled_from(["web-1", "g", "none", "all", "self"]).map(Word)
TERMS = st.sampled_from(EVERY_TERM).map(lambda text: parse(text))
NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(WORDS, TERMS),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)
