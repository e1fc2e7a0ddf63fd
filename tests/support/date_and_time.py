"""DateAndTime as agents encode it: the other way round than parse/clock_value.py reads it."""

from datetime import datetime, timedelta

from bothsides.parse.clock_value import Moment


def to_date_and_time(moment: Moment) -> bytes:
    """The DateAndTime that shows the moment, in its own zone; 8 octets where it has none."""
    local = datetime(1970, 1, 1) + timedelta(
        microseconds=moment.ns // 1000, minutes=moment.zone or 0
    )
    octets = local.year.to_bytes(2, "big") + bytes(
        (local.month, local.day, local.hour, local.minute, local.second)
    )
    octets += bytes((local.microsecond // 100000,))
    if moment.zone is None:
        return octets
    return octets + (b"+" if moment.zone >= 0 else b"-") + bytes(divmod(abs(moment.zone), 60))
