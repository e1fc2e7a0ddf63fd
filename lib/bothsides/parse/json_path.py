"""Places in a JSON document, and what stands there.

    status.nodes[0].lag     members by name, elements by number, from the outermost inward
    status.nodes.0.lag      the same, for NRPE, which lets no brackets through

A subset of RFC 9535 that needs no quoting on a command line; a leading `$.` may be there.
"""

from bothsides.parse import Unreadable

Path = tuple[str | int, ...]
_GREATEST = 1.7976931348623157e308


def from_path(text: str) -> Path:
    """The steps of a path; Unreadable for what is not one."""
    steps: list[str | int] = []
    bare = text.removeprefix("$").removeprefix(".")
    for part in bare.split("."):
        name, *numbers = part.split("[")
        if name:
            steps.append(name)
        for number in numbers:
            if (
                not number.endswith("]")
                or not number[:-1].isascii()
                or not number[:-1].isdigit()
                or len(number) > 10
            ):
                raise Unreadable(f"{text[:60]!r} is not a JSON path; write it as a.b[0].c")
            steps.append(int(number[:-1]))
        if not name and not numbers:
            raise Unreadable(f"{text[:60]!r} is not a JSON path; write it as a.b[0].c")
    return tuple(steps)


def from_body(body: bytes) -> object:
    """The document; Unreadable says at which octet it is broken."""
    import json

    try:
        document: object = json.loads(body)
    except UnicodeDecodeError as fault:
        raise Unreadable(f"the body is not JSON: octet {fault.start} is not UTF-8") from None
    except RecursionError:
        raise Unreadable("the body is not JSON that can be read: nested too deeply") from None
    except ValueError as fault:
        raise Unreadable(f"the body is not JSON: {fault}") from None
    return document


def at(document: object, path: Path) -> object:
    """What stands at a path; Unreadable when nothing does."""
    for place, step in enumerate(path):
        name = str(step)
        plain = name.isascii() and name.isdigit()
        if isinstance(document, list) and plain and _number(step) < len(document):
            document = document[_number(step)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            raise Unreadable(f"nothing at {shown(path[: place + 1])} in the JSON body")
    return document


def shown(path: Path) -> str:
    """The path as it is written."""
    return "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in path
    ).removeprefix(".")


def words(value: object) -> str:
    """A JSON value as it is compared with a text: strings bare, everything else as JSON has it."""
    if isinstance(value, str):
        return value
    import json

    return json.dumps(value, separators=(",", ":"))


def number(value: object) -> float | None:
    """A JSON number; None for everything else, NaN included.

    One beyond what a float holds is the greatest float.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return max(-_GREATEST, min(value, _GREATEST)) + 0.0


def _number(step: str | int) -> int:
    """A step as a place in a list; no list is so long that more than ten digits would count."""
    return int(step) if len(str(step)) <= 10 else 10**10
