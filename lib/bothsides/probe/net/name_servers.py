"""The name servers that this machine asks, and how."""

import os

from bothsides.parse.resolv_conf import ResolverConfiguration, from_resolv_conf

_CONFIGURATION = "/etc/resolv.conf"


def name_servers(path: str = _CONFIGURATION) -> tuple[str, ...]:
    """Those of resolv.conf(5), in their order; nothing where it lists none or cannot be read."""
    return configuration(path).servers


def configuration(path: str = _CONFIGURATION) -> ResolverConfiguration:
    """What resolv.conf(5), this host's own name and the environment say."""
    environment = os.environ
    return from_resolv_conf(
        text_of(path),
        domain=os.uname().nodename.partition(".")[2],
        local_domain=environment.get("LOCALDOMAIN", ""),
        options=environment.get("RES_OPTIONS", ""),
    )


def text_of(path: str) -> str:
    """The text of a configuration file; nothing of one that cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
