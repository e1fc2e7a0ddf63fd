"""Many URLs, many tries, and a day of them: what is said, and how often rightly."""

import functools
import random
import socket
import time
from pathlib import Path

import pytest

from bothsides.analyse.https_past import Window
from bothsides.model.https import Run
from bothsides.plugin.finding import Reading, Remark, State, worst
from tests.support.forked import run
from tests.support.https import (
    BAD,
    DAY,
    GOOD,
    URL,
    at,
    judged_run,
    judged_visits,
    limits,
    remarks,
    values,
)
from tests.support.lab import Lab, lab
from tests.support.servers import ANSWER, answering, serving

TRIES, EVERY = 20, 300.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


@functools.cache  # the judge is pure: a day is many runs, but few different ones
def state(failed: int, past: Window | None = None, tries: int = TRIES) -> State:
    visits = (BAD,) * failed + (GOOD,) * (tries - failed)
    run = Run(1e9, visits, str(URL), None, tries, tries)
    said = judged_run(run, limits("-H", "example.org", "--repeat", str(tries)), past)
    return worst(one.state for one in said if isinstance(one, Reading | Remark))


@pytest.mark.parametrize("planned", [1, 3])
def test_when_time_ran_out_before_the_first_was_asked_that_is_said(planned: int) -> None:
    findings = judged_run(Run(1e9, (), str(URL), None, planned), limits("-H", "example.org"), None)
    said = [(one.state, one.words, one.late) for one in findings if isinstance(one, Remark)]
    assert said == [(State.UNKNOWN, f"time ran out before {planned} of {planned} were asked", True)]


def test_a_few_failed_tries_are_a_warning_and_all_of_them_are_critical() -> None:
    assert state(0) is State.OK
    assert state(1) is State.WARNING
    assert state(TRIES) is State.CRITICAL


@pytest.mark.parametrize("past", [None, Window(100, 0, DAY)])
def test_a_dead_url_is_critical_and_named_however_well_the_others_are(past: Window | None) -> None:
    dead = at(BAD, "https://localhost:1/")
    said = remarks(judged_visits((GOOD, dead, GOOD, dead), past=past, repeat=2))
    assert said[0] == (
        State.CRITICAL,
        "1 of 2 bad: https://localhost:1/: the TLS handshake stalls (blame: tls)",
    )
    assert said[1][1].startswith("https://example.org/: all 2 tries well")
    once = remarks(judged_visits((GOOD, dead), past=Window(100, 0, DAY)))
    assert [state for state, _ in once] == [State.CRITICAL, State.OK]


def test_a_url_that_fails_now_and_then_is_a_warning_beside_one_that_never_does() -> None:
    said = remarks(
        judged_visits(
            (GOOD, at(GOOD, "https://a.test/"), BAD, at(GOOD, "https://a.test/")), repeat=2
        )
    )
    assert said[0][0] is State.WARNING
    assert said[0][1].startswith("1 of 2 bad: https://example.org/: 1 of 2 tries failed")
    assert said[1][0] is State.OK


@pytest.mark.parametrize("past", [None, Window(100, 0, DAY)])
def test_every_address_is_judged_by_its_own_tries(past: Window | None) -> None:
    visits = (at(GOOD, address="192.0.2.1"), at(BAD, address="192.0.2.2")) * 2
    said = remarks(judged_visits(visits, "--all-addresses", past=past, repeat=2))
    assert said[0] == (
        State.CRITICAL,
        "1 of 2 bad: 192.0.2.2: the TLS handshake stalls (blame: tls)",
    )
    enough = remarks(judged_visits(visits, "--all-addresses=1", past=past, repeat=2))
    assert {state for state, _ in enough} == {State.OK}
    assert enough[0][1] == "1 of 2 addresses well, 1 are enough"


def test_fewer_addresses_than_are_wanted_are_not_enough() -> None:
    said = remarks(judged_visits((at(GOOD, address="192.0.2.1"),), "--all-addresses=3"))
    assert said[0] == (
        State.CRITICAL,
        "https://example.org/: only one address found, but 3 must be well",
    )


def test_where_some_addresses_are_enough_the_dead_ones_break_no_limit() -> None:
    slow = at(BAD, address="192.0.2.2")
    findings = judged_visits(
        (at(GOOD, address="192.0.2.1"), slow), "--all-addresses=1", "-w", "1", "-c", "3"
    )
    assert {one.state for one in findings} == {State.OK}
    assert (values(findings)["addresses"], values(findings)["addresses_ok"]) == (2, 1)


def test_one_address_under_two_names_counts_for_each() -> None:
    visits = (at(GOOD, address="192.0.2.1"), at(BAD, "https://a.test/", address="192.0.2.1"))
    findings = judged_visits(visits, "--all-addresses")
    assert (values(findings)["addresses"], values(findings)["addresses_ok"]) == (2, 1)
    assert remarks(findings)[0][1].startswith("1 of 2 bad: https://a.test/ at 192.0.2.1: ")


def test_limits_on_tries_hold_for_a_single_one_too() -> None:
    assert [
        worst(one.state for one in judged_visits((GOOD,), *limits))
        for limits in (("-c", "tries=5:"), ("-c", "failed=0"))
    ] == [
        State.CRITICAL,
        State.OK,
    ]
    failing = judged_visits((BAD, at(GOOD, "https://a.test/")), "-c", "failed=0")
    assert (
        next(
            one.state
            for one in failing
            if isinstance(one, Reading) and one.figure.label == "failed"
        )
        is State.CRITICAL
    )
    assert "tries" not in values(judged_visits((GOOD,)))


@pytest.mark.parametrize(
    ("arguments", "label"),
    [
        (("-w", "size=1"), "size 100B"),
        (("-C", "30"), "chain_days was not measured, but has a limit"),
    ],
)
def test_a_figure_without_words_is_told_by_its_label(
    arguments: tuple[str, ...], label: str
) -> None:
    sized = GOOD._replace(hops=(GOOD.hops[0]._replace(size=100),))
    said = remarks(
        judged_visits(
            (sized, at(sized, "https://a.test/")), "--continue-after-certificate", *arguments
        )
    )
    assert said[0][1] == f"2 of 2 bad: https://example.org/: {label}"


def test_a_limit_on_the_number_of_addresses_is_no_matter_of_a_single_url() -> None:
    other = at(GOOD, "https://a.test/", address="192.0.2.2")._replace(address="")
    assert {one.state for one in judged_visits((GOOD, other), "-w", "addresses=2:")} == {State.OK}


def test_what_an_answer_lacks_is_a_failed_try_too() -> None:
    wrong = at(GOOD, status="500 Oops")
    said = judged_visits((GOOD,) * 9 + (wrong,), repeat=10)
    assert remarks(said)[0][1].startswith("1 of 10 tries failed")
    assert [state for state, _ in remarks(said)] == [State.WARNING]  # as a single refusal
    assert (values(said)["tries"], values(said)["failed"]) == (10, 1)
    every = remarks(judged_visits((wrong,) * 10, repeat=10))
    assert [state for state, _ in every] == [State.CRITICAL]
    assert every[0][1].startswith("HTTP status 500")


def test_the_window_of_several_urls_says_that_it_is_theirs_together() -> None:
    said = remarks(
        judged_visits(
            (GOOD, at(GOOD, "https://a.test/")), past=Window(100, 3, DAY, ("answer",) * 3)
        )
    )
    assert said[-1][0] is State.WARNING
    assert said[-1][1].endswith("within 24 h of all 2 URLs together, mostly answered, but not well")


def test_two_failures_within_the_window_are_a_warning_while_they_last() -> None:
    assert state(0, Window(1000, 1, DAY, ("tls",))) is State.OK
    assert state(0, Window(5000, 2, DAY, ("tls", "tls"))) is State.WARNING
    assert state(0, Window(5000, 2, DAY, ("tls", "tls"), prolonged=1)) is State.OK


def day(rate: float, seed: int) -> bool:
    """Whether one simulated day of `--repeat 20` every 5 minutes alarms at a true failure rate."""
    chance = random.Random(seed)
    runs = [sum(chance.random() < rate for _ in range(TRIES)) for _ in range(int(DAY / EVERY))]
    for number, failed in enumerate(runs):
        window = runs[:number]
        if (
            state(failed, Window(TRIES * len(window), sum(window), DAY, ("tls",) * sum(window)))
            is not State.OK
        ):
            return True
    return False


def test_one_failure_in_a_thousand_shows_within_a_day_and_none_never_does() -> None:
    assert all(day(0.001, seed) for seed in range(10))
    assert not day(0.0, 0)  # without chance in it, one such day is all of them


@pytest.mark.soak
def test_it_shows_in_95_of_100_days_and_never_in_a_thousand_without_failures() -> None:
    assert sum(day(0.001, seed) for seed in range(100)) >= 95
    assert not any(day(0.0, seed) for seed in range(1000))


def test_an_interval_spreads_the_tries_over_time_and_must_fit_into_the_deadline(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        url = f"https://127.0.0.1:{server.port}/"
        began = time.monotonic()
        good = run(
            "check_https", url, "--ca-cert", made.bundle, "--repeat", "3", "--interval", "200ms"
        )
        assert time.monotonic() - began >= 0.4
        late = run(
            "check_https",
            url,
            "--ca-cert",
            made.bundle,
            "--repeat",
            "9",
            "--interval",
            "0.4",
            "-t",
            "3.2",
        )
    assert (good.code, good.perfdata["tries"].value) == (0, 3)
    assert "all 3 tries well" in good.line
    assert (late.code, late.text.count("\n")) == (3, 1)
    assert "the last try after 3.2 s, but -t ends all after 3.2 s" in late.line


def test_many_urls_have_a_line_each_the_worst_first(made: Lab, tmp_path: Path) -> None:
    lost = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with (
        serving(answering(ANSWER), made.file("good")) as one,
        serving(answering(lost), made.file("good")) as two,
    ):
        file = tmp_path / "urls"
        urls = [f"https://127.0.0.1:{one.port}/{number}" for number in range(30)]
        file.write_text(
            "# all of them\n\n" + "\n".join([*urls, f"https://127.0.0.1:{two.port}/lost"]) + "\n"
        )
        outcome = run(
            "check_https", "--urls", str(file), "--ca-cert", made.bundle, "--parallel", "8"
        )
        two_arguments = run("check_https", urls[0], urls[1], "--ca-cert", made.bundle)
        missing = run("check_https", "--urls", str(tmp_path / "gone"))
    assert outcome.code == 1
    assert outcome.line.startswith(
        f"HTTPS WARNING - 31 URLs: 1 of 31 bad: https://127.0.0.1:{two.port}/lost: HTTP status 404"
    )
    assert outcome.text.count("[OK] https://") == 30
    assert (two_arguments.code, "all 2 URLs well" in two_arguments.line) == (0, True)
    assert (missing.code, "cannot read" in missing.line) == (3, True)


@pytest.mark.alone  # one second for nine, four at a time
def test_nobody_is_blamed_for_our_lack_of_time(made: Lab, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        urls = [f"https://127.0.0.1:{silent.getsockname()[1]}/{number}" for number in range(9)]
        many = run("check_https", *urls, "--ca-cert", made.bundle, "-t", "1")
        tries = run("check_https", urls[0], "--ca-cert", made.bundle, "-t", "1", "--repeat", "5")
    assert (many.code, many.text.count("[CRITICAL] https")) == (
        2,
        3,
    )  # and one on line 1: four at a time
    assert "[UNKNOWN] time ran out before 5 of 9 were asked" in many.text
    assert (tries.perfdata["tries"].value, tries.perfdata["failed"].value) == (1, 1)
    assert "time ran out after 1 of 5 tries" in tries.text
    assert max(many.seconds, tries.seconds) <= 1.3 + 0.5
