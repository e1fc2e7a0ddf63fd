"""The version of IP by which a measurement went."""

from bothsides.base.types import Iterable


def family_of(address: str) -> int | None:
    """4 or 6, the version of IP of a numeric address; None for none."""
    if not address:
        return None
    return 6 if ":" in address else 4


def only_family(addresses: Iterable[str]) -> int | None:
    """The version of IP of all these addresses; None where they differ, or there are none."""
    families = {family_of(address) for address in addresses}
    return families.pop() if len(families) == 1 else None
