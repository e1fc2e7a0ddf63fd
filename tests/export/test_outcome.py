"""A failed delivery is told in one line."""

from bothsides.export.outcome import Undelivered


def test_the_text_is_one_line_and_the_fate_is_kept() -> None:
    fault = Undelivered("db:\n  it  broke\toff", again=False)
    assert str(fault) == "db: it broke off"
    assert (fault.again, fault.alone) == (False, False)
    assert Undelivered("x").again
