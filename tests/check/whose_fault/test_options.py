"""The plan that the command line makes."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.whose_fault.check import CHECK
from bothsides.check.whose_fault.options import plan, short
from bothsides.model.whose_fault import Plan
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import limits_of, understood


def made(*words: str) -> Plan:
    options = understood(CHECK, list(words))
    return plan(options, limits_of(CHECK, options))


def test_a_host_alone_is_measured_from_here() -> None:
    found = made("-H", "192.0.2.1")
    assert (found.target, found.address, found.evidence) == ("192.0.2.1", "192.0.2.1", ())
    assert found.start


def test_evidence_is_read_and_nothing_measured() -> None:
    found = made("--evidence", "a", "--evidence", "b", "--before", "c", "--from", "A", "--to", "B")
    assert (found.start, found.target, found.address) == ("A", "B", "")
    assert (found.evidence, found.before, found.stale) == (("a", "b"), ("c",), 900.0)


def test_nobody_named_is_a_misuse() -> None:
    with pytest.raises(Misuse, match="-H, --evidence"):
        made()


def test_a_bare_limit_is_the_loss_of_either_direction() -> None:
    assert set(short(["5%"])) == {"loss_out", "loss_back"}
    with pytest.raises(Unreadable):
        short(["5", "6"])
