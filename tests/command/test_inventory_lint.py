"""bothsides lint: every fault with its line, warnings, and a summary."""

import re
from pathlib import Path

import pytest

from bothsides.command import inventory_lint
from bothsides.inventory import files
from bothsides.inventory.faults import Faulty
from tests.command.program import LANDSCAPES, parsed, run


@pytest.mark.parametrize(
    "name", ["wonderproxy", "semaphore", "kuenzler", "mehsh", "mehsh/readme-3-lamp"]
)
def test_lint_of_a_sound_landscape_is_one_line(name: str) -> None:
    code, text = run("lint", LANDSCAPES / f"{name}.toml")
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
    code, text = run("lint", LANDSCAPES / "kuenzler.toml", "--mehsh")
    assert code == 0
    assert text.count(": warning: ") >= 8
    assert 'mehsh does not know expressions: "role:witness"' in text
    assert run("lint", LANDSCAPES / "mehsh.toml", "--mehsh")[1].endswith("no fault, 0 warnings\n")


def test_lint_warns_of_a_maintenance_that_is_over(landscape: Path) -> None:
    landscape.write_text(landscape.read_text().replace("2030-", "2020-"))
    code, text = run("lint", landscape)
    assert (code, text.count("\n")) == (0, 2)
    assert "over since 2020-01-10" in text


def test_the_landscape_of_the_system_is_read_unless_another_is_named() -> None:
    assert parsed(inventory_lint.options).file == files.DEFAULT
    named = parsed(inventory_lint.options, "x.toml", "--mehsh")
    assert (named.file, named.mehsh) == ("x.toml", True)


def test_warnings_are_sorted_by_line_in_front_of_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    host = '[[server]]\nname = "{}"\nip = "192.0.2.{}"\n'
    check = '[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\n'
    over = '[[maintenance]]\nwhat = "a"\nbegin = 2020-01-01T00:00:00Z\nend = 2020-01-02T00:00:00Z\n'
    path.write_text(host.format("a", 1) + host.format("b", 2) + over + check + check)
    assert inventory_lint.run(parsed(inventory_lint.options, path)) == 0
    assert capsys.readouterr().out.splitlines() == [
        f'{path}:7: warning: [[maintenance]]: "a": over since 2020-01-02T00:00:00+00:00;'
        " take the table out",
        f"{path}:15: warning: [[check]] 2: the same as [[check]] 1 at {path}:11;"
        " this one holds; take one out",
        f"{path}: 2 servers, 0 groups, 2 checks by 1 server: no fault, 2 warnings",
    ]


@pytest.mark.parametrize(
    ("source", "role", "asking"),
    [
        ("all", "", "2 servers"),
        ("a", "", "1 server"),
        ("monitor", "", "the monitor"),
        ("all | monitor", "", "2 servers and the monitor"),
        ("all | monitor", 'role = "monitor"', "2 servers"),  # one of them is it
    ],
)
def test_the_monitor_is_no_server_where_no_table_describes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str, role: str, asking: str
) -> None:
    path = tmp_path / "x.toml"
    host = '[[server]]\nname = "{}"\nip = "192.0.2.{}"\n'
    check = f'[[check]]\nfrom = "{source}"\nto = "all"\ncheck = "udp_ping"\n'
    path.write_text(f"{host.format('a', 1)}{role}\n{host.format('b', 2)}{check}")
    assert inventory_lint.run(parsed(inventory_lint.options, path)) == 0
    summary = f"{path}: 2 servers, 0 groups, 1 check by {asking}: no fault, 0 warnings"
    assert capsys.readouterr().out.splitlines()[-1] == summary


def test_a_fault_is_raised_and_nothing_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text("[[servr]]\n")
    with pytest.raises(Faulty, match="unknown table"):
        inventory_lint.run(parsed(inventory_lint.options, path))
    assert capsys.readouterr().out == ""
