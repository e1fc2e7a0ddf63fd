"""bothsides plan: a line for every host or every pair, and who would send too much."""

import re
from pathlib import Path

import pytest

from bothsides.command import inventory_plan
from bothsides.inventory.faults import Wrong
from tests.command.program import LANDSCAPES, parsed, run

TWO = """\
[[server]]
name = "a"
ip = "192.0.2.1"
[[server]]
name = "b"
ip = "192.0.2.2"
"""


def test_plan_has_a_line_for_every_host_and_their_sum() -> None:
    code, text = run("plan", LANDSCAPES / "wonderproxy.toml")
    lines = text.splitlines()
    assert (code, len(lines)) == (0, 1 + 39 + 1)
    assert "kbit/s out" in lines[0]
    assert re.match(r"amsterdam +37 +37 +370\.0 +370\.0 +426\.2 +426\.2 +1 ", lines[1])
    assert re.match(r"all +1406 +1406 ", lines[-1])


def test_plan_of_one_host_has_a_line_for_every_pair() -> None:
    code, text = run("plan", LANDSCAPES / "kuenzler.toml", "--host", "wit1")
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


def lines(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """What is printed."""
    assert inventory_plan.run(parsed(inventory_plan.options, path, *words)) == 0
    return capsys.readouterr().out.splitlines()


def test_the_figures_of_a_host_stand_below_their_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TWO + '[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\nrate = "10/s"\n')
    head, *rows = lines(path, capsys)
    assert {len(row) for row in rows} == {len(head)}
    figures = [row.split()[:7] for row in rows]
    assert figures == [
        ["a", "1", "0", "10.0", "0.0", "5.8", "5.8"],
        ["b", "0", "1", "0.0", "10.0", "5.8", "5.8"],
        ["all", "1", "1", "10.0", "10.0", "11.5", "11.5"],
    ]


def test_a_pair_is_listed_in_both_directions_and_a_pair_with_oneself_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        TWO + '[[check]]\nfrom = "all"\nto = "all"\ncheck = "udp_ping"\nrate = "10/s"\n'
        '[[path]]\nfrom = "b"\nto = "a"\nevery = "1m"\n'
    )
    assert sorted(lines(path, capsys, "--host", "a")) == [
        "a -> a  udp  192.0.2.1  rate 10",
        "a -> b  udp  192.0.2.2  rate 10",
        "b -> a  path  192.0.2.1  every 60",
        "b -> a  udp  192.0.2.1  rate 10",
    ]


def test_an_unknown_host_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TWO)
    with pytest.raises(Wrong, match='unknown host "c"; known: a, b'):
        lines(path, capsys, "--host", "c")
