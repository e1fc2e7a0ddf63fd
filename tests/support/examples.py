"""How many examples hypothesis draws: some in `make test`, all of them in `make soak`."""

import os
from functools import cache

from hypothesis import HealthCheck, settings

ALL = os.environ.get("BOTHSIDES_EXAMPLES") == "all"
SOME = 100  # of those tests that have thousands


@cache
def load() -> None:
    """Sets what holds for every test that says nothing else; a busy machine fails none of them."""
    settings.register_profile(
        "bothsides",
        max_examples=1000 if ALL else 50,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("bothsides")


def examples(number: int) -> settings:
    """So many examples in `make soak`, and some of them in `make test`."""
    return settings(max_examples=number if ALL else min(number, SOME))
