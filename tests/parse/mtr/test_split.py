"""mtr's split format."""

import pytest

from bothsides.parse import Unreadable
from bothsides.parse.mtr.detect import from_mtr
from bothsides.parse.mtr.split import from_split


def test_split_keeps_the_last_word_on_a_hop() -> None:
    trace = from_mtr(
        "0 10.0.1.1 0 1 1 0 0 0\n1 ???\n1 10.0.12.2 50000 1 2 1 1 2\n2 10.0.9.9 0 1 1 0 0 0\n-2\n"
    )[0]
    assert (trace.format, len(trace.hops), trace.hops[1].loss, trace.hops[1].worst) == (
        "split",
        2,
        0.5,
        0.002,
    )


@pytest.mark.parametrize("text", ["x", "0", "-x", "1000 ???"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="line 1"):
        from_split(text)
