"""The contract with Nagios, NRPE and people, held against every check in plugins/.

No check is named here: whatever is called check_* in that folder is tried. lib/README.md says what a
new check brings; a test that needs what is still missing is skipped, and the one that asks for it
fails and says what to write where.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bothsides.parse.perfdata import LABEL, from_perfdata
from tests.support import need, net
from tests.support.process import CHECKS, HOUSE, NRPE_ENVIRONMENT, Outcome, command_of, run

RECORDS = sorted((HOUSE / "tests/data/records").glob("*.json"))
SCHEMA = json.loads((HOUSE / "lib/bothsides/plugin/report.schema.json").read_text())
PINNED = json.loads((HOUSE / "tests/data/perfdata.json").read_text())
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
NOWHERE = "10.98.99.99"
SLACK = 0.3  # beyond -t, on top of what starting Python costs on this machine now

every_check = pytest.mark.parametrize("check", CHECKS)


def name_of(check: str) -> str:
    return check.removeprefix("check_").upper()


def records_of(check: str) -> list[Path]:
    """The check's records; without one, the test is skipped."""
    found = [path for path in RECORDS if path.name.startswith(check + "-")]
    if not found:
        pytest.skip(f"{check} has no record; test_every_check_brings_a_recorded_run says how")
    return found


def pinned_of(check: str) -> list[list[str]]:
    """Label and unit of every figure as they are pinned; without that, as the check lists them."""
    lines = run(check, "--list-perfdata").text.splitlines()
    pinned: list[list[str]] = PINNED.get(check, [(line + " ").split(" ")[:2] for line in lines])
    return pinned


def replayed(check: str, *arguments: str, number: int = 0) -> Outcome:
    return run(check, "--replay", str(records_of(check)[number]), *arguments)


def labels_of(check: str) -> list[str]:
    return [line.split()[0] for line in run(check, "--list-perfdata").text.splitlines()]


def well_formed(check: str, outcome: Outcome, perfdata: bool = True) -> None:
    """What must be true of every output, whatever happened."""
    first, _, _ = outcome.text.partition("\n")
    assert outcome.error == ""
    assert re.match(rf"{name_of(check)} (OK|WARNING|CRITICAL|UNKNOWN) - \S", first), first
    assert STATES.index(first.split()[1]) == outcome.code
    assert len(first.encode()) <= 1023
    assert len(outcome.line) <= 160 or not perfdata
    spared = "" if perfdata else "~"  # a usage error may have to spell a range
    assert not set(outcome.line) & set("`~$&|'\"<>;") - set(spared)
    assert re.fullmatch(r"[ -~\n]*", outcome.text)
    assert outcome.text.endswith("\n")
    if perfdata:
        assert outcome.text.count("|") == 1
        labels = [label for label, _ in pinned_of(check)]
        printed = [figure.label for figure in from_perfdata(first.partition("|")[2])]
        assert printed[: len(labels)] == labels[: first.partition("|")[2].count("=")]
    else:
        assert outcome.text.count("\n") == 1


@pytest.fixture(scope="module")
def black_hole() -> Iterator[net.Network]:
    """A host whose whole world swallows everything, its resolver too."""
    with net.network() as made:
        made.host("us")
        made.host("hole")
        made.link("us", "10.98.0.2/16", "hole", "10.98.0.1/16")
        made.drop("hole", "drop")
        interface = net.command(*made.inside("us"), "ip", "-o", "route").split()[2]
        for address in (NOWHERE, "10.98.0.1"):
            net.command(
                *made.inside("us"),
                "ip",
                "neighbour",
                "replace",
                address,
                "lladdr",
                "02:00:00:00:00:99",
                "dev",
                interface,
            )
        folder = Path("/etc/netns") / f"{made.prefix}us"
        folder.mkdir(parents=True)
        try:
            (folder / "resolv.conf").write_text("nameserver 10.98.0.1\n")
            (folder / "hosts").write_text("127.0.0.1 localhost\n")
            yield made
        finally:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()


@pytest.fixture(scope="module")
def start_up() -> float:
    """Seconds that starting a check costs here and now, so that a busy machine is not called a late check."""
    return min(run(CHECKS[0], "-V").seconds for _ in range(3))


# The checklist, in its order ----------------------------------------------------------------------


def test_there_are_checks() -> None:
    assert CHECKS


@every_check
def test_every_check_brings_a_recorded_run(check: str) -> None:
    records = [path.name for path in RECORDS if path.name.startswith(check + "-")]
    assert records, (
        f"tests/data/records/{check}-SITUATION.json is missing: write one with"
        f" plugins/{check} -H ... --record tests/data/records/{check}-SITUATION.json"
    )
    for name in records:
        text = name.replace(".json", ".txt")
        assert (HOUSE / "tests/data/records" / text).exists(), (
            f"tests/data/records/{text} is missing: write it with plugins/{check}"
            f" --replay tests/data/records/{name} > tests/data/records/{text}"
        )


@every_check
def test_the_target_alone_suffices(check: str) -> None:
    text = run(check, "-H", "127.0.0.1", "-t", "1").text
    assert "--help" not in text.partition("\n")[0], (
        f"plugins/{check} -H TARGET must be a whole command line: give every other option a default"
    )


@every_check
def test_version_is_one_line_on_stdout_and_exit_three(check: str) -> None:
    for option in ("-V", "--version"):
        outcome = run(check, option)
        assert (outcome.code, outcome.error) == (3, "")
        assert re.fullmatch(rf"{check} v\d+\.\d+\.\d+ \(bothsides[^)\n]*\)\n", outcome.text)


@every_check
def test_help_tells_everything_within_eighty_columns(check: str) -> None:
    texts = {run(check, option).text for option in ("-h", "--help", "-?")}
    assert len(texts) == 1
    text = texts.pop()
    assert run(check, "--help")[1:3] == ("", 3)
    assert (
        max(len(line) for line in text.splitlines() if not line.startswith("documentation: ")) <= 80
    )
    assert text.lower().startswith("usage: ")
    examples = text.partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 3, f"give the Check of {check} at least three `examples`"
    assert all(
        example.strip().startswith(check) for example in examples if not example.startswith("    ")
    )
    for word in (
        "exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN",
        "documentation: file://",
        "(default",
    ):
        assert word in text
    for label in labels_of(check):
        assert re.search(rf"^  {label} ", text, re.MULTILINE)


@every_check
@pytest.mark.parametrize(
    "arguments",
    [
        ("--bogus",),
        (),
        ("-w",),
        ("-t", "0"),
        ("-t", "x"),
        ("-t", "nan"),
        ("-t", "2:maybe"),
        ("--output", "xml"),
        ("stray", "words"),
    ],
)
def test_a_usage_error_is_one_unknown_line(check: str, arguments: tuple[str, ...]) -> None:
    outcome = run(check, *arguments)
    assert outcome.code == 3
    well_formed(check, outcome, perfdata=False)


@every_check
@pytest.mark.parametrize(
    ("wrong", "right"),
    [("--warn=1", "--warning"), ("--critcal=1", "--critical"), ("--timeuot=1", "--timeout")],
)
def test_options_are_not_abbreviated_and_the_nearest_is_named(
    check: str, wrong: str, right: str
) -> None:
    outcome = run(check, wrong)
    assert outcome.code == 3
    assert f"did you mean {right}" in outcome.text


@every_check
def test_a_negative_range_may_be_written_in_every_way(check: str) -> None:
    label = labels_of(check)[0]
    reference = replayed(check, f"--warning={label}=-5:5", "--critical=-9:9").text
    assert "usage" not in reference
    for spelling in (["-w", f"{label}=-5:5", "-c", "-9:9"], ["-w", f"{label}=-5:5", "-c-9:9"], [f"-w={label}=-5:5", "-c=-9:9"],
                     [f"-w{label}=-5:5", "--critical", "-9:9"]):  # fmt: skip
        assert replayed(check, *spelling).text == reference


@every_check
@pytest.mark.parametrize("text", ["/root:10", "@/home/nagios:5"])
def test_a_tilde_that_the_shell_expanded_is_explained(check: str, text: str) -> None:
    outcome = replayed(check, "-w", f"{labels_of(check)[0]}={text}")
    assert outcome.code == 3
    assert "quote" in outcome.text


@every_check
@pytest.mark.parametrize(
    "text",
    ["nan", "inf", "0x10", "010", "1_000", "\u0665", "2:1", ":", "", "1-10", "1,10:5x", "10:~"],
)
def test_what_is_not_a_range_disarms_nothing(check: str, text: str) -> None:
    outcome = replayed(check, "-c", f"{labels_of(check)[0]}={text}")
    assert outcome.code == 3
    well_formed(check, outcome, perfdata=False)


@every_check
def test_an_unknown_label_is_an_error_with_the_nearest_name(check: str) -> None:
    label = max(labels_of(check), key=len)
    outcome = replayed(check, "-w", f"{label}x=5")
    assert outcome.code == 3
    assert f"did you mean {label}" in outcome.text


@every_check
def test_every_figure_takes_limits(check: str) -> None:
    for label in labels_of(check):
        outcome = replayed(check, "-w", f"{label}=0:123456", "-c", f"{label}=0:1234567")
        assert label in outcome.perfdata or outcome.text.count("=") == 0
        well_formed(check, outcome)


_argument = st.one_of(
    st.sampled_from(
        [
            "-H",
            "-w",
            "-c",
            "-t",
            "-p",
            "-v",
            "--output",
            "json",
            "127.0.0.1",
            "-5:5",
            "5,5%",
            "=",
            "--",
            "-",
            "--extra-opts=x@/dev/null",
        ]
    ),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
)


@every_check
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_argument, max_size=5))
def test_no_command_line_leaves_the_four_exit_codes(check: str, arguments: list[str]) -> None:
    outcome = run(check, *arguments, "-t", "0.3", "--no-such-option")
    assert (outcome.code, outcome.error) == (3, "")
    assert len(outcome.text) > 10


@every_check
@pytest.mark.parametrize("environment", [{"PYTHONWARNINGS": "error"}, {"PYTHONDEVMODE": "1"}, {"PYTHONIOENCODING": "ascii"},
                                         {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "de_DE.UTF-8"}, {}],
                         ids=str)  # fmt: skip
def test_no_environment_changes_the_output_or_writes_to_stderr(
    check: str, environment: dict[str, str]
) -> None:
    path = str(records_of(check)[0])
    reference = replayed(check, "-v")
    outcome = run(check, "--replay", path, "-v", environment=NRPE_ENVIRONMENT | environment)
    assert outcome[:3] == reference[:3]


@every_check
def test_a_full_disk_and_a_closed_or_broken_stdout_are_unknown_and_silent(check: str) -> None:
    command = " ".join([*command_of(check), "--replay", str(records_of(check)[0])])
    for redirection in (">/dev/full", ">&-", "<&- >&- 2>&-"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {command} {redirection}"], capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (3, b"")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*command_of(check), "--replay", str(records_of(check)[0])],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (3, b"")


@every_check
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_brings_one_unknown_line_with_perfdata_at_once(
    check: str, number: signal.Signals, black_hole: net.Network, start_up: float
) -> None:
    command = [*black_hole.inside("us"), *command_of(check), "-H", NOWHERE, "-t", "7"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd="/"
    ) as process:
        time.sleep(0.7 + 2 * start_up)
        process.send_signal(number)
        sent = time.monotonic()
        text, error = process.communicate(timeout=10)
        took = time.monotonic() - sent
    outcome = Outcome(text.decode(), error.decode(), process.returncode, took)
    well_formed(check, outcome)
    assert outcome.code == 3
    assert f"interrupted by {number.name} while " in outcome.line
    assert took < 0.2 + 2 * start_up
    assert _descendants(process.pid) == []


def _descendants(pid: int) -> list[str]:
    """Processes that still are in the session or group of a process that has gone."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,sid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in listed.splitlines() if str(pid) in line.split()[:3]]


@every_check
@pytest.mark.parametrize("timeout", ["0.5", "1", "3"])
@pytest.mark.parametrize(
    "target", [NOWHERE, "www.example.net"], ids=["black hole", "dead resolver"]
)
def test_the_deadline_holds_against_a_black_hole_and_a_dead_resolver(
    check: str, timeout: str, target: str, black_hole: net.Network, start_up: float
) -> None:
    outcome = run(check, "-H", target, "-t", timeout, inside=black_hole.inside("us"))
    well_formed(check, outcome)
    assert outcome.code in (2, 3)
    assert outcome.seconds <= float(timeout) + SLACK + 2 * start_up
    if target != NOWHERE:
        assert outcome.code == 3, "a dead resolver is ours, not the target's"


@every_check
def test_labels_and_their_order_are_pinned(check: str) -> None:
    listed = [
        tuple((line + " ").split(" ")[:2])
        for line in run(check, "--list-perfdata").text.splitlines()
    ]
    assert check in PINNED, (
        f"tests/data/perfdata.json has no {check}; write it with"
        " .venv/bin/python3 -m tests.support.pins"
    )
    assert listed == [tuple(figure) for figure in PINNED[check]], (
        "tests/data/perfdata.json pins other figures: a label keeps its unit and its place for ever,"
        " since graphs are drawn from it; new ones go to the end (tests.support.pins writes them)"
    )
    assert len({label for label, _ in listed}) == len(listed)
    assert all(LABEL.fullmatch(label) and uom in ("", "s", "%", "B", "c") for label, uom in listed)


@every_check
def test_every_recorded_run_prints_all_labels_in_order(check: str) -> None:
    for number, _ in enumerate(records_of(check)):
        outcome = replayed(check, number=number)
        well_formed(check, outcome)
        assert list(outcome.perfdata) == [label for label, _ in pinned_of(check)]


@every_check
def test_every_recorded_run_reproduces_its_text_to_the_octet(check: str) -> None:
    """The text stands beside the record; when words change on purpose: CHECK --replay X.json > X.txt."""
    for number, path in enumerate(records_of(check)):
        expected = path.with_suffix(".txt")
        if not expected.exists():
            pytest.skip(f"{expected.name} is missing; another test says how to write it")
        assert replayed(check, number=number).text == expected.read_text(), (
            f"the words of {check} have changed; when that is meant: plugins/{check} --replay"
            f" tests/data/records/{path.name} > tests/data/records/{expected.name}"
        )


@every_check
def test_missing_figures_are_u_or_left_out(check: str, black_hole: net.Network) -> None:
    outcome = run(
        check,
        "-H",
        NOWHERE,
        "-t",
        "1",
        "--perfdata-missing",
        "omit",
        inside=black_hole.inside("us"),
    )
    assert "=U" not in outcome.text
    pinned = [label for label, _ in pinned_of(check)]
    assert [label for label in pinned if label in outcome.perfdata] == list(outcome.perfdata)


@every_check
def test_verbosity_changes_neither_line_one_nor_the_exit_code(check: str) -> None:
    outcomes = [
        replayed(check, *options)
        for options in ((), ("-v",), ("-vv",), ("-vvv",), ("-v", "--explain"))
    ]
    assert len({(outcome.text.partition("\n")[0], outcome.code) for outcome in outcomes}) == 1
    assert len(outcomes[1].text) > len(outcomes[0].text), (
        f"-v shows nothing more: let the judge of {check} yield a Table"
    )
    assert all(outcome.text.count("|") == 1 for outcome in outcomes)


@every_check
def test_json_follows_the_published_schema_and_says_the_same(check: str) -> None:
    for number, _ in enumerate(records_of(check)):
        text, parsed = (
            replayed(check, number=number),
            json.loads(replayed(check, "--output", "json", number=number).text),
        )
        jsonschema.validate(parsed, SCHEMA)
        assert parsed["state"] == text.line.split()[1]
        assert parsed["text"] == text.line
        assert {figure["label"]: figure["value"] for figure in parsed["perfdata"]} == {
            label: figure.value for label, figure in text.perfdata.items()
        }
        for target in parsed["targets"]:
            assert target["text"].startswith(f"{name_of(check)} {target['state']} - ")
            assert [figure["label"] for figure in target["perfdata"]] == labels_of(check)
        if len(parsed["targets"]) == 1:
            assert parsed["targets"][0]["state"] == parsed["state"]
        else:
            assert parsed["targets"], f"a record of {check} is about somebody: Run.subject"


@every_check
def test_every_option_can_be_set_by_an_ini_section(check: str, tmp_path: Path) -> None:
    path = tmp_path / "plugins.ini"
    usage = run(check, "--help").text.partition("examples:")[0]
    switches = re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]+)(?=[,\n]|  )", usage)
    assert switches
    for option in sorted(
        set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", usage))
        - {"--help", "--version", "--list-perfdata", "--extra-opts"}
    ):
        path.write_text(f"[own]\n{option[2:]}=1\n")
        with_value = run(check, f"--extra-opts=own@{path}", "--list-perfdata")
        path.write_text(f"[own]\n{option[2:]}\n")
        as_switch = run(check, f"--extra-opts=own@{path}", "--list-perfdata")
        assert "unknown key" not in with_value.text + as_switch.text
        assert "takes no value" not in with_value.text or "needs a value" not in as_switch.text


@every_check
def test_the_ini_comes_first_and_the_command_line_wins(check: str, tmp_path: Path) -> None:
    path = tmp_path / "plugins.ini"
    label = labels_of(check)[0]
    path.write_text(
        f"[{check}]\nreplay={records_of(check)[0]}\nwarning={label}=0:123\n[other]\nwarnign=1\n"
    )
    by_file = run(check, f"--extra-opts=@{path}")
    assert (
        by_file.text.partition("\n")[0].count(";123;")
        + by_file.text.partition("\n")[0].count(";123 ")
        >= 1
    )
    both = run(check, f"--extra-opts=@{path}", "-w", f"{label}=0:456")
    assert ";123" not in both.text.partition("\n")[0]
    wrong = run(check, f"--extra-opts=other@{path}")
    assert wrong.code == 3
    assert "unknown key warnign, did you mean warning" in wrong.text
    assert "line 5" in wrong.text


@every_check
def test_help_loads_no_foreign_library(check: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command_of(check)[1:], "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in loaded
    assert not loaded & {
        "nagiosplugin",
        "pycurl",
        "pysnmp",
        "pyasn1",
        "cryptography",
        "asyncio",
        "ssl",
        "sqlite3",
        "subprocess",
        "logging",
    }


NEEDLESS = {
    "argparse", "asyncio", "contextlib", "dataclasses", "email", "gettext", "hashlib", "http", "importlib",
    "inspect", "logging", "random", "ssl", "subprocess", "tempfile", "threading", "traceback",
    "typing", "unittest", "urllib",
}  # fmt: skip
"""Modules that cost every run 0.3 to 12 ms, and that rare runs can import where they need them."""


@every_check
def test_a_usual_run_loads_nothing_needless(check: str) -> None:
    command = [sys.executable, "-X", "importtime", *command_of(check)[1:], "-H", "127.0.0.1"]
    done = subprocess.run([*command, "-t", "1"], capture_output=True, text=True, check=False)
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "nagiosplugin.performance" in names
    needless = sorted(name for name in names if name.split(".")[0] in NEEDLESS)
    assert not needless, (
        f"a usual run of {check} imports {', '.join(needless)}: import it inside the function that"
        " needs it, or take the names of types from bothsides.base.types"
    )


@every_check
def test_a_run_needs_no_more_than_forty_megabytes(check: str, black_hole: net.Network) -> None:
    # a small process in between, because a child begins with the peak of whoever has started it
    code = "import resource, subprocess as s, sys; s.run(sys.argv[1:], stdout=s.DEVNULL, stdin=s.DEVNULL)"
    told = "; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    asked = [*command_of(check), "-H", NOWHERE, "-t", "1"]
    peak = net.command(*black_hole.inside("us"), sys.executable, "-I", "-c", code + told, *asked)
    assert int(peak) <= 40 * 1024


@every_check
def test_it_runs_as_nobody_on_a_read_only_file_system(check: str, black_hole: net.Network) -> None:
    setpriv = need.program("setpriv", "util-linux")
    unshare = need.program("unshare", "util-linux")
    # dac_read_search only lets nobody reach a Python that lies below /root; it gives no right to write or to send.
    drop = (
        setpriv,
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search",
    )
    inside = (
        *black_hole.inside("us"),
        unshare,
        "--mount",
        "/bin/sh",
        "-c",
        'mount -o remount,bind,ro / 2>/dev/null; exec "$@"',
        "sh",
        *drop,
    )
    outcome = run(check, "-H", NOWHERE, "-t", "1.5", inside=inside, environment=NRPE_ENVIRONMENT)
    well_formed(check, outcome)
    assert outcome.code in (2, 3)


@every_check
def test_no_program_is_taken_from_the_path(check: str, tmp_path: Path) -> None:
    for name in ("mtr", "mtr-packet", "dig", "ping", "snmpget", "curl", "chronyc", "sh", "ps"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/touched\n")
        (tmp_path / name).chmod(0o755)
    run(check, "-H", "127.0.0.1", "-t", "2", environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert not (tmp_path / "touched").exists()


@every_check
def test_exit_ok_keeps_the_text(check: str) -> None:
    plain, forgiven = replayed(check), replayed(check, "--exit-ok")
    assert forgiven.code == 0
    assert forgiven.text == plain.text


@every_check
@pytest.mark.parametrize(
    "target",
    [
        "-oX",
        "; reboot",
        "$(id)",
        "x" * 300,
        "a b",
        "a|b",
        "`id`",
        "../../etc/passwd",
        "caf\u00e9\u202e",
        "",
    ],
)
def test_a_target_is_never_an_option_a_command_or_a_break_of_the_output(
    check: str, target: str
) -> None:
    for arguments in (("-H", target), (f"-H{target}",), (f"-H={target}",)):
        outcome = run(check, *arguments, "-t", "1", timeout=20)
        assert outcome.code == 3
        assert outcome.error == ""
        assert outcome.text.count("\n") >= 1
        assert outcome.text.count("|") <= 1


@every_check
@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"check": 1, "plan": [], "run": null}', "\0\xff", "{" * 5000]
)
def test_a_broken_record_is_one_unknown_line(check: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(content)
    outcome = run(check, "--replay", str(path))
    assert outcome.code == 3
    well_formed(check, outcome)


@every_check
def test_a_record_that_cannot_be_written_is_said_and_the_measurement_kept(check: str) -> None:
    kept = replayed(check)
    outcome = replayed(check, "--record", "/nonexistent/x.json")
    assert "cannot write the record /nonexistent/x.json" in outcome.text
    assert (
        outcome.text.partition("|")[2].partition("\n")[0]
        == kept.text.partition("|")[2].partition("\n")[0]
    )
    assert outcome.code in (kept.code, 3)


@every_check
def test_what_is_recorded_is_judged_the_same_again(check: str, tmp_path: Path) -> None:
    for number, path in enumerate(records_of(check)):
        again = tmp_path / path.name
        first = replayed(check, "--record", str(again), number=number)
        assert run(check, "--replay", str(again)).text == first.text


def test_long_output_reaches_a_reader_that_reads_only_after_the_exit() -> None:
    """Nagios reads what is left in the pipe only once, 4096 octets; so nothing may be left."""
    _, check, path = max(
        (path.stat().st_size, check, str(path)) for check in CHECKS for path in records_of(check)
    )
    options = ("--replay", path, "-vvv", "--explain")
    if len(run(check, *options).text) <= 4096:
        pytest.skip("no record with an output of more than 4096 octets")
    with subprocess.Popen([*command_of(check), *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        text = b""
        while process.poll() is None:
            text += os.read(process.stdout.fileno(), 4096)
        rest = process.stdout.read()
    assert len(text) > 4096
    assert len(rest) == 0


def test_a_fifth_check_is_covered_without_being_named(tmp_path: Path) -> None:
    """A bad check dropped into plugins/ fails here."""
    planted = tmp_path / "check_bad"
    planted.write_text("#!/usr/bin/env python3\nimport sys\nprint('all is well')\nsys.exit(0)\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        __file__,
        "-k",
        "usage_error or version or recorded_run",
    ]
    done = subprocess.run(
        command,
        cwd=HOUSE,
        env=os.environ | {"BOTHSIDES_PLUGINS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "check_bad" in done.stdout
    for expectation in ("usage_error", "version", "recorded_run"):
        assert re.search(rf"FAILED .*{expectation}.*check_bad", done.stdout)
