"""The JSON schema of a document of evidence, made of its records.

Writes model/evidence.schema.json.
"""

import json
import typing
from types import UnionType
from typing import Any

from bothsides.base.types import Literal
from bothsides.model.evidence import VERSION, Evidence
from tests.support.process import HOUSE

PATH = HOUSE / "lib/bothsides/model/evidence.schema.json"
_PLAIN = {int: "integer", float: "number", str: "string", bool: "boolean", type(None): "null"}


def schema() -> dict[str, Any]:
    """The schema of the document, every record under its name."""
    known: dict[str, Any] = {}
    top = _of(Evidence, known)
    known["Evidence"]["properties"]["version"] = {"const": VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Evidence of one host, as bothsides evidence prints it",
        **top,
        "$defs": dict(sorted(known.items())),
    }


def _of(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if getattr(kind, "__origin__", None) is Literal:
        return {"enum": list(kind.__args__)}
    if isinstance(kind, UnionType):
        return {"anyOf": [_of(part, known) for part in kind.__args__]}
    if typing.get_origin(kind) is tuple:
        first, *rest = typing.get_args(kind)
        if rest == [...]:
            return {"type": "array", "items": _of(first, known)}
        return {"type": "array", "prefixItems": [_of(part, known) for part in (first, *rest)]}
    if kind.__name__ not in known:
        known[kind.__name__] = {}
        known[kind.__name__] = {
            "type": "object",
            "description": (kind.__doc__ or "").split("\n")[0],
            "properties": {name: _of(part, known) for name, part in kind.__annotations__.items()},
            "required": [name for name in kind._fields if name not in kind._field_defaults],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


if __name__ == "__main__":
    PATH.write_text(json.dumps(schema(), indent=1) + "\n")
