"""Shows the four checks against far ends of their own on loopback: `make demo`."""

import contextlib
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bothsides.base.record import from_record
from bothsides.incident.document import to_text
from bothsides.model.whose_fault import Plan, Run
from tests.support import daemons, farends, readme
from tests.support.process import HOUSE, PLUGINS

_WIDTH = min(shutil.get_terminal_size((100, 24)).columns, 120)
_BOLD, _DIM, _PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


# Real measurements of broken networks, made in namespaces: the record, and what is to be seen.
INCIDENTS = (
    (
        "check_udp_loss-return_loss",
        "a router drops every seventh answer: nothing is lost on the way out",
    ),
    ("check_https-slow_server", "the network is fine, the server thinks for two seconds"),
    (
        "check_mtr_path-rerouted",
        "the path has moved, and here is the hop where it leaves the usual one",
    ),
    ("check_snmp_clock-42_s_behind", "a clock that is off, and by how much at least"),
)


JOINED = "check_whose_fault-dead_link"
"""A record of both ends and two other hosts, made in namespaces while one link was dead."""
PAGE = HOUSE / "build" / "incident.html"


class Scene(NamedTuple):
    """One check: what it asks, whom, and what one sees with and without -v."""

    check: str
    question: str
    far_end: str
    arguments: tuple[str, ...]
    brief: str
    verbose: str


def scenes(stage: contextlib.ExitStack, root: Path) -> list[Scene]:
    """Starts the far ends, which end with the stage."""
    reflector = stage.enter_context(farends.reflector(root))
    web, authority = stage.enter_context(farends.web(root))
    agent, kind = stage.enter_context(farends.agent(root))
    secrets = root / "bothsides.ini"
    secrets.touch(0o600)
    secrets.write_text("[check_snmp_clock]\ncommunity = public\nlocal-sync = ignore\n")
    return [
        Scene(
            "check_udp_loss",
            "Are packets lost, and on the way out or on the way back?",
            f"udp_reflector on UDP port {reflector.port}",
            ("-H", "127.0.0.1", "-p", str(reflector.port), "-w", "100.0,5%", "-c", "200.0,15%"),
            "Line 1 is what pages: state, round trip, loss. Behind the bar stand the figures"
            " for graphs.",
            "The same run for a person: out and back apart, how sure the loss is, how the"
            " delays spread.",
        ),
        Scene(
            "check_https",
            "Does the site answer, how long takes each phase, how long is its certificate good?",
            f"a TLS web server on port {web.port}, its certificate from a CA made a moment ago",
            (
                "-H",
                "localhost",
                "-p",
                str(web.port),
                "--ca-cert",
                str(authority),
                "-w",
                "1",
                "-c",
                "3",
            ),
            "The certificate is verified unless told otherwise; the phases add up to the whole"
            " time.",
            "Where the time went, which address answered, and the chain of certificates.",
        ),
        Scene(
            "check_mtr_path",
            "Which way do packets take, and is it the way they took before?",
            "this host itself, which is a short way",
            ("-H", "127.0.0.1", "--state-dir", str(root / "state")),
            "The first run learns the path; later ones say at which hop it changed.",
            "The path as a table, hop by hop.",
        ),
        Scene(
            "check_snmp_clock",
            "How far is a remote clock off, and how sure is that?",
            f"this host's own clock, told by {kind} on UDP port {agent.port}",
            ("-H", "127.0.0.1", "-p", str(agent.port), f"--extra-opts=check_snmp_clock@{secrets}"),
            "The offset with its uncertainty. The community came from a file, and could not"
            " have come from anywhere safer.",
            "Both clocks, where the time was read, and the hard bounds between which the offset"
            " lies.",
        ),
    ]


def play(scene: Scene) -> bool:
    """Runs the check both ways; whether both left with a state of the network (not UNKNOWN)."""
    print(
        f"\n{_BOLD}{scene.check}{_PLAIN}  {scene.question}\n{_DIM}far end: {scene.far_end}{_PLAIN}"
    )
    codes = []
    for arguments, explanation in (
        (scene.arguments, scene.brief),
        ((*scene.arguments, "-v"), scene.verbose),
    ):
        print("\n  $ " + shlex.join((f"plugins/{scene.check}", *arguments)))
        codes.append(shown(scene.check, arguments, figures="-v" not in arguments))
        print(f"{_DIM}  # {explanation}{_PLAIN}")
    return 3 not in codes


def replay(record: str, explanation: str, root: Path) -> None:
    """Judges a recorded measurement again and shows what would page."""
    check = record.partition("-")[0]
    arguments = ["--replay", f"tests/data/records/{record}.json"]
    if check == "check_mtr_path":
        readme.learn(check, readme.RECORDS / "check_mtr_path-stable.json", str(root / "past"))
        arguments += ["--state-dir", str(root / "past")]
    if check == "check_https":
        arguments += ["-w", "1", "-c", "3", "-v"]
    if check == "check_snmp_clock":
        arguments += ["--local-sync", "ignore"]
    print("\n  $ " + shlex.join((f"plugins/{check}", *arguments)))
    shown(check, arguments, figures=False)
    print(f"{_DIM}  # {explanation}{_PLAIN}")


def incident(root: Path) -> None:
    """Both ends of a recorded incident joined into one verdict, and the report for the provider."""
    _, recorded = from_record(
        (readme.RECORDS / f"{JOINED}.json").read_text(), "check_whose_fault", Plan, Run
    )
    for document in recorded.documents:
        (root / f"{document.host}.json").write_text(to_text(document))
    networks = "".join(
        f"{each.address} = {each.label}, {each.role}\n" for each in recorded.owners if each.role
    )
    (root / "networks.map").write_text(networks)
    evidence = ["--evidence", str(root), "--map", str(root / "networks.map")]
    print("\n  $ plugins/check_whose_fault --evidence now/ --map networks.map --from A --to B")
    shown("check_whose_fault", [*evidence, "--from", "A", "--to", "B"], figures=False)
    print(
        f"{_DIM}  # what A, B and two other hosts have measured, joined: one line for the"
        f" pager{_PLAIN}"
    )
    PAGE.parent.mkdir(exist_ok=True)
    print(
        "\n  $ plugins/bothsides report A B --evidence now/ --map networks.map --html incident.html"
    )
    shown("bothsides", ["report", "A", "B", *evidence, "--html", str(PAGE)], figures=False)
    print(
        f"{_DIM}  # the report for the provider, with both directions' paths; open it in a"
        f" browser:{_PLAIN}"
    )
    print(f"  {PAGE}")


def shown(check: str, arguments: Sequence[str], figures: bool) -> int:
    """Runs it, prints its output indented and the exit code, and returns that.

    The figures only where they are asked for.
    """
    command = [sys.executable, str(PLUGINS / check), *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=HOUSE,
        timeout=60,
        check=False,
    )
    for line in (done.stdout + done.stderr).splitlines():
        words, bar, _ = line.partition(" | ")
        print("\n".join(folded(line if figures or not bar else f"{words} | ...")))
    print(f"{_DIM}  exit code {done.returncode}{_PLAIN}")
    return done.returncode


def folded(line: str) -> list[str]:
    """A line of output indented.

    The figures behind the bar go on below it where they would run over the edge.
    """
    words, bar, figures = line.partition(" | ")
    if not bar or len(line) + 2 <= _WIDTH:
        return [f"  {line}"]
    lines = [f"  {words} |"]
    for figure in figures.split():
        if len(lines) == 1 or len(lines[-1]) + len(figure) + 1 > _WIDTH:
            lines.append("     ")
        lines[-1] += f" {figure}"
    return lines


def main() -> int:
    """The whole demo."""
    began = time.monotonic()
    with contextlib.ExitStack() as stage:
        root = stage.enter_context(daemons.folder())
        print(
            "Four checks, each run as Nagios runs it and once more with -v, against far ends on"
            " this host."
        )
        results = [play(scene) for scene in scenes(stage, root)]
        print(
            f"\n{_BOLD}And when something is wrong{_PLAIN}  Recorded in broken networks, judged"
            f" again now:"
        )
        for record, explanation in INCIDENTS:
            replay(record, explanation, root)
        joined = root / "incident"
        joined.mkdir()
        incident(joined)
    print(
        f"\nDone in {time.monotonic() - began:.0f} s; everything that was started has been stopped."
    )
    if not all(results):
        print("Where a check said UNKNOWN, its first line says what is missing on this host.")
    print("Next: README.md says how to install the checks for NRPE, Nagios and Icinga.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
