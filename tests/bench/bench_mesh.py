"""udp_mesh beside fping -l and irtt at the same rate: CPU and memory; and what check_mesh costs.

CPU is of the process alone, from /proc. All of them probe over loopback, as the limits were
measured: through virtual links, the sender pays for the router and for the far end's half of the
kernel too. On a machine with other work the figures are higher, for all of them alike: look at the
ratios.

The floor is what the kernel takes to send a packet and to hand over its reply. The same calls in C
took 5.4 % of a core at 1000 x 10/s where udp_mesh took 15 %, before it noted packets in columns;
later they took 5.1 % and it took 9.2 %, both with other work beside them. On a slower machine the
floor was 6.6 %, the bare loop of tests/bench/mesh_floor.py 8.0 % and udp_mesh 9.6 %. At 38 x 40/s
they took 8 us for a packet, for caches are cold after the pause between two ticks. There,
code that goes through few different functions is the cheaper one: a reflector that read its batches
in columns was 13 % faster in a loop, and up to a third slower with cold caches. For the same reason
the prober takes in replies in one pass: 1.2 us for a packet, and 2.0 us by columns.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench import paired
from tests.support.mesh_lab import PORT, Lab, Peer, laboratory, landscape, peers
from tests.support.process import HOUSE, command_of

_SECONDS = 30.0
_WARM = 8.0  # s before anything is measured
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Prints everything; needs root for network namespaces."""
    meshes()
    others()
    reading()


def _cpu(process: "subprocess.Popen[str]") -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(process: "subprocess.Popen[str]") -> float:
    """Resident memory in MB."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def _shares(*processes: "subprocess.Popen[str]") -> list[float]:
    """Percent of a core that each of them takes."""
    time.sleep(_WARM)
    before = [_cpu(process) for process in processes]
    began = time.monotonic()
    time.sleep(_SECONDS)
    passed = time.monotonic() - began
    return [100 * (_cpu(p) - b) / passed for p, b in zip(processes, before, strict=True)]


@contextmanager
def _lab() -> Iterator[Lab]:
    with tempfile.TemporaryDirectory() as folder, laboratory(Path(folder)) as lab:
        yield lab


def _near(count: int) -> list[Peer]:
    """Far ends that are on the same host."""
    return [each._replace(address=each.address.replace("10.66", "127.66")) for each in peers(count)]


def meshes() -> None:
    """The prober and one reflector that answers for all peers."""
    print(f"\nudp_mesh and udp_reflector, {_SECONDS:g} s over loopback; where slices are suspect,")
    print("other work has kept the prober from sending, and the figures say nothing; the floor is")
    print("what the same calls take without looking at any packet, nearly all of it in the kernel,")
    print("and bare what they take when each reply is read and its round trip added up, no more")
    heads = f"{'peers x rate':<16} {'prober':>9} {'reflector':>10} {'memory':>9} {'suspect':>8}"
    print(f"  {heads} {'floor':>10} {'bare':>10}")
    for count, rate, limits in ((38, 40.0, (4.0, 3.0)), (1000, 10.0, (8.0, None))):
        with _lab() as lab:
            reflector = lab.reflector(host="near")
            prober = lab.prober(landscape(_near(count), rate))
            mine, theirs = _shares(prober, reflector)
            memory = _memory(prober)
            rows = lab.windows().values()
            suspect = sum(row.suspect for row in rows) / sum(row.slices for row in rows)
            prober.terminate()
            prober.wait()
            floor, bare = (_floor(lab, count, rate, look) for look in (False, True))
        name = f"{count} x {rate:g}/s"
        shares = f"{mine:8.2f} % {theirs:8.2f} % {memory:6.1f} MB {suspect:8.0%}"
        print(f"  {name:<16} {shares} {floor:8.2f} % {bare:8.2f} %")
        paired.target(f"prober, {name}", mine, limits[0], " %")
        if limits[1] is not None:
            paired.target(f"reflector, {name}", theirs, limits[1], " %")
        paired.target(f"memory of the prober, {name}", memory, 80, " MB")


def _floor(lab: Lab, count: int, rate: float, look: bool) -> float:
    """Percent of a core that the calls take which the prober cannot do without.

    look: with the least that Python can do with each reply.
    """
    addresses = [peer.address for peer in _near(count)]
    words = [sys.executable, "-m", "tests.bench.mesh_floor", str(PORT), str(rate), "10"]
    words.append("1" if look else "0")
    process = lab.start(
        "near", *words, *addresses, cwd=str(HOUSE), env=os.environ | {"PYTHONPATH": "lib:."}
    )
    assert process.stdout is not None
    sent, received, share, _ = process.stdout.read().split()
    assert int(received) > 0.9 * int(sent), "the reflector has not answered"
    return float(share)


def others() -> None:
    """fping -l at both rates, and one irtt client for each peer at 38 x 40/s."""
    for count, rate in ((38, 40.0), (1000, 10.0)):
        with _lab() as lab:
            addresses = [peer.address for peer in _near(count)]
            pause, spread = 1000 / rate, 900 / rate / count  # ms: for each peer, between packets
            # its lines go nowhere: a full pipe would stop it
            words = f"exec fping -l -q -p {pause:g} -i {spread:g} {' '.join(addresses)}"
            fping = lab.start("near", "sh", "-c", f"{words} > /dev/null")
            (share,) = _shares(fping)
            print(f"  fping -l, {count} x {rate:g}/s: {share:.2f} % (round trips alone)")
    addresses = [peer.address for peer in _near(38)]
    with _lab() as lab:
        lab.start("near", "irtt", "server", "--set-src-ip", "-b", "0.0.0.0:2112")
        time.sleep(1)
        limit = f"{_WARM + _SECONDS + 20:g}s"
        clients = [
            lab.start("near", "irtt", "client", "-q", "-i", "25ms", "-d", limit, address)
            for address in addresses
        ]
        print(f"  irtt, 38 clients x 40/s: {sum(_shares(*clients)):.2f} %")


def reading() -> None:
    """check_mesh with 1000 pairs beside its own --version."""
    with _lab() as lab:
        lab.reflector(host="near")
        lab.prober(landscape(_near(1000), 10.0))
        time.sleep(15)
        command = command_of("check_mesh")
        asking = (*command, "--socket", str(lab.socket), "--exit-ok")
        costs = paired.measured(
            [_rival("check_mesh, 1000 pairs", asking), _rival("--version", (*command, "-V"))], 15
        )
    paired.show("check_mesh", costs, "--version")
    more = [
        mine.cpu - bare.cpu
        for mine, bare in zip(costs["check_mesh, 1000 pairs"], costs["--version"], strict=True)
    ]
    paired.target("CPU above --version", 1000 * sorted(more)[len(more) // 2], 5, " ms")
    walls = sorted(cost.wall for cost in costs["check_mesh, 1000 pairs"])
    paired.target("wall clock", 1000 * walls[len(walls) // 2], 100, " ms")


def _rival(name: str, command: Sequence[str]) -> paired.Rival:
    return paired.Rival(name, tuple(command), (0, 1, 2, 3))
