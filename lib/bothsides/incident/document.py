"""The document of evidence as text: JSON of its records, with a digest, and a seal where wanted.

The digest finds a document that was cut or changed on its way; the seal, an HMAC-SHA-256 with a key
that both sides have, finds one that somebody else has written.
"""

from bothsides.base.record import from_json, to_json
from bothsides.base.secret import Secret
from bothsides.base.types import Any, Literal
from bothsides.incident.impossible import impossible_document
from bothsides.model.evidence import VERSION, Evidence
from bothsides.parse import Unreadable

MOST = 60000  # octets: NRPE's version 4 packet carries 65504
_CUT = (1022, 1023, 1024)  # octets that NRPE's packets before version 4 carry
_LATER = ("collected", "mute", "echo_hops", "family")
"""Fields that the first documents did not have. An empty one is not written, so that digests and
seals of older versions hold; a field that is added to evidence belongs here, with None for default.
"""

_LARGEST = 16 << 20  # characters of evidence that is read
_VALUES = 500_000  # values in it: a record of 25,000 packets has fewer
_NUMBERS = 6  # digits behind the point that count

Proof = Literal["sound", "changed", "not sealed", "wrong seal"]
"""What digest and seal prove."""


def to_text(evidence: Evidence, key: Secret | None = None, most: int = MOST) -> str:
    """One line of JSON within `most` octets; peers that find no room are left off, last first."""
    peers = list(evidence.peers)
    while True:
        left_off = evidence.left_off + len(evidence.peers) - len(peers)
        text = _sealed(evidence._replace(peers=tuple(peers), left_off=left_off), key)
        if len(text) <= most or not peers:
            return text
        peers.pop()


def from_text(text: str) -> Evidence:
    """The document; raises Unreadable and nothing else."""
    return from_data(loaded(text))


def loaded(text: str) -> Any:  # what `json` reads
    """The JSON of evidence, by strangers; raises Unreadable and nothing else."""
    import json

    if len(text) > _LARGEST or text.count(",") > _VALUES:
        raise Unreadable(
            f"too large for evidence: more than {_LARGEST >> 20} MiB or {_VALUES:,} values"
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise Unreadable(_not_json(text, fault)) from None


def _not_json(text: str, fault: Exception) -> str:
    """What is wrong with a text that is no JSON; NRPE before version 4 cuts what is longer."""
    if text.startswith("{") and len(text.encode("utf-8", "surrogateescape").rstrip()) in _CUT:
        return "cut at 1 kB, as NRPE does before version 4: use NRPE 4 on both sides, ssh or files"
    whole = text.strip()
    if not whole:
        return "it is empty"
    if isinstance(fault, RecursionError):
        return "not JSON that can be read: nested too deeply"
    if whole.startswith("{") and not whole.endswith("}") and "Extra data" not in str(fault):
        return f"cut after {len(whole):,} characters: its end is missing"
    return f"not JSON: {str(fault)[:100]}"


def from_data(data: object) -> Evidence:
    """The document out of what `json` has read; raises Unreadable and nothing else."""
    if not isinstance(data, dict) or "version" not in data or "peers" not in data:
        raise Unreadable("no document of evidence")
    if data["version"] != VERSION:
        raise Unreadable(_other_version(data["version"]))
    try:
        evidence: Evidence = from_json(Evidence, data, "evidence")
    except (RecursionError, TypeError, ValueError, OverflowError) as fault:
        raise Unreadable(f"values that do not fit: {str(fault)[:80]}") from None
    if not evidence.host or not all(peer.peer for peer in evidence.peers):
        raise Unreadable("values that do not fit: a host without a name")
    for words in impossible_document(evidence):
        raise Unreadable(f"values that do not fit: {words}")
    return evidence


def _other_version(version: object) -> str:
    """What is wrong with a version that is not ours, and what to do."""
    words = f"evidence of version {version!r:.20}, not {VERSION}"
    newer = isinstance(version, int) and version > VERSION
    return f"{words}: update bothsides on this host" if newer else words


def proof_of(evidence: Evidence, key: Secret | None = None) -> Proof:
    """Whether the document is as it was written; with a key, whether its owner wrote it."""
    body = _body(evidence)
    if evidence.digest != _digest(body):
        return "changed"
    if key is None:
        return "sound"
    if not evidence.seal:
        return "not sealed"
    import hmac

    return "sound" if hmac.compare_digest(evidence.seal, _seal(body, key)) else "wrong seal"


def _sealed(evidence: Evidence, key: Secret | None) -> str:
    """The text with digest and seal."""
    body = _body(evidence)
    digest = _digest(body)
    seal = _seal(body, key) if key is not None else ""
    text = _dumped(_rounded(to_json(evidence._replace(digest=digest, seal=seal))))
    return text.replace("|", "\\u007c")  # or Icinga takes what follows for performance data


def _body(evidence: Evidence) -> str:
    """What digest and seal are about."""
    return _dumped(_rounded(to_json(evidence._replace(digest="", seal=""))))


def _dumped(data: object) -> str:
    import json

    return json.dumps(data, separators=(",", ":"), allow_nan=False, sort_keys=True)


def _rounded(data: object) -> object:
    """Numbers with as many digits as mean anything, so that a text says the same when read back."""
    if isinstance(data, float):
        number = round(data, _NUMBERS)
        return int(number) if number.is_integer() else number
    if isinstance(data, dict):
        return {
            key: _rounded(value)
            for key, value in data.items()
            if key not in _LATER or value not in (None, [])
        }
    if isinstance(data, list):
        return [_rounded(value) for value in data]
    return data


def _digest(body: str) -> str:
    import hashlib

    return hashlib.sha256(body.encode()).hexdigest()


def _seal(body: str, key: Secret) -> str:
    import hmac

    return hmac.new(key.encode(), body.encode(), "sha256").hexdigest()
