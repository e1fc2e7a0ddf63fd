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
