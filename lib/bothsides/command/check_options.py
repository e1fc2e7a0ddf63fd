"""The option tables of the four checks, for the configuration that is generated out of them."""

import functools
from importlib import import_module

from bothsides.base.types import Mapping, Sequence
from bothsides.inventory.model import Topic
from bothsides.plugin.option_table import Option, option_table

_CHECKS: Mapping[Topic, str] = {
    "udp": "udp_loss",
    "path": "mtr_path",
    "https": "https",
    "clock": "snmp_clock",
}


@functools.cache
def tables() -> Mapping[Topic, Sequence[Option]]:
    """The options of the check of each topic. Loads all four checks, so only when asked for."""
    return {
        topic: option_table(import_module(f"bothsides.check.{name}.check").CHECK)
        for topic, name in _CHECKS.items()
    }
