"""The evidence inside a report's page: written so that no browser runs it, and read back."""

from bothsides.base.record import from_json, to_json
from bothsides.incident.document import loaded
from bothsides.incident.impossible import LATEST, impossible_document
from bothsides.model.evidence import Evidence
from bothsides.model.report import Kept
from bothsides.parse import Unreadable

MOST = 120_000  # octets of evidence in a page
_OPEN = '<script type="application/json" id="evidence">'
_CLOSE = "</script>"


def to_text(kept: Kept) -> str:
    """JSON with a digest, in which no character has a meaning in HTML or XML."""
    import hashlib
    import json

    body = json.dumps(to_json(kept), separators=(",", ":"), allow_nan=False, sort_keys=True)
    digest = hashlib.sha256(body.encode()).hexdigest()
    whole = f'{{"digest":"{digest}","report":{body}}}'
    for character in "<>&":
        whole = whole.replace(character, f"\\u{ord(character):04x}")
    return whole


def from_page(page: str) -> Kept:
    """What a page was made from; raises Unreadable and nothing else."""
    import hashlib
    import json

    _, opened, rest = page.partition(_OPEN)
    text, closed, _ = rest.partition(_CLOSE)
    if not opened or not closed:
        raise Unreadable("no page of bothsides report: no evidence in it")
    try:
        data = loaded(text)
        body = json.dumps(data["report"], separators=(",", ":"), allow_nan=False, sort_keys=True)
        if hashlib.sha256(body.encode()).hexdigest() != data["digest"]:
            raise Unreadable("its evidence was changed after the report was made (digest)")
        kept: Kept = from_json(Kept, data["report"], "report")
    except (ValueError, TypeError, KeyError, RecursionError, ArithmeticError) as fault:
        raise Unreadable(f"its evidence cannot be read: {str(fault)[:80]}") from None
    return checked(kept)


def checked(kept: Kept) -> Kept:
    """The same; Unreadable where a value is impossible, such as a hop number of a billion."""
    for document in (*kept.run.documents, *kept.after):
        for fault in impossible_document(document):
            raise Unreadable(f"evidence of {_short(document.host)}: {fault}")
    for trip in kept.trips:
        if not (0 <= trip.at < LATEST and 0 <= trip.lost <= trip.sent):
            raise Unreadable("a stored run with impossible counts")
    for span in kept.spans:
        if not 0 <= span.start <= span.end < LATEST:
            raise Unreadable("a window of time that ends before it begins")
    return kept


def without_thirds(kept: Kept) -> Kept:
    """Only the documents of both ends about each other, for a page that would be too long."""
    ends = {kept.run.start, kept.run.target}

    def halves(documents: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(
            each._replace(peers=tuple(peer for peer in each.peers if peer.peer in ends))
            for each in documents
            if each.host in ends
        )

    run = kept.run._replace(documents=halves(kept.run.documents))
    return kept._replace(run=run, after=halves(kept.after))


def _short(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:40])
