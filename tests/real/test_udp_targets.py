"""check_udp_loss with many targets in one run: the worst leads, each has its figures."""

import json
from pathlib import Path

from tests.support.far_end import far_end, stamping
from tests.support.forked import run
from tests.support.process import Outcome
from tests.support.reflecting import reflector

QUICK = ("-n", "16", "-i", "2ms", "--wait", "0.2")


def check(port: int, *arguments: str, host: str = "127.0.0.1") -> Outcome:
    return run("check_udp_loss", "-H", host, "-p", str(port), *QUICK, *arguments)


def test_the_worst_of_many_targets_leads_and_a_file_may_name_them(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("# ours\n127.0.0.1\n127.0.0.2 # the second\n\n")
    with reflector(listen="0.0.0.0") as far:
        well = run("check_udp_loss", "--targets", str(hosts), "-p", str(far.port), *QUICK)
        ill = run(
            "check_udp_loss", "--targets", str(hosts), "-H", "::1", "-p", str(far.port), *QUICK
        )
    assert well.line.startswith("UDP_LOSS OK - 2 targets: all 2 targets answer, worst 127.0.0.")
    assert well.perfdata["sent"].value == 32
    assert {"pl_127_0_0_1", "rta_127_0_0_2"} <= set(well.perfdata)
    assert ill.code == 2
    assert ill.line.startswith(
        "UDP_LOSS CRITICAL - 3 targets: 1 of 3 targets in trouble,"
        " worst ::1: reflector not running on"
    )
    assert ill.text.splitlines()[1].startswith("[CRITICAL] ")


def test_two_hundred_targets_are_asked_at_once() -> None:
    hosts = ",".join(f"127.0.{number // 100}.{number % 100 + 1}" for number in range(200))
    with reflector("--rate", "100000", listen="0.0.0.0") as far:
        outcome = run(
            "check_udp_loss",
            "-H",
            hosts,
            "-p",
            str(far.port),
            "-n",
            "5",
            "-i",
            "100ms",
            "--wait",
            "1",
        )
    assert outcome.perfdata["sent"].value == 1000
    assert outcome.perfdata["recv"].value == 1000
    assert len(outcome.text.partition("\n")[0]) <= 1023


def test_an_answer_from_another_targets_address_is_given_to_the_right_one() -> None:
    with far_end(stamping(), "0.0.0.0") as port:  # answers everything from 127.0.0.1
        outcome = check(port, host="127.0.0.1,127.0.0.2")
    assert outcome.perfdata["recv"].value == 32
    assert "answers come from 127.0.0.1 instead of 127.0.0.2" in outcome.line


def test_json_has_address_state_and_figures_of_each_of_many_targets() -> None:
    """A mesh is read out of one run: the figures of every pair, whoever is well or dead (O10)."""
    with reflector() as one, reflector(listen="127.0.0.2", port=one.port):
        hosts = "127.0.0.1,127.0.0.2,127.0.0.3"
        outcome = check(one.port, "--output", "json", host=hosts)
    report = json.loads(outcome.text)
    assert (outcome.code, report["state"]) == (2, "CRITICAL")
    found = {each["address"]: each for each in report["targets"]}
    assert set(found) == {"127.0.0.1", "127.0.0.2", "127.0.0.3"}
    for address, state, lost in (
        ("127.0.0.1", "OK", 0),
        ("127.0.0.2", "OK", 0),
        ("127.0.0.3", "CRITICAL", 100),
    ):
        figures = {each["label"]: each["value"] for each in found[address]["perfdata"]}
        assert (found[address]["state"], figures["pl"]) == (state, lost)
        assert (figures["rta"] is None) == (lost == 100)
        assert figures["sent"] == 16
        assert found[address]["text"].startswith(f"UDP_LOSS {state} - {address}: ")
