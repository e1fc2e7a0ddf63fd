"""The plan that the command line makes."""

import os
from pathlib import Path

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.whose_fault.check import CHECK
from bothsides.check.whose_fault.options import plan, short
from bothsides.model.whose_fault import Plan
from bothsides.parse import Unreadable
from bothsides.plugin.command_line import limits_of, understood


def made(*words: str) -> Plan:
    options = understood(CHECK, list(words))
    return plan(options, limits_of(CHECK, options))


def test_a_host_alone_is_measured_from_here() -> None:
    found = made("-H", "192.0.2.1")
    assert (found.target, found.address, found.evidence) == ("192.0.2.1", "192.0.2.1", ())
    assert found.start


def test_evidence_is_read_and_nothing_measured() -> None:
    found = made("--evidence", "a", "--evidence", "b", "--before", "c", "--from", "A", "--to", "B")
    assert (found.start, found.target, found.address) == ("A", "B", "")
    assert (found.evidence, found.before, found.stale) == (("a", "b"), ("c",), 900.0)


LANDSCAPE = """
[[server]]
name = "A"
ip = "192.0.2.1"
transport = "nrpe"
[[server]]
name = "B"
ip = "192.0.2.2"
transport = "ssh"
[[server]]
name = "C"
ip = "192.0.2.3"
disabled = true
"""


@pytest.fixture
def landscape(tmp_path: Path) -> str:
    path = tmp_path / "mesh.toml"
    path.write_text(LANDSCAPE + f'[[server]]\nname = "{os.uname().nodename}"\nip = "192.0.2.9"\n')
    return str(path)


def test_with_evidence_the_landscape_asks_nobody_and_the_pair_is_that_of_the_evidence(
    landscape: str,
) -> None:
    found = made("--landscape", landscape, "--evidence", "now/")
    assert (found.start, found.target, found.hosts) == ("", "", ())


def test_without_from_it_is_this_host_where_the_landscape_has_it(
    landscape: str, tmp_path: Path
) -> None:
    found = made("--landscape", landscape, "--to", "B")
    assert [each.name for each in found.hosts] == [os.uname().nodename, "B", "A"]
    (tmp_path / "others.toml").write_text(LANDSCAPE)
    with pytest.raises(
        Misuse, match=r"missing --from NAME: this host, .*, is not in .*others.toml"
    ):
        made("--landscape", str(tmp_path / "others.toml"), "--to", "B")
    with pytest.raises(Misuse, match="missing --to NAME"):
        made("--landscape", landscape, "--from", "A", "--third", "B")


def test_both_ends_are_two_hosts(landscape: str) -> None:
    for more in (("--landscape", landscape), ("--evidence", "now/")):
        with pytest.raises(Misuse, match="--from and --to are one host, A"):
            made(*more, "--from", "A", "--to", "A")


def test_nobody_named_is_a_misuse() -> None:
    with pytest.raises(Misuse, match="-H, --evidence"):
        made()


def test_a_bare_limit_is_the_loss_of_either_direction() -> None:
    assert set(short(["5%"])) == {"loss_out", "loss_back"}
    with pytest.raises(Unreadable):
        short(["5", "6"])
