"""The way of a run of check_snmp_clock, from its declaration."""

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.secret import Secret
from bothsides.check.snmp_clock.check import CHECK, libraries, measured
from bothsides.model.clock import Past, Plan
from tests.support.clocks import LIMITS, remarks


def test_the_way_of_a_run_leads_to_findings() -> None:
    asked = Plan(("127.0.0.1",), 9, community=Secret("x"), retries=0)
    run = measured(asked, Past(), Deadline(1))
    (remark,) = remarks(list(CHECK.judge(CHECK.analyse(asked, run, Past()), LIMITS)))
    assert remark[1] == "nothing listens on udp port 9 (ICMP port unreachable)"


def test_the_libraries_are_named() -> None:
    assert CHECK.program == "check_snmp_clock"
    assert libraries().startswith("pysnmp ")


@pytest.mark.parametrize("items", [["5"], ["@5:10"]])
def test_the_short_form_is_a_limit_of_the_offset(items: list[str]) -> None:
    assert list(CHECK.short(items)) == ["offset"]
