"""The plan and the limits that the command line makes."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.mesh.check import CHECK
from bothsides.check.mesh.options import plan, short
from bothsides.model.mesh import Plan
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.command_line import understood
from bothsides.plugin.option_table import option_table
from tests.support.mesh_window import limits


def planned(*arguments: str) -> Plan:
    return plan(understood(CHECK, list(arguments)), limits(*arguments))


def test_nothing_has_to_be_said() -> None:
    assert planned() == Plan("/run/bothsides/mesh.sock", 60.0, "", every=False)


def test_whom_where_and_how_long() -> None:
    assert planned("-H", "dc:us", "--socket", "/tmp/x", "--window", "5m") == Plan(
        "/tmp/x", 300, "dc:us", every=False
    )
    assert planned("-H", "all").select == ""


@pytest.mark.parametrize("window", ["0", "2h"])
def test_a_window_has_its_bounds(window: str) -> None:
    with pytest.raises(Misuse, match="at most 1h"):
        planned("--window", window)


def test_a_bare_limit_stands_alone() -> None:
    assert short(["1%"]) == {"worst": Range(0.0, 1.0)}
    with pytest.raises(Unreadable, match="one bare limit"):
        short(["1%", "2%"])


def test_json_asks_for_every_pair() -> None:
    assert [limits(*o).pairs for o in ((), ("--output", "json"))] == [False, True]
    assert limits("--perf-datacenters").datacenters


def test_only_tables_and_json_read_every_pair() -> None:
    """Of a thousand pairs that are well, sums are enough otherwise."""
    assert [planned(*o).every for o in ((), ("-v",), ("--output", "json"))] == [False, True, True]


@pytest.mark.parametrize("option", ["-4", "-6"])
def test_a_family_that_would_choose_nothing_is_refused(option: str) -> None:
    with pytest.raises(Misuse, match=f"^{option}: udp_mesh probes the addresses of the landscape"):
        planned(option)


def test_help_lists_no_family() -> None:
    assert {"--use-ipv4", "--use-ipv6"}.isdisjoint(each.name for each in option_table(CHECK))


def test_an_optional_time_that_stands_apart_is_shown_in_its_place() -> None:
    with pytest.raises(Misuse, match=r"unknown argument 1s, did you mean --watch=1s\?"):
        planned("--watch", "1s")
    with pytest.raises(Misuse, match=r"unknown argument 1s, did you mean -H\?"):
        planned("--watch=2s", "1s")
