"""What the last run of a check saw of one host, and the last run before it that was well.

A run of check_udp_loss, check_mtr_path or check_https that remembers leaves its evidence here, as
JSON of the records of `model.evidence`, for `bothsides evidence`.
"""

from bothsides.base.types import Iterator, Literal, NamedTuple
from bothsides.store.sqlite import Body, History

Kind = Literal["udp", "path", "https"]
KINDS: tuple[Kind, ...] = ("udp", "path", "https")


class StoredLook(NamedTuple):
    """The evidence of one check about one host."""

    kind: Kind
    host: str  # as the check was asked
    address: str  # that was used; "": not known
    now: Body  # of the last run
    well: Body | None = None  # of the last run that was well; None: there was none


def keep_look(history: History, look: StoredLook, well: bool, more: str = "") -> None:
    """Keeps a run's evidence instead of the last one's.

    well: whether the run found nothing wrong; more: what else tells targets of one host apart.
    """

    def changed(known: Body | None) -> Body:
        before = (known or {}).get("well")
        kept = look.now if well else before if isinstance(before, dict) else None
        return {"host": look.host, "address": look.address, "now": look.now, "well": kept}

    name = look.address or look.host
    history.change(" ".join(filter(None, ("look", look.kind, name, more))), changed)


def looks(history: History) -> Iterator[StoredLook]:
    """All that is kept; what is not ours is left out."""
    for kind in KINDS:
        for body in history.documents(f"look {kind} "):
            host, address, now, well = map(body.get, ("host", "address", "now", "well"))
            if isinstance(host, str) and isinstance(address, str) and isinstance(now, dict):
                yield StoredLook(kind, host, address, now, well if isinstance(well, dict) else None)
