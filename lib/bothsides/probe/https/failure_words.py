"""Words that sentences about several kinds of failed transfers share."""

import re

from bothsides.model.https import Outcome


def shown_proxy(proxy: str) -> str:
    """The proxy without scheme and without any user name or password."""
    return proxy.rpartition("://")[2].rpartition("@")[2].rstrip("/")


def within(outcome: Outcome) -> str:
    """How long the transfer took until it failed."""
    return f"within {outcome.phases.total:.1f} s"


def without_prefixes(text: str) -> str:
    """libcurl's words without its prefixes, function names and internal numbers."""
    tail = text.rpartition(":")[2] if re.search(r"error:[0-9A-F]{8}", text) else text
    tail = tail.removesuffix(", errno 0")
    said = r"TLS connect error|SSL certificate problem|gnutls_handshake\(\) failed"
    said += "|Error while processing content unencoding"
    return re.sub(r"\s+", " ", re.sub(f"^({said}|Recv failure|Send failure): ?", "", tail)).strip()


def target_of(outcome: Outcome) -> str:
    """Address and port that were asked, or how many addresses."""
    hosts = tuple(dict.fromkeys(contact.host for contact in outcome.contacts))
    port = outcome.url.port
    if len(hosts) > 1:
        return f"all {len(hosts)} addresses of {outcome.url.host} port {port}"
    return f"{outcome.address or (hosts[0] if hosts else outcome.url.host)} port {port}"
