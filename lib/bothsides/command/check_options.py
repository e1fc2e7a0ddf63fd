"""The option tables of the checks, for the configuration and manuals that are made out of them."""

import functools
import pkgutil
from importlib import import_module

from bothsides import check
from bothsides.base.types import Mapping, Sequence
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.option_table import Option, option_table

_CHECKS: Mapping[str, str] = {
    "udp": "udp_loss",
    "path": "mtr_path",
    "https": "https",
    "clock": "snmp_clock",
    "mesh": "mesh",
}


@functools.cache
def tables() -> Mapping[str, Sequence[Option]]:
    """The options of the check of each kind of service. Loads the checks, so only when asked."""
    return {
        topic: option_table(import_module(f"bothsides.check.{name}.check").CHECK)
        for topic, name in _CHECKS.items()
    }


@functools.cache
def checks() -> Mapping[str, AnyCheck]:
    """Every check of the suite by the name of its plugin, check_https for one. Loads them all."""
    names = sorted(each.name for each in pkgutil.iter_modules(check.__path__) if each.ispkg)
    loaded = [import_module(f"bothsides.check.{name}.check").CHECK for name in names]
    return {each.program: each for each in loaded}
