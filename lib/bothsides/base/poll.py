"""Waits until descriptors can be read or written."""

import select

from bothsides.base.types import Iterable, Protocol


class HasDescriptor(Protocol):
    """A file, pipe or socket."""

    def fileno(self) -> int: ...


File = int | HasDescriptor


def ready(reading: Iterable[File], seconds: float, writing: Iterable[File] = ()) -> set[int]:
    """The descriptors that can be read or written, once one can or these seconds are over.

    By poll(2): select(2) takes no descriptor above 1023, and some parents leave more open.
    """
    poll = select.poll()
    events: dict[File, int] = {}
    for files, event in ((reading, select.POLLIN), (writing, select.POLLOUT)):
        for file in files:
            events[file] = events.get(file, 0) | event
    for file, wanted in events.items():
        poll.register(file, wanted)
    return {descriptor for descriptor, _ in poll.poll(max(0, int(seconds * 1000 + 1)))}
