"""The words that several findings of check_https share."""

from bothsides.analyse.https import Expiry, Figures
from bothsides.base.types import Mapping
from bothsides.model.https import Visit
from bothsides.parse.libcurl import PhaseName
from bothsides.parse.text import counted, to_words

DAY = 86400.0  # s
PHASE_WORDS: Mapping[PhaseName, str] = {
    "dns": "name look-up",
    "connect": "connecting",
    "proxy": "the proxy",
    "tls": "the TLS handshake",
    "server": "the answer",
    "transfer": "the transfer",
}


def duration(figures: Figures) -> str:
    """How long the slowest visit took, and whether one phase or lost packets explain it.

    A slow server is not a lossy network: where packets were lost, no phase of the server is named.
    """
    slowest = figures.slowest
    about = f"{slowest.address or slowest.url} " if figures.visits > 1 else ""
    lost = "; ".join(filter(None, (_resent(figures.resent), _gaps(figures.gaps))))
    why = f"mostly {PHASE_WORDS[figures.mostly]}" if figures.mostly else ""
    if lost and figures.mostly not in ("dns", "connect"):
        why = ""
    reasons = "; ".join(filter(None, (why, lost)))
    return f"{about}took {to_words(figures.seconds)}" + (f" ({reasons})" if reasons else "")


def _resent(number: int) -> str:
    return f"lost on the way: {counted(number, 'packet')} sent again" if number else ""


def _gaps(number: int) -> str:
    return f"the answer came with {counted(number, 'gap')}" if number else ""


def expiry(one: Expiry | None) -> str:
    """When a certificate expires, or how long ago it has."""
    if one is None:
        return ""
    days = f"expires in {one.left / DAY:.1f} days"
    ago = f"expired {to_words(-one.left)} ago"
    return f"certificate of {one.certificate.name} {days if one.left >= 0 else ago}"


def through(visit: Visit, words: str = "") -> str:
    """The proxy, as far as the words do not name it yet, and the variable that named it.

    Nobody may think of a variable of the environment.
    """
    if not visit.proxy:
        return ""
    source = f" of {visit.proxy_source}" if visit.proxy_source else ""
    if f"proxy {visit.proxy}" in words or words.startswith("name of the proxy"):
        return f", a proxy{source}" if source else ""
    return f", through proxy {visit.proxy}{source}"
