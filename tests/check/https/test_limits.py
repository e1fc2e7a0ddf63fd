"""What check_https's options make of the limits."""

from bothsides.check.https.check import CHECK
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import Ranges


def test_limits_may_name_every_figure() -> None:
    limits: Ranges = limits_of(
        CHECK, understood(CHECK, ["-w", "time_connect=200ms,time_tls=0.5", "-c", "5"])
    )
    assert str(limits.warning["time_connect"]) == "0.2"
    assert str(limits.critical["time"]) == "5"
