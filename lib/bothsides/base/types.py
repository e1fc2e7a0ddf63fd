"""Records and the names of types, without `typing`, which every run would pay 3 to 5 ms of CPU for.

mypy reads `typing`; a run reads the stand-ins below. A record behaves as `typing.NamedTuple` does: an
immutable tuple with named fields, keywords, defaults, `_fields`, `_replace` and `_asdict`. What differs is
when its constructor is compiled: at the first record instead of at the import, since a run makes few of
the kinds of records that it knows. This module imports nothing of ours; every room may import it.
"""

__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Callable",
    "Container",
    "Generator",
    "Generic",
    "Iterable",
    "Iterator",
    "Literal",
    "Mapping",
    "MutableMapping",
    "NamedTuple",
    "NoReturn",
    "Protocol",
    "Self",
    "Sequence",
    "Sized",
    "TypeVar",
]

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Container,
        Generator,
        Iterable,
        Iterator,
        Mapping,
        MutableMapping,
        Sequence,
        Sized,
    )
    from typing import Any, Generic, Literal, NamedTuple, NoReturn, Protocol, Self, TypeVar
else:
    from _collections import _tuplegetter
    from _collections_abc import (
        Callable,
        Container,
        Generator,
        Iterable,
        Iterator,
        Mapping,
        MutableMapping,
        Sequence,
        Sized,
    )

    Any = NoReturn = Self = object

    class Literal:
        """`Literal["a", "b"]`: what it is made of, for the reader of records."""

        def __class_getitem__(cls, words):
            return type(
                "Literal", (), {"__words__": words if isinstance(words, tuple) else (words,)}
            )

    class Generic:
        """`Generic[T]` is a base class that does nothing."""

        def __class_getitem__(cls, parameters):
            return cls

    Protocol = Generic

    def TypeVar(name, *bounds, **settings):
        """A type variable, which nobody asks while a program runs."""
        return object

    class _Maker(type):
        """Turns the body of a class with annotated fields into a subclass of tuple."""

        def __new__(mcs, name, bases, body):
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            body.update({field: _tuplegetter(place, "") for place, field in enumerate(fields)})
            body.update(
                _fields=fields, _field_defaults=defaults, __match_args__=fields, __slots__=()
            )
            return type(name, (_Record, *bases[1:]), {"__new__": _first(fields, defaults), **body})

    class _Record(tuple):
        __slots__ = ()

        @classmethod
        def _make(cls, values):
            return cls(*values)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changed):
            record = tuple.__new__(
                type(self), [changed.pop(name, value) for name, value in zip(self._fields, self)]
            )
            if changed:
                raise ValueError(f"no such fields: {', '.join(changed)}")
            return record

        def __repr__(self):
            values = ", ".join(
                f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)
            )
            return f"{type(self).__name__}({values})"

        def __getnewargs__(self):
            return tuple(self)

    def _first(fields, defaults):
        """A constructor that puts the compiled one into its place, and calls that."""

        def __new__(cls, *values, **named):
            names = ", ".join(fields)
            text = f"lambda _cls, {names}: _new(_cls, ({names}{',' if fields else ''}))"
            made = eval(text, {"_new": tuple.__new__, "__builtins__": {}})  # names of fields alone
            made.__defaults__ = tuple(defaults.values())
            owner = next(base for base in cls.__mro__ if "_fields" in vars(base))
            owner.__new__ = made
            return made(cls, *values, **named)

        return __new__

    NamedTuple = type.__new__(_Maker, "NamedTuple", (), {})
