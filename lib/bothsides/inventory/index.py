"""Which hosts an expression selects: sets of names by group, data centre, provider and role."""

import fnmatch
import ipaddress
from collections.abc import Collection

from bothsides.base.types import Iterable, Mapping
from bothsides.inventory import selector
from bothsides.inventory.faults import Wrong, quoted, remedy_for
from bothsides.inventory.model import Server
from bothsides.inventory.places import prefixes
from bothsides.inventory.selector import And, Node, Not, Term, Word

MONITOR = "monitor"
"""The name of the monitoring host where no server has the role `monitor`."""

Names = frozenset[str]


class Index:
    """Evaluates expressions over servers and groups. Results are names; disabled servers count."""

    def __init__(
        self,
        servers: Iterable[Server],
        groups: Mapping[str, Names],
        providers: Collection[str],
    ) -> None:
        self.servers = {server.name: server for server in servers}
        self.groups, self.providers = groups, providers
        self.all = frozenset(self.servers)
        self.attributes: dict[str, dict[str, set[str]]] = {"dc": {}, "provider": {}, "role": {}}
        for server in self.servers.values():
            self._note("provider", server.provider, server.name)
            self._note("role", server.role, server.name)
            for prefix in prefixes(server.datacenter):
                self._note("dc", prefix, server.name)
        self.monitors = frozenset(self.attributes["role"].get(MONITOR, ())) or frozenset((MONITOR,))
        self._trees: dict[str, Node] = {}
        self._results: dict[str, Names] = {}
        self._own: dict[str, bool] = {}

    def _note(self, attribute: str, value: str, name: str) -> None:
        if value:
            self.attributes[attribute].setdefault(value, set()).add(name)

    def tree(self, text: str) -> Node:
        """An expression as a tree. Raises Wrong for broken ones and for unknown names."""
        if text not in self._trees:
            whole = text.strip()
            known = whole in self.servers or whole in self.groups
            tree: Node = Word(whole) if known else selector.parse(text)
            for leaf in selector.leaves(tree):
                self._check(leaf)
            self._trees[text] = tree
            self._own[text] = Word("self") in set(selector.leaves(tree)) and not self._named("self")
        return self._trees[text]

    def depends_on_self(self, text: str) -> bool:
        """Whether an expression selects other hosts for another asking host."""
        self.tree(text)
        return self._own[text]

    def select(self, text: str, me: str = "") -> Names:
        """The hosts that an expression selects when the host `me` evaluates it. Raises Wrong."""
        tree = self.tree(text)
        if self._own[text]:
            return self.evaluate(tree, me)
        if text not in self._results:
            self._results[text] = self.evaluate(tree)
        return self._results[text]

    def evaluate(self, node: Node, me: str = "") -> Names:
        """The hosts that a checked tree selects."""
        if isinstance(node, Word):
            return self._word(node.name, me)
        if isinstance(node, Term):
            return self._term(node)
        if isinstance(node, Not):
            return self.all - self.evaluate(node.inner, me)
        parts = [self.evaluate(part, me) for part in node.parts]
        return parts[0].intersection(*parts) if isinstance(node, And) else parts[0].union(*parts)

    def _named(self, word: str) -> bool:
        return word in self.servers or word in self.groups

    def _word(self, name: str, me: str) -> Names:
        if name in self.servers:
            return frozenset((name,))
        if name in self.groups:
            return self.groups[name]
        if name == "self":
            return frozenset((me,)) if me else frozenset()
        return self.monitors if name == MONITOR else self.all

    def _term(self, term: Term) -> Names:
        if term.attribute == "name":
            return frozenset(fnmatch.filter(self.servers, term.value))
        if term.attribute == "net":
            network = ipaddress.ip_network(term.value)
            return frozenset(
                server.name
                for server in self.servers.values()
                if any(ipaddress.ip_address(ip) in network for ip in (server.ip, *server.ips) if ip)
            )
        return frozenset(self.attributes[term.attribute].get(term.value, ()))

    def _check(self, leaf: Word | Term) -> None:
        if isinstance(leaf, Word):
            if not self._named(leaf.name) and leaf.name not in selector.BUILT_IN:
                known = sorted({*self.servers, *self.groups, *selector.BUILT_IN})
                remedy = remedy_for(leaf.name, known)
                if "," in leaf.name:
                    remedy = "join names by |, as web1 | web2"
                raise Wrong(f"unknown host or group {quoted(leaf.name)}", remedy)
        elif leaf.attribute == "provider" and leaf.value not in self.providers:
            known = sorted(self.providers)
            raise Wrong(f"unknown provider {quoted(leaf.value)}", remedy_for(leaf.value, known))
        elif leaf.attribute == "net":
            try:
                ipaddress.ip_network(leaf.value)
            except ValueError:
                words = f"{quoted(leaf.value)} is not a network"
                raise Wrong(
                    words, "write a prefix without host bits, as net:192.0.2.0/24"
                ) from None
