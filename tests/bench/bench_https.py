"""check_https beside check_curl and check_http.

One URL, two hundred of them, and both TLS back ends of pycurl.
"""

import contextlib
import statistics
import subprocess
import sys
from pathlib import Path

from bothsides.parse.perfdata import from_perfdata
from tests.bench.paired import BARE, Rival, bare, measured, plugin, ratio, show, target
from tests.bench.store import extended
from tests.support import daemons, farends, need
from tests.support.process import HOUSE

MANY = 200
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from bothsides.check.https.check"
    " import main; main()"
)


def main() -> None:
    """The tables, each followed by what was promised."""
    with contextlib.ExitStack() as stage:
        root = stage.enter_context(daemons.folder())
        web, authority = stage.enter_context(farends.web(root))
        stage.enter_context(extended(authority, root))
        _one(web.port)
        _many(web.port, root)
        _back_ends(web.port)


def _one(port: int) -> None:
    """One URL as a service definition has it.

    Nothing said about trust, so the system's store counts.
    """
    where = ("-H", "localhost", "-I", "127.0.0.1", "-p", str(port))
    curl = need.program("check_curl", "monitoring-plugins-standard")
    http = need.program("check_http", "monitoring-plugins-basic")
    costs = measured(
        [
            bare(),
            plugin("check_https", *where),
            Rival("check_curl -S -D", (curl, "-S", "-D", *where)),
            Rival("check_http -S, verifies nothing", (http, "-S", *where)),
        ],
        rounds=21,
    )
    show("HTTPS, one URL on loopback, the system's certificates", costs, BARE)
    curls = ratio(costs, "check_https", "check_curl -S -D")
    target("check_https in check_curl -S -D", curls, 1.0, " x")
    target("one run of check_https", ratio(costs, "check_https", BARE), 2.8, " x bare")
    target(
        "peak memory of check_https",
        statistics.median(run.peak for run in costs["check_https"]) / 2**20,
        40,
        " MB",
    )


def _many(port: int, root: Path) -> None:
    """CPU per URL of one process with many of them, beside a process for each."""
    file = root / "urls"
    file.write_text("".join(f"https://localhost:{port}/{number}\n" for number in range(MANY)))
    curl = need.program("check_curl", "monitoring-plugins-standard")
    ours = f"check_https --urls, {MANY} URLs"
    costs = measured(
        [
            plugin("check_https", "--urls", str(file), "-4", "-t", "60", title=ours),
            Rival(
                "check_curl -S -D, 1 URL",
                (curl, "-S", "-D", "-H", "localhost", "-I", "127.0.0.1", "-p", str(port)),
            ),
        ],
        rounds=5,
    )
    show("HTTPS, many URLs", costs, "check_curl -S -D, 1 URL")
    target(
        "check_https per URL in check_curl",
        ratio(costs, ours, "check_curl -S -D, 1 URL") / MANY,
        0.1,
        " x",
    )


def _back_ends(port: int) -> None:
    """Whether the measured handshake depends on the TLS library that measures it."""
    found: dict[str, list[float]] = {}
    for _ in range(15):
        for python in (sys.executable, "/usr/bin/python3"):
            command = [
                python,
                "-c",
                START,
                str(HOUSE / "lib"),
                "-H",
                "localhost",
                "-I",
                "127.0.0.1",
                "-p",
                str(port),
            ]
            said = subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.partition("\n")[0]
            figures = {
                figure.label: figure.value for figure in from_perfdata(said.partition("|")[2])
            }
            found.setdefault(python, []).append(1000 * (figures["time_tls"] or 0.0))
    medians = [statistics.median(times) for times in found.values()]
    print(
        f"\nHandshake as measured: wheel {medians[0]:.1f} ms, Debian's pycurl {medians[1]:.1f} ms"
    )
    target("difference between the TLS back ends", abs(medians[0] - medians[1]), 8, " ms")


if __name__ == "__main__":
    main()
