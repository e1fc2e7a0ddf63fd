"""Percent-encoding, for URLs and for names of files."""

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def quoted(text: str, spared: str = "") -> str:
    """Octets of UTF-8 as %XX, but for unreserved characters (RFC 3986 section 2.3) and `spared`."""
    return "".join(
        chr(octet) if octet in _PLAIN or chr(octet) in spared else f"%{octet:02X}"
        for octet in text.encode("utf-8", "surrogateescape")
    )
