"""Limits as the command line gives them."""

import pytest

from bothsides.check.snmp_clock.limits import Limits, limits, short
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.finding import State
from bothsides.plugin.parser import Namespace
from tests.support.clocks import RANGES


def test_a_bare_number_means_either_way() -> None:
    assert short(["5"]) == {"offset": Range(-5, 5)}
    assert short(["5ms"]) == {"offset": Range(-0.005, 0.005)}
    assert short(["-2:5"]) == {"offset": Range(-2, 5)}
    assert short(["@5:10"]) == {"offset": Range(5, 10, True)}
    assert short(["~:3"]) == {"offset": Range(float("-inf"), 3)}
    with pytest.raises(Unreadable):
        short(["-5"])
    with pytest.raises(Unreadable):
        short(["5", "6"])


def test_the_options_say_how_much_our_own_clock_counts() -> None:
    options = Namespace(local_sync="warn", timezone="auto", state=["silent=critical"])
    assert limits(options, RANGES) == Limits(
        RANGES, "warn", guess_zone=True, states={"silent": State.CRITICAL}
    )
    named_zone = Namespace(local_sync="require", timezone="Europe/Berlin", state=[])
    assert limits(named_zone, RANGES) == Limits(RANGES)
