"""A metric store is asked for the last value of one or more series: what is asked, what came."""

from bothsides.base.deadline import Stop
from bothsides.base.types import Literal, NamedTuple
from bothsides.model.failure import Failure

Store = Literal["graphite", "influx", "prometheus"]


class Plan(NamedTuple):
    """Which store is asked, and for what."""

    store: Store
    url: str  # of the store's interface for queries, without the query
    query: str  # a target of Graphite, InfluxQL or Flux, PromQL
    window: float  # s before now that are looked at
    max_age: float  # s that the last value may be old; 0: any
    login: str = ""  # file with the login; "": from the environment
    ca_file: str = ""  # PEM; "" for the certificates that libcurl trusts by itself


class Series(NamedTuple):
    """One series with its last value."""

    name: str
    at: float | None  # s, UTC, of the value; None: the store gives it no time of its own
    value: float | None  # None: no value in the window


class Run(NamedTuple):
    """All that happened."""

    subject: str  # the query
    now: float  # s, UTC, by our clock when the reply came
    series: tuple[Series, ...]
    failure: Failure | None  # why nothing was learnt
    stopped: Stop | None  # why it ended early
    notes: tuple[str, ...] = ()  # what the store said beside its values
