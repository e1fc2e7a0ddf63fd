"""Results for services that do not check by themselves, as every monitoring server takes them."""

from bothsides.base.types import Mapping, NamedTuple
from bothsides.parse import Unreadable
from bothsides.plugin.output import Report

_CONTROL = dict.fromkeys(range(32), " ")


class Result(NamedTuple):
    """One result of one service, or of a host."""

    host: str  # as the monitoring server names it
    service: str  # "" for the host's own result
    code: int  # 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
    line: str  # line 1 without its performance data
    perfdata: str  # tokens with a blank between them; "" without any
    long: str  # the lines after line 1
    began: float  # s, UTC
    ended: float  # s, UTC

    @property
    def output(self) -> str:
        """The whole output, as the plugin printed it."""
        first = f"{self.line} | {self.perfdata}" if self.perfdata else self.line
        return f"{first}\n{self.long}" if self.long else first

    @property
    def host_code(self) -> int:
        """The state of a host: 0 up, 1 down; a host has no other."""
        return 0 if self.code == 0 else 1


def from_report(host: str, service: str, report: Report, began: float, ended: float) -> Result:
    """The result of a report that a check made.

    Raises Unreadable for names that a spool file, a pipe or a record would take apart.
    """
    first, _, long = report.text.rstrip("\n").partition("\n")
    line, _, perfdata = first.partition("|")
    return Result(
        host=name(host, "host"),
        service=name(service, "service") if service else "",
        code=report.code if report.code in (0, 1, 2, 3) else 3,
        line=line.strip(),
        perfdata=perfdata.strip(),
        long=long,
        began=began,
        ended=ended,
    )


def name(text: str, kind: str) -> str:
    """A host's or service's name that no format takes apart; Nagios forbids more than these."""
    begin = f"{text[:60]!r} is no name of a {kind}: "
    if not text.strip():
        raise Unreadable(f"the name of the {kind} is empty")
    if text != text.strip():
        raise Unreadable(f"{begin}it has blanks around it")
    if text.translate(_CONTROL) != text:
        raise Unreadable(f"{begin}it has a control character")
    for bad, called in ((";", "a semicolon"), ("!", "an exclamation mark")):
        if bad in text:
            raise Unreadable(f"{begin}it has {called}")
    return text


def shortened(output: str, most: int) -> str:
    """The output within so many octets: whole lines go from the end, line 1 goes last."""
    if len(output.encode()) <= most:
        return output
    lines = output.split("\n")
    kept = lines[:1]
    room = most - len(kept[0].encode()) - len("\n... 99999 more lines")
    for line in lines[1:]:
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    whole = "\n".join([*kept, f"... {len(lines) - len(kept)} more lines"])
    if len(whole.encode()) <= most:
        return whole
    return output.encode()[:most].decode("utf-8", "ignore")


def to_json(result: Result) -> dict[str, object]:
    """The result for the spool and for `-`."""
    return dict(zip(result._fields, result, strict=True))


def from_json(data: Mapping[str, object]) -> Result:
    """A result back from the spool; Unreadable when it is none."""
    values = {field: data.get(field) for field in Result._fields}
    for field, value in values.items():
        kind = int if field == "code" else float if field in ("began", "ended") else str
        if type(value) is not kind:
            raise Unreadable(f"no passive result: {field} is {str(value)[:40]!r}")
    return Result(**values)  # type: ignore[arg-type]  # each field's type was looked at above
