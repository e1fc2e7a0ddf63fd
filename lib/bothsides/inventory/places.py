"""Data centres by their dotted names, widest part first, as eu.de.fsn1."""


def prefixes(datacenter: str) -> list[str]:
    """The dotted prefixes of a data centre, widest first: a, a.b and a.b.c of a.b.c."""
    parts = datacenter.split(".") if datacenter else []
    return [".".join(parts[: count + 1]) for count in range(len(parts))]
