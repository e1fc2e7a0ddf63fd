"""The program bothsides as a process: one line for a fault, exit codes, never a traceback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
SCRIPT = HOUSE / "plugins" / "bothsides"
DATA = HOUSE / "tests" / "data" / "landscapes"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def run(*words: str | Path, environment: dict[str, str] = ENVIRONMENT) -> tuple[int, str]:
    """Exit code and stdout; nothing is ever on stderr."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *words],
        capture_output=True,
        env=environment,
        cwd="/",
        timeout=60,
        check=False,
    )
    assert done.stderr == b"", done.stderr.decode()
    return done.returncode, done.stdout.decode()


@pytest.fixture
def landscape(tmp_path: Path) -> Path:
    path = tmp_path / "mesh.toml"
    path.write_text((DATA / "kuenzler.toml").read_text())
    return path


@pytest.mark.parametrize(
    "name", ["wonderproxy", "semaphore", "kuenzler", "mehsh", "mehsh/readme-3-lamp"]
)
def test_lint_of_a_sound_landscape_is_one_line(name: str) -> None:
    code, text = run("lint", DATA / f"{name}.toml")
    assert (code, text.count("\n")) == (0, 1)
    assert "no fault, 0 warnings" in text


def test_lint_says_every_fault_with_its_line_and_exits_3(landscape: Path) -> None:
    text = (
        landscape.read_text()
        .replace('name = "api2"', 'nam = "api2"', 1)
        .replace('to = "dc:aws"', 'to = "dc:aw"')
    )
    landscape.write_text(text)
    code, out = run("lint", landscape)
    lines = out.splitlines()
    assert code == 3
    assert [int(line.split(":")[1]) for line in lines] == sorted(
        int(line.split(":")[1]) for line in lines
    )
    assert re.fullmatch(
        r'.*/mesh\.toml:\d+: \[\[server\]\] 2: unknown key "nam", did you mean "name"\?', lines[1]
    )


def test_lint_for_mehsh_names_what_mehsh_does_not_understand() -> None:
    code, text = run("lint", DATA / "kuenzler.toml", "--mehsh")
    assert code == 0
    assert text.count(": warning: ") >= 8
    assert 'mehsh does not know expressions: "role:witness"' in text
    assert run("lint", DATA / "mehsh.toml", "--mehsh")[1].endswith("no fault, 0 warnings\n")


def test_lint_warns_of_a_maintenance_that_is_over(landscape: Path) -> None:
    landscape.write_text(landscape.read_text().replace("2030-", "2020-"))
    code, text = run("lint", landscape)
    assert (code, text.count("\n")) == (0, 2)
    assert "over since 2020-01-10" in text


def test_plan_has_a_line_for_every_host_and_their_sum() -> None:
    code, text = run("plan", DATA / "wonderproxy.toml")
    lines = text.splitlines()
    assert (code, len(lines)) == (0, 1 + 39 + 1)
    assert "kbit/s out" in lines[0]
    assert re.match(r"amsterdam +37 +37 +370\.0 +370\.0 +426\.2 +426\.2 +1 ", lines[1])
    assert re.match(r"all +1406 +1406 ", lines[-1])


def test_plan_of_one_host_has_a_line_for_every_pair() -> None:
    code, text = run("plan", DATA / "kuenzler.toml", "--host", "wit1")
    assert code == 0
    assert "wit1 -> db1  udp  10.20.0.10  rate 40\n" in text
    assert "api1 -> wit1  path  198.51.100.77  every 600\n" in text


def test_plan_says_when_a_host_would_send_too_much(tmp_path: Path) -> None:
    rows = ", ".join(f'["h{number}", "192.0.2.{number}"]' for number in range(1, 52))
    text = f'[defaults]\nmax_pps = 500\n[servers]\ncolumns = ["name", "ip"]\nrows = [{rows}]\n'
    text += '[[check]]\nfrom = "h1"\nto = "all"\ncheck = "udp_ping"\nexcept = "self"\n'
    (tmp_path / "x.toml").write_text(text)
    assert (
        "h1: 2000 probes/s are more than max_pps = 500; every pair gets 25% of its rate"
        in run("plan", tmp_path / "x.toml")[1]
    )


def test_explain_names_the_line_of_every_value(landscape: Path) -> None:
    code, text = run("explain", landscape, "api1", "wit1")
    assert code == 0
    lines = landscape.read_text().splitlines()
    for key, line in re.findall(r"^  (\w+) +.*?mesh\.toml:(\d+)  ", text, re.MULTILINE):
        assert re.search(rf"\b{key}\b", lines[int(line) - 1]), (key, line)
    assert re.search(r"^  warning +60\.0,5% .*\[\[pair\]\] 1$", text, re.MULTILINE)
    assert re.search(r"^  rate +40 +built in$", text, re.MULTILINE)
    assert "Ireland is farther away" in text


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("", "no check selects this pair"),
        (
            '[[pair]]\nfrom = "api1"\nto = "db1"\ndisabled = true\nreason = "moved"\n',
            "is disabled: moved",
        ),
    ],
)
def test_explain_says_why_nothing_is_asked(landscape: Path, more: str, why: str) -> None:
    landscape.write_text(landscape.read_text() + more)
    code, text = run("explain", landscape, "api1", "db1" if more else "api2")
    assert code == 0
    assert why in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "bothsides: missing command; see bothsides --help"),
        (["lnit"], "bothsides: unknown command lnit, did you mean lint?; see bothsides --help"),
        (["--vresion"], "bothsides: unknown option --vresion, did you mean --version?"),
        (["lint", "--mesh"], "bothsides: unknown option --mesh, did you mean --mehsh?; see"),
        (
            ["lint", "/nonexistent"],
            "bothsides: cannot read /nonexistent: No such file or directory",
        ),
        (["lint", "/"], "bothsides: cannot read /: "),
        (["lint", "/dev/null"], "bothsides: cannot read /dev/null: not a regular file"),
        (
            ["plan", "{file}", "--host", "ap1"],
            'bothsides: unknown host "ap1"; did you mean "api1"?',
        ),
        (
            ["explain", "{file}", "api1", "ap2"],
            'bothsides: unknown host "ap2"; did you mean "api2"?',
        ),
        (["explain", "{file}", "api1"], "bothsides: missing argument B; see bothsides explain"),
        (["maintenance", "on"], "bothsides: the end is missing; give --for 2h or --until TIME"),
        (
            ["maintenance", "on", "--for", "2"],
            'bothsides: "2" is not a duration; write 30m, 2h or 1d',
        ),
        (
            ["maintenance", "on", "--for", "99d"],
            "bothsides: a maintenance lasts from now until at most 30 days",
        ),
        (["maintenance", "on", "--until", "9"], 'bothsides: "9" is not a time with its offset'),
        (["maintenance", "on", "--until", "2020-01-01"], "bothsides: "),
        (["maintenance", "off"], 'bothsides: no maintenance of "all" is on'),
        (["maintenance", "stop"], "bothsides: argument action: invalid choice: 'stop'"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_3(
    tmp_path: Path, words: list[str], said: str
) -> None:
    words = [word.format(file=DATA / "kuenzler.toml") for word in words]
    code, text = run(*words, environment={**ENVIRONMENT, "STATE_DIRECTORY": str(tmp_path)})
    assert (code, text.count("\n")) == (3, 1)
    assert text.startswith(said)


def test_maintenance_is_switched_on_listed_and_off(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    state = ["--state-dir", str(tmp_path)]
    code, text = run(
        "maintenance", "on", "--for", "2h", "--reason", "new switch", "--owner", "ann", *state
    )
    assert code == 0
    assert re.fullmatch(r"all: [0-9: -]+ to [0-9: -]+ UTC, by ann: new switch\n", text)
    assert run("maintenance", "list", *state) == (0, text)
    assert run("maintenance", "on", "--for", "1d", "--what", "web1", *state)[1].count("\n") == 2
    assert run("maintenance", "off", *state)[1].startswith("web1: ")
    assert run("maintenance", "off", "--what", "web1", *state) == (0, "no maintenance\n")


def test_maintenance_lists_what_the_landscape_plans(tmp_path: Path) -> None:
    words = [
        "maintenance",
        "list",
        "--state-dir",
        str(tmp_path),
        "--landscape",
        str(DATA / "kuenzler.toml"),
    ]
    code, text = run(*words)
    assert code == 0
    assert text.startswith(
        "dc:ch.zrh.b: 2030-01-10T22:00:00+01:00 to 2030-01-10T23:30:00+01:00, by "
    )


@pytest.mark.parametrize(
    "words", [["--help"], ["-h"], ["lint", "--help"], ["explain", "-h"], ["maintenance", "--help"]]
)
def test_help_is_printed_and_fine(words: list[str]) -> None:
    code, text = run(*words)
    assert code == 0
    assert text.startswith("usage: bothsides")


def test_the_version_is_printed() -> None:
    code, text = run("--version")
    assert code == 0
    assert re.fullmatch(r"bothsides v\S+\n", text)


def test_names_in_another_alphabet_are_printed_in_any_locale(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('[[server]]\nname = "büro"\nip = "192.0.2.1"\n')
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    code, text = run("lint", tmp_path / "x.toml", environment=environment)
    assert code == 3
    assert '"b\\xfcro" is not a name' in text


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} {SCRIPT} plan {DATA}/wonderproxy.toml | true",
        shell=True,
        capture_output=True,
        timeout=60,
        check=False,
        env=dict(os.environ),
    )
    assert done.stderr == b""
