"""64-bit NTP timestamps (RFC 5905, section 6): seconds since 1900 with 32 bits of fraction."""

_BILLION = 1_000_000_000
_EPOCH = 2208988800 * _BILLION  # ns from 1900 to 1970
_ERA = _BILLION << 32  # ns after which the seconds begin at 0 again, 136 years


def to_ntp(ns: int) -> int:
    """Nanoseconds since 1970 as a timestamp, rounded up so that `from_ntp` gives them back."""
    return -(-((ns + _EPOCH) % _ERA << 32) // _BILLION)


def from_ntp(stamp: int, near: int | None = None) -> int:
    """A timestamp as ns since 1970, in the era that brings it closest to `near` (ns since 1970).

    Without `near` it lies between 1968 and 2104, as RFC 4330, section 3, proposes.
    """
    ns = (stamp * _BILLION >> 32) - _EPOCH
    if near is None:
        return ns if stamp >> 63 else ns + _ERA
    return ns - (_ERA // 2 + ns - near) // _ERA * _ERA
