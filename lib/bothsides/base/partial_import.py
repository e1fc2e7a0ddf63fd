"""Imports of libraries without the parts that a check never uses, because every run pays for them."""

import _frozen_importlib_external as finders  # as importlib.machinery, whose import costs 0.4 ms of CPU
import sys
import types
from contextlib import contextmanager

from bothsides.base.types import Any, Iterator


@contextmanager
def standing_in(
    name: str, module: types.ModuleType | None = None, **contents: Any
) -> Iterator[None]:
    """While it lasts, importing `name` gives a module with these contents, or the given one.

    What is loaded already stays as it is, and nothing of the stand-in is left behind for others.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = module or types.ModuleType(name)
    vars(sys.modules[name]).update(contents)
    try:
        yield
    finally:
        del sys.modules[name]


def package(name: str) -> types.ModuleType | None:
    """A package without what its own __init__ does, for its modules alone; None for what is no package."""
    found = finders.PathFinder.find_spec(name)
    if found is None or found.submodule_search_locations is None:
        return None
    bare = types.ModuleType(name)
    bare.__path__ = list(found.submodule_search_locations)
    return bare
