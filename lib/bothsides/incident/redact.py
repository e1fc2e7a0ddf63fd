"""Hides private addresses and the names of third hosts in the evidence of a report.

Each one becomes `us-1`, `us-2` and so on, the same wherever it stands. The names and the addresses
of both ends stay: a provider needs them.
"""

from bothsides.base.record import Json, from_json, to_json
from bothsides.base.types import Iterator, Mapping
from bothsides.model.report import Kept

_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
    "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
_FIXED = (
    "kind", "state", "phase", "blame", "answer", "slowest", "protocol", "version", "cause",
    "provider", "label", "role", "way",
)  # fmt: skip
"""Fields with words of ours or of the owner map."""

_SENTENCES = ("words", "troubles", "command", "stage")
"""Fields in which a name or an address stands among other words."""

_ADDRESS = (
    r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})"
)
_NAME = r"(?<![\w.@-])(?:[A-Za-z0-9_-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])"


def redacted(kept: Kept, ends: tuple[str, ...]) -> Kept:
    """The same evidence without what is nobody's business.

    ends: addresses of both ends, which stay.
    """
    import re

    data: Json = to_json(kept)
    stay = {kept.run.start, kept.run.target, *ends}
    hide: dict[str, None] = {}
    for name in _third_names(kept):
        hide[name] = None
    for key, text in _strings(data):
        hide.update(dict.fromkeys(each for each in re.findall(_ADDRESS, text) if _private(each)))
        if key in _SENTENCES:
            hide.update(dict.fromkeys(re.findall(_NAME, text)))
    aliases: dict[str, str] = {}
    for name in hide:
        if name and name not in stay:
            aliases[name] = f"us-{len(aliases) + 1}"
    if not aliases:
        return kept
    made: Kept = from_json(Kept, _replaced(data, aliases, ""), "report")
    return made._replace(hidden=tuple(aliases.values()))


def _third_names(kept: Kept) -> Iterator[str]:
    for document in (*kept.run.documents, *kept.after):
        yield document.host
        yield from (peer.peer for peer in document.peers)
    yield from (witness.name for witness in kept.run.witnesses)


def _private(address: str) -> bool:
    import ipaddress

    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(each) for each in _PRIVATE)


def _strings(data: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield key, data
    elif isinstance(data, dict):
        for name, part in data.items():
            yield from _strings(part, str(name))
    elif isinstance(data, list):
        for part in data:
            yield from _strings(part, key)


def _replaced(data: Json, aliases: Mapping[str, str], key: str) -> Json:
    """JSON with the aliases; whole values first, then inside sentences."""
    if isinstance(data, dict):
        return {name: _replaced(part, aliases, name) for name, part in data.items()}
    if isinstance(data, list):
        return [_replaced(part, aliases, key) for part in data]
    if not isinstance(data, str) or key in _FIXED:
        return data
    if data in aliases:
        return aliases[data]
    return _in_sentence(data, aliases) if key in _SENTENCES else data


def _in_sentence(text: str, aliases: Mapping[str, str]) -> str:
    import re

    longest_first = sorted(aliases, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)
    return re.sub(rf"(?<![\w.:-])(?:{pattern})(?![\w:-])", lambda it: aliases[it.group()], text)
