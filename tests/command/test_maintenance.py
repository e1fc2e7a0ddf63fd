"""bothsides maintenance: flags are set, listed and taken away."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bothsides.command import maintenance
from bothsides.inventory.faults import Wrong
from bothsides.inventory.files import read_flags, write_flags
from bothsides.inventory.maintenance import Flag
from bothsides.parse import Unreadable
from tests.command.program import LANDSCAPES, parsed, run


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
        str(LANDSCAPES / "kuenzler.toml"),
    ]
    code, text = run(*words)
    assert code == 0
    assert text.startswith(
        "dc:ch.zrh.b: 2030-01-10T22:00:00+01:00 to 2030-01-10T23:30:00+01:00, by "
    )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path


def act(state: Path, *words: str) -> int:
    """Runs the subcommand on a state directory."""
    return maintenance.run(parsed(maintenance.options, *words, "--state-dir", state))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("1d", timedelta(days=1))],
)
def test_a_flag_lasts_from_now_for_its_duration(
    state: Path, text: str, expected: timedelta
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert act(state, "on", "--for", text, "--owner", "ann", "--reason", "x") == 0
    (flag,) = read_flags(str(state))
    assert flag == Flag("all", flag.begin, flag.begin + expected, "ann", "x")
    assert before <= flag.begin <= datetime.now(UTC)


def test_an_end_with_an_offset_is_kept_in_utc(state: Path) -> None:
    end = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    local = end + timedelta(hours=2)
    act(state, "on", "--until", f"{local:%Y-%m-%dT%H:%M:%S}+02:00", "--what", "web1")
    (flag,) = read_flags(str(state))
    assert (flag.what, flag.end) == ("web1", end)


def test_the_owner_is_the_user_before_sudo(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ann")
    act(state, "on", "--for", "2h")
    assert [flag.owner for flag in read_flags(str(state))] == ["ann"]


def test_a_flag_that_is_over_is_listed_as_over(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    write_flags(str(state), [Flag("all", begin, begin + timedelta(hours=1), "ann", "x")])
    assert act(state, "list") == 0
    expected = "all: 2020-01-01 00:00 to 2020-01-01 01:00 UTC, over, by ann: x\n"
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--for", "2h", "--until", "2030-01-01T00:00Z"], "the end is missing"),
        (["--for", "h"], '"h" is not a duration'),
        (["--until", "tomorrow"], '"tomorrow" is not a time with its offset'),
        (["--until", "2030-01-01T00:00"], "is not a time with its offset"),
    ],
)
def test_a_flag_without_one_clear_end_is_wrong_and_not_kept(
    state: Path, words: list[str], said: str
) -> None:
    with pytest.raises(Wrong, match=said):
        act(state, "on", *words)
    assert read_flags(str(state)) == []


def test_a_directory_that_is_not_there_is_named(state: Path) -> None:
    with pytest.raises(Unreadable, match="gone"):
        act(state / "gone", "on", "--for", "2h")


def test_without_a_directory_the_checks_and_the_prober_are_meant_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """udp_mesh has a state directory of its own under its unit."""

    def done(*words: str) -> str:
        assert maintenance.run(parsed(maintenance.options, *words)) == 0
        return capsys.readouterr().out

    checks, mesh = tmp_path / "checks", tmp_path / "mesh"
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr(maintenance, "_DEFAULT", str(checks))
    monkeypatch.setattr(maintenance, "_MESH", str(mesh))
    checks.mkdir(0o755)
    done("on", "--for", "2h", "--what", "web1")
    mesh.mkdir(0o755)
    text = done("on", "--for", "2h", "--what", "db1")
    assert (text.count("db1: "), text.count("web1: ")) == (1, 1)
    assert [flag.what for flag in read_flags(str(mesh))] == ["db1"]
    assert done("off", "--what", "db1").startswith("web1: ")
    assert done("off", "--what", "web1") == "no maintenance\n"
    mesh.chmod(0o777)
    with pytest.raises(Unreadable, match=r"mesh can be written by everybody"):
        done("on", "--for", "2h")
    assert [flag.what for flag in read_flags(str(checks))] == ["all"], "the other one is held"
