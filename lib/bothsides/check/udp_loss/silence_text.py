"""check_udp_loss in words: why a target may be silent, and ICMP errors."""

from bothsides.analyse.udp_run import TargetAnalysis
from bothsides.base.types import Mapping
from bothsides.model.udp import IcmpError, Silence, TargetRun

_PORT_UNREACHABLE = ((4, 3, 3), (6, 1, 4))  # IP version, ICMP type and code
_UNREACHABLE: Mapping[tuple[int, int, int], str] = {
    (4, 3, 0): "no route to its network",
    (4, 3, 1): "no answer from the host on its last link, or no route",
    (4, 3, 2): "no such protocol",
    (4, 3, 6): "network unknown",
    (4, 3, 7): "host unknown",
    (6, 1, 0): "no route",
    (6, 1, 3): "no answer from the host on its last link",
}
_PROHIBITED = ((4, 3, 9), (4, 3, 10), (4, 3, 13), (6, 1, 1), (6, 1, 5), (6, 1, 6))


def place_of(samples: TargetRun) -> str:
    """Address and port, an IPv6 address in brackets."""
    address = samples.address
    return f"[{address}]:{samples.port}" if ":" in address else f"{address}:{samples.port}"


def silence_words(target: TargetAnalysis) -> str:
    """Why there may have been no reply at all."""
    samples = target.samples
    place = place_of(samples)
    if samples.icmp_errors:
        return icmp_words(max(samples.icmp_errors, key=lambda pair: pair[1])[0], samples)
    if any("HMAC" in words for words in samples.strays):
        return f"answers from {place} are not sealed with this key"
    if samples.strays:
        words, count = max(samples.strays.items(), key=lambda pair: pair[1])
        return f"{count} datagrams from {place} are no answers ({words})"
    around = _around(samples.silence, samples.port)
    if not around:
        return f"no answer from {place} to {target.sent} packets"
    if samples.host == samples.address:  # which line 1 has already
        place = f"port {samples.port}"
    return f"no answer from {place}: {around}"


def _around(silence: Silence | None, port: int) -> str:
    """What was learnt around a silent target, the most that is known."""
    if silence is None:
        return ""
    if silence.again_answered:
        return "another source port was answered: this one is refused, or the outage is over"
    if silence.small_answered:
        return "a small packet was answered, larger ones are lost on the way (MTU?)"
    if silence.unsealed_answered:
        return "without a key it answers, so the reflector there has no keys"
    if silence.host_lives and silence.other_ttl > silence.last_ttl:
        last = f"hop {silence.last_ttl}" if silence.last_ttl else "this host"
        router = f" ({silence.last_router})" if silence.last_router else ""
        return f"udp port {port} ends behind {last}{router}, other ports do not: a firewall?"
    if silence.host_lives:
        return f"the host lives (a closed port answered): {_refused(silence)}"
    if silence.echo_answered:
        return "the host answers ping, but no UDP: a firewall?"
    if silence.last_ttl:
        return f"routers answer up to hop {silence.last_ttl}, then nothing"
    return "nothing on the way answers either"


def _refused(silence: Silence) -> str:
    """What keeps a host that lives from answering."""
    if silence.protocol == "echo":
        return "no echo service, or a firewall"
    if silence.protocol == "mehsh":
        return "udp_reflector without --mehsh, or a firewall"
    key = "another key" if silence.sealed else "a missing key"
    return f"its allow list, {key}, or a firewall"


def icmp_words(error: IcmpError, samples: TargetRun) -> str:
    """An ICMP error in words that name its sender."""
    place, source = place_of(samples), error.source
    kind = error.version, error.kind
    if (*kind, error.code) in _PORT_UNREACHABLE:
        if source == samples.address:
            return f"reflector not running on {place} (port unreachable)"
        return f"packets to {place} are rejected by {source} (port unreachable: a firewall?)"
    if kind in ((4, 11), (6, 3)):
        return f"TTL exceeded at {source} on the way to {place} (a routing loop?)"
    if (*kind, error.code) == (4, 3, 4) or kind == (6, 2):
        return f"packets to {place} are too big for {source} (MTU {error.mtu})"
    if (*kind, error.code) in _PROHIBITED:
        return f"administratively prohibited by {source} on the way to {place}"
    numbers = f"ICMP type {error.kind} code {error.code}"
    if kind in ((4, 3), (6, 1)):
        what = _UNREACHABLE.get((*kind, error.code), numbers)
        return f"{place} is unreachable, reported by {source} ({what})"
    return f"{numbers} from {source} about packets to {place}"
