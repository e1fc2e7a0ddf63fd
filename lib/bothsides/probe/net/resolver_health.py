"""What the replies of our name servers say about our own resolver, in words."""

import time

from bothsides.model.failure import Failure
from bothsides.probe.net.dns_servers import Question, Servers

_CLAIM = 0.4  # s of silence before a server is said not to answer
_CODES = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}  # RFC 1035


def silent_servers(servers: Servers) -> list[str]:
    """Those that have answered nothing; none as long as too little time has passed to say so."""
    if time.monotonic() - servers.began < _CLAIM:
        return []
    return [one for one in servers.addresses if servers.health(one) == "silent"]


def silence_words(servers: Servers) -> str:
    """Which of our servers do not answer, and which one does; "" where all do."""
    silent = silent_servers(servers)
    if not silent:
        return ""
    seconds = time.monotonic() - servers.began
    others = [one for one in servers.addresses if one not in silent]
    rest = f", {others[0]} does" if others else ""
    return f"{_not_answering(silent)} (silent for {seconds:.1f} s){rest}"


def canary_open(servers: Servers, canary: Question | None) -> bool:
    """Whether the reply to the canary may still show that a server is well which refused a name."""
    if canary is None or any(servers.health(one) == "well" for one in servers.addresses):
        return False
    replies = servers.replies(canary)
    return any(one not in replies for one in _useless(servers))


def canary_tells(servers: Servers, canary: Question | None) -> bool:
    """Whether more is known of our servers than what they say to the wanted name."""
    return canary is not None and (bool(servers.replies(canary)) or not _useless(servers))


def whose_fault(servers: Servers, name: str, of: str, tested: bool) -> Failure:
    """Whose fault it is that nobody has an answer: ours where nothing else is answered either.

    of: the family that is not answered, in words; "" for both. tested: whether the servers were
    asked for another name besides.
    """
    well = [one for one in servers.addresses if servers.health(one) == "well"]
    useless = _useless(servers)
    if well:
        words = f"the name servers of {name} give no answer{of}, while our resolver {well[0]} works"
        return Failure("dns", words)
    if useless:
        codes = sorted({code for one in useless for code in servers.codes(one)})
        said = ", ".join(_CODES.get(code, f"code {code}") for code in codes)
        said = f"nothing but {said}" if tested else f"{said} for {name}"
        words = f"our resolver {', '.join(useless)} answers {said} (target not tested)"
    elif not tested:
        words = f"our resolver does not answer for {name} (target not tested)"
    else:
        reasons = ", ".join([*sorted(set(servers.reasons.values())), "target not tested"])
        words = f"{_not_answering(servers.addresses)} ({reasons})"
    return Failure("local", words)


def _useless(servers: Servers) -> list[str]:
    return [one for one in servers.addresses if servers.health(one) == "useless"]


def _not_answering(servers: "list[str] | tuple[str, ...]") -> str:
    verb = "do" if len(servers) > 1 else "does"
    return f"our resolver {', '.join(servers)} {verb} not answer"
