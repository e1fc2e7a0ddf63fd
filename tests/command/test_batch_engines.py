"""Lines of one check become one run, and come out of it as if each had run alone."""

import resource

import pytest

from bothsides.base.deadline import Stop
from bothsides.check.https.check import CHECK as HTTPS
from bothsides.check.snmp_clock.check import CHECK as CLOCK
from bothsides.command.batch_engines import ENGINES, key
from bothsides.command.batch_lines import from_text, orders
from bothsides.parse.url import from_url
from tests.export.measured import judged


def keys(*commands: str) -> list[object]:
    rows = (f"h{number}!s {command}" for number, command in enumerate(commands))
    return [key(order) for order in orders(from_text("\n".join(rows)).lines)]


def test_lines_that_differ_in_target_and_limits_alone_are_joined() -> None:
    for one, other in (
        ("check_udp_loss -H a -n 5", "check_udp_loss -H b -n 5 -w 50,1%"),
        ("check_https -H a.example", "check_https https://b.example:8443/x -w 3"),
        ("check_snmp_clock -H a", "check_snmp_clock -H b"),
    ):
        first, second = keys(one, other)
        assert first is not None
        assert first == second


def test_lines_that_ask_otherwise_are_not() -> None:
    for one, other in (
        ("check_udp_loss -H a -n 5", "check_udp_loss -H b -n 6"),
        ("check_udp_loss -H a", "check_udp_loss -H b -t 3"),
        ("check_https -H a.example", "check_https -H b.example -S1.2"),
        ("check_snmp_clock -H a", "check_snmp_clock -H b -C other"),
        ("check_snmp_clock -H a", "check_snmp_clock -H b -w 0.5"),  # it asks until it is sure
    ):
        first, second = keys(one, other)
        assert None not in (first, second)
        assert first != second


@pytest.mark.parametrize(
    "command",
    [
        "check_mtr_path -H a",
        "check_udp_loss -H a,b",
        "check_udp_loss -H a --record /tmp/x",
        "check_udp_loss -H a --output json",
        "check_udp_loss -H a --exit-ok",
        "check_udp_loss -H a --export jsonl:/tmp/x",
        "check_udp_loss --bogus",
        "check_https -H a --repeat 3",
        "check_https -H a --all-addresses",
        "check_https -H a --cookie-jar /tmp/x",
        "check_snmp_clock -H a,b",
    ],
)
def test_what_is_about_a_whole_run_runs_alone(command: str) -> None:
    assert keys(command) == [None]


def test_a_url_that_ran_out_of_time_does_not_stop_the_others() -> None:
    engine, run = ENGINES["HTTPS"], judged(HTTPS, "ok").analysis
    one = run.visits[0].visit
    slow = one._replace(url=from_url("https://slow.example/"), late=True)
    from bothsides.model.https import Plan, Run

    whole = Run(1.0, (one, slow), "2 URLs", Stop("deadline", "asking", 8.0), 2)
    good, late = (engine.parts(whole)(Plan((visit.url,))) for visit in (one, slow))
    assert (good.visits, good.stopped, good.subject) == ((one,), None, str(one.url))
    assert late.visits == (slow,)
    assert late.stopped.cause == "deadline"
    broken = whole._replace(stopped=Stop("SIGTERM", "asking", 1.0))
    assert engine.parts(broken)(Plan((one.url,))).stopped == broken.stopped


def test_a_host_that_answered_was_not_stopped_by_one_that_did_not() -> None:
    engine, analysis = ENGINES["SNMP_CLOCK"], judged(CLOCK, "three_hosts").analysis
    from bothsides.model.clock import Plan, Run

    hosts = tuple(host.host for host in analysis.hosts)
    run = Run("3 hosts", hosts, analysis.local, None, Stop("deadline", "waiting", 8.0))
    for host in hosts:
        part = engine.parts(run)(Plan((host.name,)))
        assert (part.subject, part.hosts) == (host.name, (host,))
        assert (part.stopped is None) is bool(host.samples)


def test_no_udp_run_sends_more_than_one_process_can() -> None:
    from bothsides.model.udp import Plan

    most = ENGINES["UDP_LOSS"].most
    assert most(Plan(("a",), 862)) == 160
    assert most(Plan(("a",), 862, interval=0.001)) == 8
    assert most(Plan(("a",), 862, interval=0.00001)) == 1


@pytest.mark.parametrize(
    ("allowed", "at_once"),
    [(1024, 196), (64, 4), (20, 1), (1 << 20, 200), (resource.RLIM_INFINITY, 200)],
)
def test_no_more_urls_are_in_flight_than_there_are_descriptors(
    allowed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))
    commands = (f"h{n}!s check_https -H h{n}.example" for n in range(3))
    plans = [order.plan for order in orders(from_text("\n".join(commands)).lines)]
    assert ENGINES["HTTPS"].joined(plans, 5.0).parallel == at_once
    assert ENGINES["HTTPS"].seconds(10 * at_once, 5.0) > 50.0
