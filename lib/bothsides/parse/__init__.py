"""Room 1: text and bytes in, immutable named tuples out; no clock, no file, no environment.

The value types of this project are `typing.NamedTuple`s: as immutable as frozen dataclasses,
but `import dataclasses` costs every check run about 4 ms of CPU more than `import typing`.
"""


class Unreadable(ValueError):
    """The input is broken; the text names the line, octet or word and what was expected."""
