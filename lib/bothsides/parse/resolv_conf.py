"""The name servers that resolv.conf(5) lists."""

_MOST = 3  # as many as the resolver of the C library asks


def from_resolv_conf(text: str) -> tuple[str, ...]:
    """The addresses of the name servers in their order; nothing where none is listed."""
    lines = [line.split() for line in text.split("\n")]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")[:_MOST]
