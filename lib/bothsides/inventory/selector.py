"""Expressions that select hosts: read, written, and evaluated over an index of the landscape.

    web1   webservers   all   self   monitor        a host, a group, and the built-in words
    dc:eu.de   provider:aws   role:db   net:192.0.2.0/24   name:web-*
    a & b   a | b   !a   (a | b) & !c               ! binds before &, & before |

A text that is as a whole the name of a host or a group means that one, whatever its characters.
"""

import re

from bothsides.base.types import Iterator, Literal, NamedTuple
from bothsides.inventory.faults import Wrong, quoted, remedy_for

Attribute = Literal["dc", "provider", "role", "net", "name"]

ATTRIBUTES: tuple[Attribute, ...] = ("dc", "provider", "role", "net", "name")

BUILT_IN = ("all", "self", "monitor")
"""Words that select hosts unless a host or a group has that name."""

_TOKEN = re.compile(r"\s*([&|!()]|[^\s&|!()]+)")
_DEEPEST = 50  # levels of brackets and negations
_LONGEST = 4000  # characters of an expression


class Word(NamedTuple):
    """A host, a group or a built-in word."""

    name: str


class Term(NamedTuple):
    """An attribute that hosts have, as dc:eu."""

    attribute: Attribute
    value: str


class Not(NamedTuple):
    """All hosts but those selected by another expression."""

    inner: "Node"


class And(NamedTuple):
    """Hosts that all parts select."""

    parts: tuple["Node", ...]


class Or(NamedTuple):
    """Hosts that any part selects."""

    parts: tuple["Node", ...]


Node = Word | Term | Not | And | Or


def parse(text: str) -> Node:
    """An expression as a tree. Raises Wrong, with the place where it breaks off."""
    if len(text) > _LONGEST:
        raise Wrong(f"an expression of {len(text)} characters", f"at most {_LONGEST}; use a group")
    tokens = _tokens(text)
    if not tokens:
        raise Wrong("an empty expression", 'name a host or a group, or write "all"')
    parser = _Parser(text, tokens)
    node = parser.either(0)
    if parser.place < len(tokens):
        raise parser.wrong("join the parts by & or |")
    return node


def format_node(node: Node) -> str:
    """The shortest text that `parse` reads as this tree."""
    if isinstance(node, Word):
        return node.name
    if isinstance(node, Term):
        return f"{node.attribute}:{node.value}"
    if isinstance(node, Not):
        return "!" + _bracketed(node.inner, (And, Or))
    if isinstance(node, And):
        return " & ".join(_bracketed(part, (And, Or)) for part in node.parts)
    return " | ".join(_bracketed(part, (Or,)) for part in node.parts)


def leaves(node: Node) -> Iterator[Word | Term]:
    """The words and terms of an expression, from left to right."""
    if isinstance(node, Not):
        yield from leaves(node.inner)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    else:
        yield node


def _bracketed(node: Node, weaker: tuple[type, ...]) -> str:
    text = format_node(node)
    return f"({text})" if isinstance(node, weaker) else text


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


class _Parser:
    """Reads tokens by recursive descent."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text, self.tokens = text, tokens
        self.place = 0

    def wrong(self, remedy: str) -> Wrong:
        """What is said about the token at hand."""
        if self.place < len(self.tokens):
            seen = f"unexpected {quoted(self.tokens[self.place])}"
        else:
            seen = "something missing at the end"
        return Wrong(f"expression {quoted(self.text)}: {seen}", remedy)

    def either(self, depth: int) -> Node:
        """Parts joined by |."""
        parts = [self._both(depth)]
        while self._take("|"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self, depth: int) -> Node:
        parts = [self._unary(depth)]
        while self._take("&"):
            parts.append(self._unary(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _unary(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise Wrong(f"an expression of more than {_DEEPEST} levels", "use a group")
        if self._take("!"):
            return Not(self._unary(depth + 1))
        if self._take("("):
            node = self.either(depth + 1)
            if not self._take(")"):
                raise self.wrong("close the bracket by )")
            return node
        if self.place == len(self.tokens) or self.tokens[self.place] in "&|!()":
            raise self.wrong("name a host, a group or an attribute as dc:eu")
        self.place += 1
        return _leaf(self.tokens[self.place - 1])

    def _take(self, token: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place] == token:
            self.place += 1
            return True
        return False


def _leaf(token: str) -> Word | Term:
    head, colon, value = token.partition(":")
    if not colon:
        return Word(token)
    for attribute in ATTRIBUTES:
        if head == attribute:
            if not value:
                raise Wrong(f"{quoted(token)} has no value", f"write {head}:VALUE")
            return Term(attribute, value)
    raise Wrong(f"unknown attribute {quoted(head)}", remedy_for(head, ATTRIBUTES))
