"""What our daemons print: a reader that has gone or does not read loses lines and stops nothing."""

import select

from bothsides.base.write import write_all


def write_lines(text: str, descriptor: int = 1) -> None:
    """Writes lines as far as they are taken at once."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    try:
        for line in text.encode("ascii", "replace").splitlines(keepends=True):
            if poll.poll(0):
                write_all(descriptor, line)
    except OSError:
        pass  # nobody reads any more
