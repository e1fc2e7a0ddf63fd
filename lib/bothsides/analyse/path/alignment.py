"""Hops of two paths side by side: one inserted hop does not make all the rest differ."""

from bothsides.base.types import Mapping, NamedTuple

Hops = Mapping[int, tuple[str, ...]]
"""Addresses that answered, by TTL; several where a router balances packet by packet."""


class Row(NamedTuple):
    """Two hops side by side."""

    old: int  # TTL in the first path; 0: no hop of it
    new: int  # TTL in the second path; 0: no hop of it
    same: bool  # whether they share a router


def align(old: Hops, new: Hops) -> tuple[Row, ...]:
    """Hops of two paths side by side; an inserted hop shifts the rest and has no partner.

    The best sum of weights wins (dynamic programming): the same router counts most, silence a
    little, two different routers next to nothing.
    """
    lefts, rights = max(old, default=0), max(new, default=0)
    best = [[0.0] * (rights + 1) for _ in range(lefts + 1)]
    for left in range(lefts - 1, -1, -1):
        for right in range(rights - 1, -1, -1):
            weight = _weight(old.get(left + 1, ()), new.get(right + 1, ()))
            best[left][right] = max(
                best[left + 1][right], best[left][right + 1], best[left + 1][right + 1] + weight
            )
    rows: list[Row] = []
    left = right = 0
    while left < lefts or right < rights:
        pair = left < lefts and right < rights
        here, there = (old.get(left + 1, ()), new.get(right + 1, ())) if pair else ((), ())
        if pair and best[left][right] == best[left + 1][right + 1] + _weight(here, there):
            left, right = left + 1, right + 1
            rows.append(Row(left, right, bool(set(here) & set(there))))
        elif left < lefts and (right >= rights or best[left][right] == best[left + 1][right]):
            left += 1
            rows.append(Row(left, 0, False))
        else:
            right += 1
            rows.append(Row(0, right, False))
    return tuple(rows)


def _weight(here: tuple[str, ...], there: tuple[str, ...]) -> float:
    if here and there:
        return 1.0 if set(here) & set(there) else 0.01
    return 0.05 if here or there else 0.3
