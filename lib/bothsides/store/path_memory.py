"""Keys of the documents that the memory holds of a path, and the addresses of a name."""

from bothsides.parse.mtr.model import is_address
from bothsides.store.sqlite import Body

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


def addresses_of(document: Body | None) -> tuple[str, ...]:
    """The addresses in a name's document, the last used one first; none where it is not ours."""
    addresses = (document or {}).get("addresses")
    known = addresses if isinstance(addresses, list) else []
    return tuple(address for address in known if isinstance(address, str) and is_address(address))


def to_addresses(*addresses: str) -> Body:
    """A name's document with these addresses, the last used one first."""
    return {"addresses": list(dict.fromkeys(addresses))[:_MOST_ADDRESSES]}
