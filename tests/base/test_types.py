"""Our records beside those of `typing`: the same in everything that a program can see."""

import copy
import keyword
import pickle
import subprocess
import sys
import typing
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base import types as ours
from tests.support.process import HOUSE


class Delay(ours.NamedTuple):
    """A record as the library has many: fields, defaults, a method and a property."""

    rtt: float  # s
    late: bool = False
    words: tuple[str, ...] = ()

    @property
    def ms(self) -> float:
        return self.rtt * 1e3

    def longer(self, by: float) -> "Delay":
        return self._replace(rtt=self.rtt + by)


class Theirs(typing.NamedTuple):
    """The same by `typing`."""

    rtt: float
    late: bool = False
    words: tuple[str, ...] = ()


T = ours.TypeVar("T")
FEW: int = vars(ours)["_FEW"]  # mypy reads the other half of the module


class Pair(ours.NamedTuple, ours.Generic[T]):
    """A generic record."""

    left: T
    right: T


class Empty(ours.NamedTuple):
    """A record without fields."""


def made(names: Sequence[str], defaults: Sequence[object], base: Any) -> Any:
    """A class with these fields, the last of which have defaults, written as a class body."""
    lines = [f"    {name}: object" for name in names[: len(names) - len(defaults)]]
    with_defaults = list(enumerate(names[len(names) - len(defaults) :]))
    lines += [f"    {name}: object = defaults[{place}]" for place, name in with_defaults]
    scope: dict[str, Any] = {"Base": base, "defaults": list(defaults)}
    exec("class Record(Base):\n" + "\n".join(lines or ["    pass"]), scope)  # noqa: S102
    return scope["Record"]


def outcome(work: Callable[..., Any], *values: object, **named: object) -> object:
    """A result in a form that can be compared; Python's versions differ in the kind of error."""
    try:
        result = work(*values, **named)
    except (TypeError, ValueError):
        return "error"
    if hasattr(result, "_fields"):
        return repr(result), result._fields, tuple(result), result._asdict(), hash(result)
    return result


_names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name) and name not in ("index", "count")
)
_values = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.tuples(st.booleans()))


@given(
    st.lists(_names, unique=True, max_size=6),
    st.lists(_values, max_size=6),
    st.lists(_values, max_size=7),
    st.dictionaries(_names, _values, max_size=3),
    st.dictionaries(_names, _values, max_size=2),
)
def test_a_record_does_what_the_one_of_typing_does(
    names: list[str],
    defaults: list[object],
    values: list[object],
    extra: dict[str, object],
    changes: dict[str, object],
) -> None:
    defaults = defaults[: len(names)]
    named = dict(zip(names[len(values) :], defaults, strict=False)) | extra
    mine, theirs = (made(names, defaults, base) for base in (ours.NamedTuple, typing.NamedTuple))
    assert mine._fields == theirs._fields == mine.__match_args__
    assert mine._field_defaults == theirs._field_defaults
    assert mine.__annotations__ == theirs.__annotations__
    for arguments, keywords in ((values, {}), (values, named), ([], named), ([], {})):
        # by three constructors: for the first records of a kind, the one that compiles, the
        # compiled
        results = [outcome(mine, *arguments, **keywords) for _ in range(FEW + 2)]
        assert results == [outcome(theirs, *arguments, **keywords)] * len(results)
    assert outcome(mine._make, values) == outcome(theirs._make, values)
    if len(values) == len(names):
        pair = mine(*values), theirs(*values)
        assert pair[0] == pair[1] == tuple(values)
        assert outcome(pair[0]._replace, **changes) == outcome(pair[1]._replace, **changes)


def test_a_wrong_order_of_defaults_is_an_error_of_the_class() -> None:
    for base in (ours.NamedTuple, typing.NamedTuple):
        with pytest.raises(TypeError):
            exec("class R(Base):\n    a: int = 1\n    b: int\n", {"Base": base})  # noqa: S102


def test_fields_methods_and_properties_work() -> None:
    delay = Delay(0.5)
    assert (delay.rtt, delay.late, delay.words, delay.ms) == (0.5, False, (), 500.0)
    assert delay.longer(1).rtt == 1.5
    assert delay[0] == 0.5
    match delay:
        case Delay(rtt, late):
            assert (rtt, late) == (0.5, False)


@pytest.mark.parametrize("kind", [Delay, Theirs])
def test_a_record_cannot_be_changed_and_has_no_room_for_more(kind: Any) -> None:
    delay = kind(0.5)
    with pytest.raises(AttributeError):
        delay.rtt = 1.0
    with pytest.raises(AttributeError):
        delay.other = 1.0
    assert not hasattr(delay, "__dict__")
    assert sys.getsizeof(delay) == sys.getsizeof(Theirs(0.5))


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_record_is_pickled_and_copied(protocol: int) -> None:
    delay = Delay(0.5, True, ("a",))
    for again in (
        pickle.loads(pickle.dumps(delay, protocol)),
        copy.deepcopy(delay),
        copy.copy(delay),
    ):
        assert again == delay
        assert type(again) is Delay


def test_a_record_is_ordered_and_hashed_as_its_tuple() -> None:
    assert sorted([Delay(2.0), Delay(1.0, True), Delay(1.0)])[0] == (1.0, False, ())
    assert {Delay(1.0): "x"}[Delay(1.0)] == "x"


def test_a_generic_record_and_one_without_fields_work() -> None:
    pair: Any = Pair[int](1, 2)
    assert pair._asdict() == {"left": 1, "right": 2}
    assert repr(Empty()) == "Empty()"
    assert tuple(Empty()) == ()


def test_two_kinds_of_records_do_not_share_a_constructor() -> None:
    first, second = (made(["a"], [default], ours.NamedTuple) for default in (1, 2))
    for _ in range(FEW + 1):
        assert (first().a, second().a) == (1, 2)


def test_the_constructor_is_compiled_for_a_kind_of_many_records() -> None:
    few, many = (made(["a"], [], ours.NamedTuple) for _ in range(2))
    assert [few(1), [many(1) for _ in range(FEW + 1)][-1]] == [(1,), (1,)]
    assert ("__new__" in vars(few), "__new__" in vars(many)) == (False, True)


def test_every_name_that_mypy_reads_stands_for_something_in_a_run() -> None:
    assert all(hasattr(ours, name) for name in ours.__all__)
    words: Any = ours.Literal
    assert words["a", "b"].__origin__ is words["a"].__origin__ is ours.Literal
    assert (words["a", "b"].__args__, words["a"].__args__) == (("a", "b"), ("a",))
    written: Any = (ours.Any, ours.Callable[[int], int], ours.Sequence[int], words["a"])
    assert all(kind | None for kind in written)


def test_a_class_body_of_python_3_14_is_understood() -> None:
    """There the annotations are made by a function, when somebody asks for them."""
    kind: Any = type(ours.NamedTuple)
    body = {"__annotate_func__": lambda form: {"rtt": float, "late": bool}, "late": False}
    made_later = kind("Later", (ours.NamedTuple,), body)
    assert made_later(0.5)._asdict() == {"rtt": 0.5, "late": False}


def test_the_module_loads_nothing_that_starting_python_has_not_loaded() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); before = set(sys.modules);"
        " import bothsides.base.types; print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {"bothsides", "bothsides.base", "bothsides.base.types"}
    assert set(done.stdout.split()) - {"_collections"} == loaded  # built in
