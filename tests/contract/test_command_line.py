"""What every check takes on its command line and in ini files, and how it refuses the rest."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import forked
from tests.support.contract import every_check, labels_of, records_of, replayed, well_formed
from tests.support.process import run


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
    text, error, code = run(check, "--help")[:3]
    assert (error, code) == ("", 3)
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
def test_the_short_help_names_every_option_on_one_screen(check: str) -> None:
    short, whole = run(check, "-h").text, run(check, "--help").text
    assert run(check, "-?")[:3] == (short, "", 3)
    usage = whole.partition("\n\n")[0]
    assert usage in short
    assert len(short.splitlines()) - len(usage.splitlines()) <= 16
    assert max(map(len, short.splitlines())) <= 100
    for words in ("examples:\n", f"{check} --help", "exit codes: 0 OK"):
        assert words in short


@every_check
def test_a_usage_error_of_a_plugin_that_starts_by_itself_is_one_unknown_line(check: str) -> None:
    outcome = run(check, "--bogus")
    assert outcome.code == 3
    well_formed(check, outcome, perfdata=False)
    assert outcome[:3] == forked.run(check, "--bogus")[:3]


@every_check
@pytest.mark.parametrize(
    "arguments",
    [
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
    outcome = forked.run(check, *arguments)
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
    outcome = forked.run(check, wrong)
    assert outcome.code == 3
    assert f"did you mean {right}" in outcome.text


@every_check
def test_a_negative_range_may_be_written_in_every_way(check: str) -> None:
    label = labels_of(check)[0]
    reference = replayed(check, f"--warning={label}=-5:5", "--critical=-9:9").text
    assert "usage" not in reference
    for spelling in (["-w", f"{label}=-5:5", "-c", "-9:9"], ["-w", f"{label}=-5:5", "-c-9:9"],
        [f"-w={label}=-5:5", "-c=-9:9"],
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
    outcome = forked.run(check, *arguments, "-t", "0.3", "--no-such-option")
    assert (outcome.code, outcome.error) == (3, "")
    assert len(outcome.text) > 10


@every_check
def test_every_option_can_be_set_by_an_ini_section(check: str, tmp_path: Path) -> None:
    path = tmp_path / "plugins.ini"
    usage = forked.run(check, "--help").text.partition("examples:")[0]
    switches = re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]+)(?=[,\n]|  )", usage)
    assert switches
    for option in sorted(
        set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", usage))
        - {"--help", "--version", "--list-perfdata", "--extra-opts"}
    ):
        path.write_text(f"[own]\n{option[2:]}=1\n")
        with_value = forked.run(check, f"--extra-opts=own@{path}", "--list-perfdata")
        path.write_text(f"[own]\n{option[2:]}\n")
        as_switch = forked.run(check, f"--extra-opts=own@{path}", "--list-perfdata")
        assert "unknown key" not in with_value.text + as_switch.text
        assert "takes no value" not in with_value.text or "needs a value" not in as_switch.text


@every_check
def test_the_ini_comes_first_and_the_command_line_wins(check: str, tmp_path: Path) -> None:
    path = tmp_path / "plugins.ini"
    label = labels_of(check)[0]
    path.write_text(
        f"[{check}]\nreplay={records_of(check)[0]}\nwarning={label}=0:123\n[other]\nwarnign=1\n"
    )
    by_file = forked.run(check, f"--extra-opts=@{path}")
    assert (
        by_file.text.partition("\n")[0].count(";123;")
        + by_file.text.partition("\n")[0].count(";123 ")
        >= 1
    )
    both = forked.run(check, f"--extra-opts=@{path}", "-w", f"{label}=0:456")
    assert ";123" not in both.text.partition("\n")[0]
    wrong = forked.run(check, f"--extra-opts=other@{path}")
    assert wrong.code == 3
    assert "unknown key warnign, did you mean warning" in wrong.text
    assert "line 5" in wrong.text


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
        outcome = forked.run(check, *arguments, "-t", "1", timeout=20)
        assert outcome.code == 3
        assert outcome.error == ""
        assert outcome.text.count("\n") >= 1
        assert outcome.text.count("|") <= 1
