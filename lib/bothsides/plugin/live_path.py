"""Shows the path at a terminal while it is traced; removed before the report is printed."""

import os
import shutil

from bothsides.base.types import Sequence
from bothsides.model.path import ECHO, ProbeResult


class Screen:
    """Lines on stderr that replace one another."""

    def __init__(self) -> None:
        self._drawn = 0

    def draw(self, results: Sequence[ProbeResult]) -> None:
        """The hops so far, one a line."""
        height = max(4, shutil.get_terminal_size().lines - 3)
        lines = list(_lines(results))[-height:]
        self._write(self._back() + "".join(f"{line[:79]}\n" for line in lines))
        self._drawn = len(lines)

    def clear(self) -> None:
        """Removes the lines."""
        if self._drawn:
            self._write(self._back())
        self._drawn = 0

    def _back(self) -> str:
        return (f"\x1b[{self._drawn}A" if self._drawn else "") + "\r\x1b[J"

    def _write(self, text: str) -> None:
        try:
            os.write(2, text.encode("ascii", "replace"))
        except OSError:
            self._drawn = 0


def _lines(results: Sequence[ProbeResult]) -> Sequence[str]:
    hops: dict[int, list[ProbeResult]] = {}
    for result in results:
        if result.flow != ECHO:
            hops.setdefault(result.ttl, []).append(result)
    lines = []
    for ttl in range(1, max(hops, default=0) + 1):
        mine = hops.get(ttl, [])
        hosts = list(dict.fromkeys(result.host for result in mine))
        times = [result.rtt * 1e3 for result in mine if result.rtt is not None]
        delay = f"{sum(times) / len(times):8.1f} ms" if times else f"{'':>11}"
        lines.append(
            f"{ttl:3d} {delay}  {' '.join(hosts[:3]) or '*'}{' ...' if len(hosts) > 3 else ''}"
        )
    return lines
