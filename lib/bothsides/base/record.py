"""Any measurement as JSON and back, so that it can be judged again later.

Records become objects, tuples arrays, octets {"hex": ...}. A `Secret` is never written: it becomes
null, and is empty when it is read back.
"""

import sys

from bothsides import __version__
from bothsides.base.secret import Secret
from bothsides.base.types import Any, Literal, TypeVar
from bothsides.parse import Unreadable

PlanT = TypeVar("PlanT")
RunT = TypeVar("RunT")
Json = Any  # what `json` reads and writes
Kind = Any  # a type as a value: a class, `A | B`, `tuple[A, ...]`, a Literal
Value = Any  # a value of a Kind

_UNION = type(int | None)


def to_record(check: str, plan: object, run: object) -> str:
    """The JSON text of one measurement: what was asked of whom, and all that happened."""
    import json  # 1 ms that only --record and --replay need

    return json.dumps(
        {"bothsides": __version__, "check": check, "plan": to_json(plan), "run": to_json(run)},
        indent=1,
        allow_nan=False,
    )


def from_record(
    text: str, check: str, plan_type: type[PlanT], run_type: type[RunT]
) -> tuple[PlanT, RunT]:
    """Plan and Run of a record; Unreadable says which field is wrong."""
    import json

    try:
        record = json.loads(text)
    except ValueError as fault:
        raise Unreadable(f"not a record: {fault}") from None
    except RecursionError:
        raise Unreadable("not a record: nested too deeply") from None
    if not isinstance(record, dict) or "run" not in record or "plan" not in record:
        raise Unreadable("not a record: no plan and run in it")
    if record.get("check") != check:
        raise Unreadable(f"a record of {str(record.get('check'))[:40]}, not of {check}")
    plan: PlanT = from_json(plan_type, record["plan"], "plan")
    run: RunT = from_json(run_type, record["run"], "run")
    return plan, run


def to_json(value: object) -> Json:
    """The value in terms of what `json` can write."""
    if isinstance(value, Secret):
        return None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None  # nan and inf: not measured
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: to_json(part) for name, part in zip(value._fields, value, strict=True)}
    if isinstance(value, tuple | list):
        return [to_json(part) for part in value]
    if isinstance(value, dict):
        return {str(key): to_json(part) for key, part in value.items()}
    raise TypeError(f"{type(value).__name__} cannot be recorded")


def from_json(kind: Kind, data: Json, path: str = "value") -> Value:
    """Data from `json` as a value of type `kind`; Unreadable names the place that does not fit."""
    origin = getattr(kind, "__origin__", None)
    parameters: tuple[Kind, ...] = getattr(kind, "__args__", ())
    if isinstance(kind, _UNION):
        return _from_union(parameters, data, path)
    if origin is Literal:
        return _from_words(parameters, data, path)
    if kind is Any:
        return data
    if kind is Secret:
        return Secret("")
    if kind is bytes and isinstance(data, dict):
        return _octets(data, path)
    if origin is tuple and isinstance(data, list):
        return _from_array(parameters, data, path)
    if origin is dict and isinstance(data, dict):
        return {key: from_json(parameters[1], part, f"{path}.{key}") for key, part in data.items()}
    if hasattr(kind, "_fields") and isinstance(data, dict):
        return _from_object(kind, data, path)
    return _from_plain(kind, data, path)


def _from_plain(kind: Kind, data: Json, path: str) -> Value:
    if kind is float and type(data) is int:
        return float(data)
    if kind in (str, int, float, bool) and type(data) is kind:
        return data
    raise Unreadable(f"{path}: {str(data)[:40]!r} is not {getattr(kind, '__name__', kind)}")


def _from_union(kinds: tuple[Kind, ...], data: Json, path: str) -> Value:
    if data is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is not type(None):
            try:
                return from_json(kind, data, path)
            except Unreadable as fault:
                last = fault
    raise last


def _from_words(words: tuple[object, ...], data: Json, path: str) -> Value:
    if data not in words:
        raise Unreadable(f"{path}: {str(data)[:40]!r} is none of {', '.join(map(str, words))}")
    return data


def _octets(data: dict[str, Json], path: str) -> bytes:
    try:
        return bytes.fromhex(data["hex"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable(f"{path}: not octets in hex") from None


def _from_array(kinds: tuple[Kind, ...], data: list[Json], path: str) -> tuple[Value, ...]:
    if len(kinds) == 2 and kinds[1] is ...:
        return tuple(
            from_json(kinds[0], part, f"{path}[{place}]") for place, part in enumerate(data)
        )
    if len(kinds) != len(data):
        raise Unreadable(f"{path}: {len(data)} values instead of {len(kinds)}")
    return tuple(
        from_json(kind, part, f"{path}[{place}]")
        for place, (kind, part) in enumerate(zip(kinds, data, strict=True))
    )


def _from_object(kind: Kind, data: dict[str, Json], path: str) -> Value:
    hints = kind.__annotations__
    data = _by_present_names(kind, data)
    unknown = [name for name in data if name not in kind._fields]
    missing = [
        name for name in kind._fields if name not in data and name not in kind._field_defaults
    ]
    if unknown or missing:
        raise Unreadable(
            f"{path}: "
            + (f"unknown field {unknown[0][:40]}" if unknown else f"field {missing[0]} is missing")
        )
    return kind(
        **{name: from_json(hints[name], part, f"{path}.{name}") for name, part in data.items()}
    )


def _by_present_names(kind: Kind, data: dict[str, Json]) -> dict[str, Json]:
    """The fields by their names of today, where `FORMER_FIELDS` of the record's module has others.

    It maps a record's name to its former fields and what they are called now, "" for dropped ones.
    """
    former = getattr(sys.modules[kind.__module__], "FORMER_FIELDS", {}).get(kind.__name__, {})
    return {former.get(name, name): part for name, part in data.items() if former.get(name, name)}
