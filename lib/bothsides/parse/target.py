"""Hosts that a check can ask: names, also international ones, and addresses of a single host."""

from bothsides.parse import Unreadable
from bothsides.parse.text import from_host

_DEVIATIONS = "\N{LATIN SMALL LETTER SHARP S}\N{GREEK SMALL LETTER FINAL SIGMA}\u200c\u200d"
_NUMBERS = frozenset("0123456789.")
_LINK_LOCAL = 0xFE80 >> 6  # the first ten bits of fe80::/10
_GROUP = 0xFF  # the first eight bits of multicast addresses


def from_target(text: str) -> str:
    """A host name or address as `from_host` has it, and one that a check can ask.

    An international name becomes its ASCII form. Refused, with the remedy: a port behind the host,
    a link-local address without its interface, and addresses that belong to no single host.
    """
    if not text.isascii():
        text = ascii_name(text)
    if text.count(":") == 1 or (text[:1] == "[" and "]:" in text):
        raise Unreadable(f"{text[:60]!r}: write the host without its port")
    host = from_host(text)
    if ":" in host or _NUMBERS.issuperset(host):
        _refuse_no_host(host)
    return host


def is_plain_ipv4(host: str) -> bool:
    """Whether it is an IPv4 address in the one form in which every program prints it."""
    parts = host.split(".")
    return (
        len(parts) == 4
        and _NUMBERS.issuperset(host)
        and all(len(part) < 4 and part == str(int(part or "0")) for part in parts)
        and max(map(int, parts)) < 256
    )


def ascii_name(name: str) -> str:
    """The name as it goes over the wire: IDNA for what is not ASCII.

    The codec is that of 2003 (RFC 3490). Four characters mean another name since 2008 (RFC 5894
    section 7.2); such a name is refused, so that no other host is asked than the one meant.
    """
    if name.isascii():
        return name
    if any(character in name for character in _DEVIATIONS):
        words = "means two names, by IDNA of 2003 and of 2008; write the one meant as xn--..."
        raise Unreadable(f"{name[:60]!r} {words}")
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise Unreadable(f"{name[:60]!r} is not a host name") from None


def _refuse_no_host(host: str) -> None:
    """Raises Unreadable for a numeric address that cannot be asked."""
    if ":" in host:
        several = _of_several_v6(host)
    else:
        parts = host.split(".")
        if len(parts) != 4 or not all(parts):
            return  # a short form such as 127.1, or a name of digits: the resolver knows
        first = int(parts[0])
        several = 224 <= first < 240 or set(map(int, parts)) in ({0}, {255})
    if several:
        raise Unreadable(f"{host[:60]} is no address of a single host")


def _of_several_v6(host: str) -> bool:
    """Whether an IPv6 address is :: or one of a group. Raises Unreadable for a wrong zone."""
    from bothsides.parse.ip_owners import to_number

    bare, percent, zone = host.partition("%")
    number = to_number(bare)[1]
    linked = number >> 118 == _LINK_LOCAL
    if linked and not zone:
        words = f"a link-local address needs its interface, as {bare[:40]}%eth0"
        raise Unreadable(f"{host[:60]}: {words}")
    if percent and not linked and number >> 120 != _GROUP:
        raise Unreadable(f"{host[:60]}: only a link-local address has an interface behind %")
    return number == 0 or number >> 120 == _GROUP
