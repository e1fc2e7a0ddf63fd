"""A path of seven hops through an exchange that loses packets, for tests that send none."""

from bothsides.analyse.path.analysis import Analysis, analyse
from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.compare import Path
from bothsides.analyse.path.ownership import Maps
from bothsides.analyse.path.past import Past, Remembered
from bothsides.model.path import ECHO, LossDirection, Outcome, Plan, ProbeResult, Reflection, Run
from bothsides.parse.ip_owners import from_map

MAP = from_map(
    "193.8.40.0/24 = Alpenhaus, us\n62.2.0.0/16 = TalNet, isp\n"
    "80.249.208.0/24 = SwissIX, exchange\n"
    "4.68.0.0/16 = Rhonelink, transit\n52.93.0.0/16 = Nimbus, cloud\n"
    "10.200.0.0/16 = our tunnel, tunnel\n10.0.0.0/8 = Stammhaus, us\n"
)
OUT = (
    "193.8.40.1",
    "62.2.3.1",
    "62.2.11.2",
    "80.249.208.30",
    "52.93.1.2",
    "52.93.2.2",
    "52.93.9.10",
)
BACK = ("52.93.9.1", "52.93.3.2", "4.68.9.1", "4.68.1.2", "4.68.7.2", "62.2.3.6", "193.8.40.10")
VPN = ("10.10.0.1", "10.200.0.2", "10.20.0.10")
HOME = from_map("193.8.40.0/24 = Alpenhaus, us\n")


def known(line: tuple[str, ...]) -> Past:
    """The path is known from fifty runs in which every hop answered."""
    hops = {ttl: (host,) for ttl, host in enumerate(line, 1)}
    flows = dict.fromkeys(range(16), hops)
    path = Path(1e9 - 1e6, 1e9 - 300, 50, flows, dict.fromkeys(range(16), len(line)), hops)
    replies = dict.fromkeys(hops, (60.0, 60.0))
    baseline = Baseline(50, path, since=1e9 - 1e6, rtas=(0.02,) * 12, echo=True, replies=replies)
    remembered = {line[-1]: Remembered(baseline)}
    return Past(addresses=(line[-1],), maps=Maps(MAP), paths=remembered)


def kind_of(line: tuple[str, ...], ttl: int, lost: bool) -> Outcome:
    """What a probe that expires at a hop brings back."""
    return "silent" if lost else "reply" if ttl >= len(line) else "expired"


def losing(
    line: tuple[str, ...], entry: int, lost: int, of: int = 20, flows_too: bool = True
) -> Run:
    """A run that loses so many of the probes to every hop from `entry` on, evenly spread."""
    segments = []
    for turn in range(of):
        gone = (turn * lost) % of < lost
        for ttl in range(1, len(line) + 1):
            for flow in (ECHO, turn % 16):
                kind = kind_of(line, ttl, gone and ttl >= entry and (flows_too or flow == ECHO))
                host = "" if kind == "silent" else line[ttl - 1]
                hop = 0 if flow == ECHO and ttl == len(line) else ttl
                rtt = 0.001 * ttl if host else None
                segments.append(ProbeResult(flow, hop, kind, host, rtt))
    echoes = tuple(None if (turn * lost) % of < lost else 0.02 for turn in range(of))
    return whole(line)._replace(echoes=echoes, segments=tuple(segments))


def whole(line: tuple[str, ...], last: int = 0) -> Run:
    """A run in which all hops answer, or those up to `last`."""
    first = tuple(
        ProbeResult(flow, ttl, kind, "" if kind == "silent" else host, 0.001 * ttl)
        for ttl, host in enumerate(line, 1)
        for flow in range(6)
        for kind in [kind_of(line, ttl, 0 < last < ttl)]
    )
    target = line[-1]
    return Run(target, target, target, "192.0.2.1", (target,), 1e9, "mtr-packet", first=first,
               echoes=(0.02,) * 20)  # fmt: skip


def stopped(line: tuple[str, ...], last: int) -> Run:
    """A run in which answers end at a hop; 0: nothing answers."""
    first = tuple(
        result._replace(kind="silent", host="", rtt=None) if result.ttl > last else result
        for result in whole(line).first
    )
    return whole(line)._replace(first=first, second=first, echoes=(None,) * 30)


def reflection(run: Run, forward: int, backward: int, sent: int = 200) -> Reflection:
    """What a reflector on the target shows that lost so many on each way."""
    return Reflection(
        host=run.target,
        port=862,
        address=run.target,
        sent=sent,
        answered=sent - forward - backward,
        forward=(forward, forward),
        backward=(backward, backward),
        lasted=3.0,
    )


def analysed(run: Run, direction: LossDirection = "unknown", past: Past | None = None) -> Analysis:
    """The analysis of a run over a path that is known."""
    line = tuple(dict.fromkeys(each.host for each in run.first if each.host))
    return analyse(Plan(run.host, direction=direction), run, past or known(line))
