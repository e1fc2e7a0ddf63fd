"""Imports of libraries without the parts that a check never uses, because every run pays for them."""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def standing_in(name: str, module: types.ModuleType | None = None, **contents: Any) -> Iterator[None]:
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
