"""Imports libraries without the parts that a check never uses, since every run pays for them."""

import _frozen_importlib_external as finders  # as importlib.machinery, which costs 0.4 ms more
import sys

from bothsides.base.types import TYPE_CHECKING, Any, Iterable, NamedTuple

if TYPE_CHECKING:
    from types import ModuleType
else:
    ModuleType = type(sys)  # `types` costs 0.3 ms


class standing_in:  # noqa: N801  # reads as a function: with standing_in(...):
    """Makes importing `name` give this module, or one with these contents, within a `with`.

    What is loaded already stays as it is, and afterwards the name is free again.
    """

    def __init__(
        self, name: str, module: ModuleType | None = None, **contents: Any
    ) -> None:  # Any: contents of a module
        self._name = name
        self._module = module or ModuleType(name)
        self._needed = name not in sys.modules
        vars(self._module).update(contents)

    def __enter__(self) -> None:
        if self._needed:
            sys.modules[self._name] = self._module

    def __exit__(self, *_: object) -> None:
        if self._needed:
            del sys.modules[self._name]


def package(name: str) -> ModuleType | None:
    """A package for its modules, without running its __init__; None where there is none."""
    spec = finders.PathFinder.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        return None
    bare = ModuleType(name)
    bare.__path__ = list(spec.submodule_search_locations)
    return bare


def namedtuple(name: str, fields: str | Iterable[str], **_: object) -> type:
    """`collections.namedtuple`, as far as the libraries use it that are imported with it."""
    names = fields.replace(",", " ").split() if isinstance(fields, str) else fields
    maker: Any = type(NamedTuple)  # as a class statement does it
    record: type = maker(name, (NamedTuple,), {"__annotations__": dict.fromkeys(names)})
    return record
