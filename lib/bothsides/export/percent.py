"""Percent-encoding, for URLs and for names of files."""

_LONGEST = 200  # characters of a file's name; file systems allow 255
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def quoted(text: str, spared: str = "") -> str:
    """Octets of UTF-8 as %XX, but for unreserved characters (RFC 3986 section 2.3) and `spared`."""
    return "".join(
        chr(octet) if octet in _PLAIN or chr(octet) in spared else f"%{octet:02X}"
        for octet in text.encode("utf-8", "surrogateescape")
    )


def sums(text: str) -> str:
    """16 hexadecimal digits that differ for texts that differ."""
    import zlib

    octets = text.encode("utf-8", "surrogateescape")
    return f"{zlib.crc32(octets):08x}{zlib.adler32(octets):08x}"


def bounded(name: str) -> str:
    """A file's name that no file system finds too long; two long names stay two by their sums."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 17]}-{sums(name)}"
