"""The order in which to try the addresses of a name (RFC 6724 section 6, as far as it matters)."""

import ipaddress
import socket

from bothsides.base.types import Iterable

# Prefix, precedence and label: the default table of RFC 6724 section 2.1.
_POLICIES = (
    ("::1/128", 50, 0),
    ("::ffff:0:0/96", 35, 4),
    ("::/96", 1, 3),
    ("2001::/32", 5, 5),
    ("2002::/16", 30, 2),
    ("3ffe::/16", 1, 12),
    ("fec0::/10", 1, 11),
    ("fc00::/7", 3, 13),
    ("::/0", 40, 1),
)


def in_order(hosts: Iterable[str]) -> tuple[str, ...]:
    """The addresses, each once, the one to try first in front.

    Those that we have a way to go first, then those of our source's kind, then IPv6 before IPv4.
    """
    return tuple(sorted(dict.fromkeys(hosts), key=_rank))


def _rank(host: str) -> tuple[bool, bool, int]:
    source = _source(host)
    precedence, label = _policy(host)
    return source == "", bool(source) and _policy(source)[1] != label, -precedence


def _source(host: str) -> str:
    """The address of ours that packets to a host carry; "" where there is no way to it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as opened:
            opened.connect((host, 9))
            return str(opened.getsockname()[0]).partition("%")[0]
    except OSError:
        return ""


def _policy(host: str) -> tuple[int, int]:
    """Precedence and label of an address."""
    address = ipaddress.ip_address(host if ":" in host else f"::ffff:{host}")
    return next(
        (precedence, label)
        for prefix, precedence, label in _POLICIES
        if address in ipaddress.ip_network(prefix)
    )
