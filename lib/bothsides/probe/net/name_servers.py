"""The name servers that this machine asks."""

from bothsides.parse.resolv_conf import from_resolv_conf

_CONFIGURATION = "/etc/resolv.conf"


def name_servers(path: str = _CONFIGURATION) -> tuple[str, ...]:
    """Those of resolv.conf(5), in their order; nothing where it lists none or cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return from_resolv_conf(file.read())
    except OSError:
        return ()
