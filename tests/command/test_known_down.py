"""bothsides known-down: hosts that Nagios has down or in downtime do not alarm.

Everybody else does.
"""

from pathlib import Path

import pytest

from bothsides.command.known_down import Host, hosts_of, named, names_of
from tests.support.forked import run

STATUS = """\
info {
	created=1
	}

hoststatus {
	host_name=H3
	plugin_output=PING	CRITICAL = 100%
	current_state=1
	scheduled_downtime_depth=0
	}

hoststatus {
	host_name=h4
	current_state=0
	scheduled_downtime_depth=1
	}

hoststatus {
	host_name=h2
	current_state=0
	scheduled_downtime_depth=0
	}

servicestatus {
	host_name=h2
	current_state=2
	}
"""  # fmt: skip
OBJECTS = (
    "define host {\n\thost_name\tH3\n\talias\th3\n\taddress\t192.0.2.3\n\t}\n\n"
    "define host {\n\thost_name\th2\n\talias\th2\n\t}\n\n"
)
CHECK = """\
#!/bin/sh
echo "UDP_LOSS CRITICAL - 2 of 3 targets in trouble | pl=100%;5;15"
echo "[CRITICAL] more"
[ -z "$1" ] || echo "$1"
exit ${2:-2}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Nagios' files and a check that is CRITICAL."""
    (tmp_path / "status.dat").write_text(STATUS)
    (tmp_path / "objects.cache").write_text(OBJECTS)
    (tmp_path / "check").write_text(CHECK)
    (tmp_path / "check").chmod(0o755)
    return tmp_path


def ran(site: Path, line: str, *options: str, code: str = "2") -> tuple[int, list[str]]:
    """Exit code and lines of a check that ends with this line."""
    words = ["--status", str(site / "status.dat"), "--objects", str(site / "objects.cache")]
    outcome = run(
        "bothsides", "known-down", *words, *options, "--", str(site / "check"), line, code
    )
    assert outcome.error == ""
    return outcome.code, outcome.text.splitlines()


def test_only_a_host_that_is_down_is_bad_and_the_check_is_ok(site: Path) -> None:
    code, lines = ran(site, "not OK: h3 CRITICAL, others OK")
    assert code == 0
    assert lines[0] == "UDP_LOSS OK - h3 down, 2 of 3 targets in trouble | pl=100%;5;15"
    assert lines[1] == "[CRITICAL] more"


def test_a_downtime_spares_too_and_says_so(site: Path) -> None:
    code, lines = ran(site, "not OK: h3 CRITICAL, h4 WARNING, others OK")
    assert code == 0
    assert lines[0].startswith("UDP_LOSS OK - h3 down; h4 in MAINTENANCE by downtime, 2 of 3")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("not OK: h3 CRITICAL, h2 WARNING, others OK", 1),
        ("not OK: h3 CRITICAL, others UNKNOWN", 3),
        ("not OK: h3 CRITICAL, others WARNING", 1),
        ("not OK: h2 CRITICAL, others OK", 2),
        ("not OK: unknown CRITICAL, others OK", 2),
    ],
)
def test_everybody_else_alarms_as_ever(site: Path, line: str, expected: int) -> None:
    assert ran(site, line)[0] == expected


@pytest.mark.parametrize(
    "line", ["", "not OK: h3 CRITICAL, oth", "not OK: h3", "not OK: h3 BAD, others OK",
        "not OK: , others OK"]
)  # fmt: skip
def test_an_output_without_a_whole_line_is_passed_on(site: Path, line: str) -> None:
    code, lines = ran(site, line)
    assert code == 2
    assert lines[0] == "UDP_LOSS CRITICAL - 2 of 3 targets in trouble | pl=100%;5;15"


def test_a_check_of_one_peer_needs_no_line(site: Path) -> None:
    assert ran(site, "", "--peer", "h3")[0] == 0
    assert ran(site, "", "--peer", "h4")[0] == 0
    assert ran(site, "", "--peer", "h2")[0] == 2


def test_what_is_ok_is_passed_on_and_no_file_is_read(site: Path) -> None:
    (site / "status.dat").unlink()
    code, lines = ran(site, "not OK: h3 CRITICAL, others OK", code="0")
    assert (code, lines[0]) == (0, "UDP_LOSS CRITICAL - 2 of 3 targets in trouble | pl=100%;5;15")


def test_without_nagios_files_the_check_alarms_and_says_why(site: Path) -> None:
    (site / "status.dat").unlink()
    code, lines = ran(site, "not OK: h3 CRITICAL, others OK")
    assert code == 2
    assert lines[-1].startswith("known-down: cannot read ")


def test_a_check_that_is_killed_or_missing_is_unknown(site: Path) -> None:
    (site / "check").write_text("#!/bin/sh\necho half\nkill -9 $$\n")
    code, lines = ran(site, "")
    assert (code, lines[0]) == (3, "half")
    assert lines[1].endswith("ended with -9")
    (site / "check").unlink()
    code, lines = ran(site, "")
    assert code == 3
    assert "cannot run" in lines[0]


def test_nagios_names_come_from_aliases() -> None:
    assert names_of(OBJECTS) == {"h3": "H3", "h2": "h2"}
    assert hosts_of(STATUS, {"H3", "h2", "h4"}) == {
        "H3": Host(True, False),
        "h4": Host(False, True),
    }
    assert hosts_of("", {"H3"}) == {}


def test_the_last_line_counts() -> None:
    assert named("x\nnot OK: a CRITICAL, others OK\nnot OK: b, c WARNING, others OK\n") == ({}, "")
    assert named("x\nnot OK: a b CRITICAL, others OK\n") == ({"a b": "CRITICAL"}, "OK")
