"""One HTTP request and its reply as values, between the formats and the one sender."""

from bothsides.base.types import NamedTuple


class Request(NamedTuple):
    """What to send. Secrets are not in here: the sender adds them."""

    method: str  # GET, POST, PUT, DELETE
    url: str  # whole, with its query
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Reply(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    date: str = ""  # the server's clock as its Date header says it


def from_json(body: bytes) -> object:
    """What a body says in JSON; None for what is none. Nothing about its shape is sure."""
    import json

    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def first_words(body: bytes) -> str:
    """The beginning of a body that is no answer of the kind that was expected."""
    return " ".join(body[:200].decode("utf-8", "replace").split())
