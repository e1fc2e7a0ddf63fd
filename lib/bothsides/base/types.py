"""Records and the names of types, without `typing`, which costs every run 3 to 5 ms of CPU.

mypy reads the first half, a run the second. A record of `NamedTuple` behaves as that of `typing`;
`tests/base/test_types.py` compares the two. One thing differs: its constructor is compiled when
many records of a kind are made, not at import, since a run makes one or two of most kinds. The
other names stand in annotations alone, so that little has to be behind them. Every room may import
this module, and it imports nothing of ours.
"""

TYPE_CHECKING = False  # mypy takes it for True

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Generator, Iterable, Iterator
    from collections.abc import Mapping, MutableMapping, Sequence, Sized
    from typing import Any, Generic, Literal, NamedTuple, NoReturn, Protocol, Self, TypeVar
else:
    from _collections import _tuplegetter  # reads a field in C
    from _collections_abc import Container, Generator, Iterable, Iterator
    from _collections_abc import Mapping, MutableMapping, Sequence, Sized

    Any = NoReturn = Self = object
    _FEW = 24  # records of a kind for which compiling a constructor does not pay
    _getters = []  # one for each place, the same for all records
    _calls = {}  # how many were made of each kind without one

    class Literal:
        """`Literal["a", "b"]` keeps the words in `__args__`, for `record.from_json`."""

        __class_getitem__ = classmethod(type(list[int]))  # as Python's own; a class costs 20 us

    class Generic:
        """`Generic[T]` and `Protocol[T]` are base classes that do nothing."""

        def __class_getitem__(cls, parameters):
            return cls

    Protocol = Generic
    Callable = Generic  # that of Python takes 10 us for each annotation

    def TypeVar(name, *constraints, **settings):
        """A type variable is any object while a program runs."""
        return object

    class _Record(tuple):
        """What all records can do."""

        __slots__ = ()

        def __new__(cls, *values, **named):
            _calls[cls] = calls = _calls.get(cls, 0) + 1
            fields, defaults = cls._fields, cls._field_defaults
            rest = fields[len(values) :]
            if calls <= _FEW and len(values) <= len(fields) and named.keys() <= set(rest):
                try:
                    given = map({**defaults, **named}.__getitem__, rest)
                    return tuple.__new__(cls, (*values, *given))
                except KeyError:
                    pass  # the compiled one says which field is missing
            owner = next(base for base in cls.__mro__ if "_fields" in vars(base))
            owner.__new__ = made = _compiled(fields, defaults)
            return made(cls, *values, **named)

        @classmethod
        def _make(cls, values):
            record = tuple.__new__(cls, values)
            if len(record) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(record)}")
            return record

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, /, **changes):
            values, fields = list(self), self._fields
            for field, value in changes.items():
                try:
                    values[fields.index(field)] = value
                except ValueError:
                    unexpected = [name for name in changes if name not in fields]
                    raise ValueError(f"Got unexpected field names: {unexpected!r}") from None
            return tuple.__new__(type(self), values)

        def __repr__(self):
            pairs = zip(self._fields, self, strict=True)
            fields = ", ".join(f"{field}={value!r}" for field, value in pairs)
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self):
            return tuple(self)

    class _FromBody(type):
        """Makes a record's class from the annotated fields of a class body."""

        def __new__(mcs, name, bases, body):
            hints = _annotations(body)
            fields = tuple(hints)
            defaults = {field: body[field] for field in fields if field in body}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"{name}: a field without a default follows one with a default")
            while len(_getters) < len(fields):
                _getters.append(_tuplegetter(len(_getters), ""))
            body.update(zip(fields, _getters))  # there may be more getters
            body.update(
                _fields=fields, _field_defaults=defaults, __match_args__=fields, __slots__=(),
                __annotations__=hints,
            )  # fmt: skip
            return type(name, (_Record, *bases[1:]), body)

    def _annotations(body):
        """The annotations of a class body, in which Python 3.14 has a function for them."""
        later = body.get("__annotate__") or body.get("__annotate_func__")
        return later(1) if later else body.get("__annotations__", {})

    def _compiled(fields, defaults):
        """A constructor as fast as one that is written by hand."""
        names = ", ".join(fields)
        # made of names alone that Python has accepted as fields
        text = f"lambda _cls, {names}: _tuple(_cls, ({names}{',' if fields else ''}))"
        made = eval(text, {"_tuple": tuple.__new__, "__builtins__": {}})
        made.__defaults__ = tuple(defaults.values())
        return made

    NamedTuple = type.__new__(_FromBody, "NamedTuple", (), {})

__all__ = [
    "TYPE_CHECKING", "Any", "Callable", "Container", "Generator", "Generic", "Iterable",
    "Iterator", "Literal", "Mapping", "MutableMapping", "NamedTuple", "NoReturn", "Protocol",
    "Self", "Sequence", "Sized", "TypeVar",
]  # fmt: skip
