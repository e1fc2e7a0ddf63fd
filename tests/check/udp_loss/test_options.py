"""The command line of check_udp_loss: options to plan and limits."""

import pytest

from bothsides.check.udp_loss.options import short
from bothsides.parse import Unreadable
from bothsides.parse.range import Range


def test_the_short_form_is_check_pings() -> None:
    assert short(["100.0", "5%"]) == {"rta": Range(0.0, 0.1), "pl": Range(0.0, 5.0)}
    assert short(["0.5%"]) == {"pl": Range(0.0, 0.5)}
    assert short(["2ms"]) == {"rta": Range(0.0, 0.002)}
    with pytest.raises(Unreadable, match="one loss"):
        short(["1%", "2%"])
