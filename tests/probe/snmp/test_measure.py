"""Runs of the SNMP probe as a whole."""

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.model.clock import Plan
from bothsides.model.failure import Failure
from bothsides.probe.snmp.measure import measure
from tests.support import daemons
from tests.support.snmp import scripted


def test_a_name_that_does_not_resolve_is_a_failure_of_its_own() -> None:
    (host,) = measure(Plan(("no-such-host.invalid",)), Deadline(4)).hosts
    assert isinstance(host.failure, Failure)
    assert host.failure.blame in ("dns", "local")


def test_a_zone_that_this_machine_does_not_know_is_said_before_anything_is_sent() -> None:
    with pytest.raises(Unable, match="no time zone Europe/Nowhere on this machine"):
        measure(Plan(("127.0.0.1",), zone="Europe/Nowhere"), Deadline(2))


def test_many_hosts_are_asked_at_the_same_time(agent: daemons.Daemon) -> None:
    hosts = ("127.0.0.1", "localhost", "no-such-host.invalid")
    run = measure(Plan(hosts, agent.port, 4, community=Secret("public")), Deadline(8))
    assert run.subject == "3 hosts"
    assert [host.name for host in run.hosts] == list(hosts)
    assert [bool(host.samples) for host in run.hosts] == [True, True, False]
    assert run.stopped is None


def test_silence_until_the_deadline_is_a_run_that_was_stopped() -> None:
    with scripted(lambda octets: ()) as port:
        run = measure(Plan(("127.0.0.1",), port, community=Secret("x")), Deadline(0.4))
    assert run.stopped is not None
    assert run.stopped.cause == "deadline"
    assert run.hosts[0].failure is not None


def test_without_its_reference_the_agent_is_asked_all_the_same(agent: daemons.Daemon) -> None:
    plan = Plan(("127.0.0.1",), agent.port, 4, community=Secret("public"))
    run = measure(plan._replace(reference=("127.0.0.1", 9)), Deadline(8))
    assert run.reference is not None
    assert run.reference.ahead is None
    assert run.hosts[0].samples
