"""Kuenzler's outage and Semaphore's incident, from evidence of both ends.

The line, the report, the page.

tests/support/side/past.py tells how they were recorded. Written anew: the same, then
`python -m tests.incident.test_past_incidents` for the texts.
"""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.command.program import ENVIRONMENT
from tests.command.program import run as bothsides
from tests.support.browser import Browser
from tests.support.forked import run
from tests.support.past_reports import DATA, PAIRS, evidence, report
from tests.support.reports import GOLDEN

UTC = {**ENVIRONMENT, "TZ": "UTC"}
LINES = {
    "kuenzler": "WHOSE_FAULT CRITICAL - office to app: lost 25.4 to 34.5 % out, 0 to 1.1 % back"
    " since 16:17 UTC: Amazon (cloud), likely",
    "semaphore": "[CRITICAL] one service fails since 14:20 UTC: cannot tell which of"
    " AWS (cloud), Hetzner (hoster), the host sb1, the tier 1 carrier (transit)",
}


def judged(name: str, *phases: str) -> str:
    """What check_whose_fault says."""
    start, target = PAIRS[name]
    words = (*evidence(name, *phases), "--from", start, "--to", target)
    return run("check_whose_fault", *words, environment=UTC).text


@pytest.mark.parametrize("name", PAIRS)
def test_the_line(name: str) -> None:
    assert LINES[name] in judged(name, "during", "before")


def test_the_outage_lies_behind_the_last_router_that_stayed_the_same() -> None:
    said = judged("kuenzler", "during", "before")
    assert "R3 one way: office to app lost 119 of 400 packets: Amazon 100%" in said
    assert "our ISP" not in said
    assert "SwissIX" not in said


def test_a_handshake_that_hangs_accuses_nobody_and_says_what_would_settle_it() -> None:
    said = judged("semaphore", "during", "before")
    assert "useast1 (" not in said.partition("\n")[0]
    assert "the far end" not in said
    assert "but the TLS handshake stalls" in said
    assert "would settle it: ask again with large packets (check_udp_loss --size 1400)" in said


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("phase", ["before", "after"])
def test_before_and_after_nothing_is_wrong(name: str, phase: str) -> None:
    start, target = PAIRS[name]
    folder = ("--evidence", str(DATA / name / phase), "--from", start, "--to", target)
    assert run("check_whose_fault", *folder).line == (
        f"WHOSE_FAULT OK - {start} to {target}: nothing is wrong between them"
    )


def told(name: str, *more: str | Path) -> str:
    """The report's text without when and by what it was made."""
    code, text = bothsides("report", *report(name, *more), environment=UTC)
    assert code == 0, text
    text = re.sub(r"report: made .* by bothsides .*\n", "", text)
    return re.sub(r"- joined by bothsides .*\n", "- joined by bothsides\n", text)


@pytest.mark.parametrize("name", PAIRS)
def test_the_report(name: str) -> None:
    text = told(name, "--for", "hetzner")
    assert text == (GOLDEN / f"{name}.txt").read_text()
    assert max(map(len, text.splitlines())) <= 72


@pytest.mark.parametrize("name", PAIRS)
def test_the_page_is_judged_again_to_the_same_text(name: str, tmp_path: Path) -> None:
    page, text = tmp_path / "page.html", tmp_path / "text"
    words = report(name, "--html", page, "--text", text)
    assert bothsides("report", *words, environment=UTC) == (0, "")
    assert bothsides("report", "--replay", page, environment=UTC) == (0, text.read_text())
    assert page.stat().st_size < 200_000


@pytest.mark.soak
@pytest.mark.parametrize("name", PAIRS)
def test_a_browser_shows_and_prints_the_page(name: str, tmp_path: Path) -> None:
    browser, page = Browser(tmp_path), tmp_path / "page.html"
    assert bothsides("report", *report(name, "--html", page), environment=UTC) == (0, "")
    shown = browser.shown(page)
    start, target = PAIRS[name]
    for words in (f"{start} to {target}, before", f"{target} to {start}, after", "Third vantages"):
        assert words in shown
    assert browser.sheets(page) in (1, 2)
    for width in (600, 900, 1100, 1600):
        assert browser.layout(page, width) == "overlaps=0 beyond=0"


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    for each in PAIRS:
        (GOLDEN / f"{each}.txt").write_text(told(each, "--for", "hetzner"))
        sys.stdout.write(judged(each, "during", "before").partition("|")[0] + "\n")
