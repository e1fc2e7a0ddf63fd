r"""Results as records for send_nsca, the client of NSCA and of NSCA-ng.

    host <TAB> service <TAB> code <TAB> output, its lines real lines <0x17>

Each client encrypts by itself; ours is only the text for its standard input. NSCA cuts an output at
4095 octets without a word, NSCA-ng refuses one above 16,328, so longer ones lose their last lines.
"""

from bothsides.base.types import Sequence
from bothsides.export.passive import Result, shortened

_LONGEST = 4000  # octets of output
_END = "\x17"


def to_records(results: Sequence[Result]) -> bytes:
    """All results, for one call of send_nsca."""
    return "".join(_record(result) + _END for result in results).encode("utf-8", "replace")


def _record(result: Result) -> str:
    output = shortened(result.output, _LONGEST).replace(_END, " ").replace("\0", " ")
    code = result.code if result.service else result.host_code
    names = [result.host, result.service] if result.service else [result.host]
    return "\t".join([*names, str(code), output.replace("\t", " ")])
