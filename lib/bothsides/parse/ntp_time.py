"""64-bit NTP timestamps (RFC 5905, section 6): seconds since 1900 with 32 bits of fraction."""

_BILLION = 1_000_000_000
_EPOCH = 2208988800 * _BILLION  # ns from 1900 to 1970
_ERA = _BILLION << 32  # ns after which the seconds begin at 0 again, 136 years
_BEGIN_OF_ERA_1 = _ERA - _EPOCH  # ns from 1970 to 7 February 2036


def to_ntp(ns: int) -> int:
    """Nanoseconds since 1970 as a timestamp, rounded up so that `from_ntp` gives them back."""
    return -(-((ns + _EPOCH) % _ERA << 32) // _BILLION)


def from_ntp(stamp: int, near: int = _BEGIN_OF_ERA_1) -> int:
    """A timestamp as ns since 1970, in the era that brings it closest to `near` (ns since 1970).

    Without `near` it lies between 1968 and 2104, as RFC 4330, section 3, proposes.
    """
    ns = (stamp * _BILLION >> 32) - _EPOCH
    return ns - (_ERA // 2 + ns - near) // _ERA * _ERA
