"""Where the memory keeps what it knows of a path: the keys of its documents, and the addresses of a name."""

from bothsides.base.types import Any, Mapping
from bothsides.parse.mtr.model import is_address

_MOST_ADDRESSES = 8  # that are remembered of a name


def path_key(target: str) -> str:
    """The key of the baseline along fixed flows to an address."""
    return f"path {target}"


def classic_key(target: str) -> str:
    """The key of the baseline for classic traces to an address."""
    return f"loose {target}"


def name_key(host: str) -> str:
    """The key of the addresses that a name had."""
    return f"target {host}"


def owners_key(table: str) -> str:
    """The key of the AS numbers that a table, or the DNS, gave."""
    return f"owners {table}"


def addresses_of(document: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The addresses in a name's document, the last used one first; none where it is not ours.

    `Any` stands for JSON of the memory's file, in which anybody may have written anything.
    """
    addresses = (document or {}).get("addresses")
    known = addresses if isinstance(addresses, list) else []
    return tuple(address for address in known if isinstance(address, str) and is_address(address))


def to_addresses(*addresses: str) -> dict[str, Any]:
    """A name's document with these addresses, the last used one first."""
    return {"addresses": list(dict.fromkeys(addresses))[:_MOST_ADDRESSES]}
