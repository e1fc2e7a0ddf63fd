"""bothsides explain: every value between two hosts with its line, or why nothing is asked."""

import re
from pathlib import Path

import pytest

from bothsides.command import inventory_explain
from bothsides.inventory.faults import Wrong
from tests.command.program import parsed, run

TWO = """\
[[server]]
name = "a"
ip = "192.0.2.1"
[[server]]
name = "b"
ip = "192.0.2.2"
"""


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


def lines(path: Path, capsys: pytest.CaptureFixture[str], *ends: str) -> list[str]:
    """What is printed."""
    assert inventory_explain.run(parsed(inventory_explain.options, path, *ends)) == 0
    return capsys.readouterr().out.splitlines()


def test_hosts_pairs_and_the_way_back_are_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TWO + '[[path]]\nfrom = "a"\nto = "b"\nflows = 3\nvia = ["AS1", "AS2"]\n')
    printed = lines(path, capsys, "a", "b")
    assert printed[:6] == [
        f"a  {path}:1",
        f'  ip           192.0.2.1                {path}:3  [[server]] "a"',
        f"b  {path}:4",
        f'  ip           192.0.2.2                {path}:6  [[server]] "b"',
        "",
        f"a -> b  path  by [[path]] 1  {path}:7",
    ]
    assert printed[6:] == [
        "  address      192.0.2.2",
        "  every        300                      built in",
        f"  flows        3                        {path}:10  [[path]] 1",
        f"  via          AS1, AS2                 {path}:11  [[path]] 1",
        "",
        "b asks a: nothing",
    ]


def test_third_hosts_and_overrides_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    others = "".join(
        f'[[server]]\nname = "{name}"\nip = "192.0.2.{number}"\n'
        for number, name in enumerate("cd", 3)
    )
    check = '[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\nthird = "any"\n'
    pair = '[[pair]]\nfrom = "a"\nto = "b"\nrate = 3\nreason = "slow line"\n'
    path.write_text(TWO + others + check + pair)
    assert lines(path, capsys, "a", "b")[-4:] == [
        f"  [[pair]] 1 holds: slow line  {path}:18",
        "  third        c, d",
        "",
        "b asks a: nothing",
    ]


def test_a_disabled_host_asks_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TWO + 'disabled = true\n[[path]]\nfrom = "a"\nto = "b"\n')
    assert f"a asks b nothing: b is disabled at {path}:4" in lines(path, capsys, "a", "b")


def test_a_monitor_without_a_table_is_not_in_the_landscape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TWO + '[[clock]]\nfrom = "monitor"\nto = "a"\n')
    assert lines(path, capsys, "monitor", "a")[0] == "monitor  not in the landscape"


def test_an_unknown_host_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TWO)
    with pytest.raises(Wrong, match='unknown host "c"; known: a, b'):
        lines(path, capsys, "a", "c")
