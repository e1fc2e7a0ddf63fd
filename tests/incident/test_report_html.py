"""The page is XML without scripts or foreign resources, and of a bounded size."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bothsides.incident.report_html import page_of
from tests.support import need
from tests.support.hostile import CONTROLS, LONG, SCRIPT, hostile, megabyte_of_hops
from tests.support.reports import lossy, recorded, report

MOST = 200_000  # octets


def parsed(page: str) -> ElementTree.Element:
    """The page as XML; all that it loads or runs is a failure."""
    assert page.startswith("<!DOCTYPE html>\n<html")
    root = ElementTree.fromstring(page.partition("\n")[2])
    for element in root.iter():
        assert element.tag not in ("img", "link", "iframe", "object", "embed", "a", "base", "form")
        if element.tag == "script":
            assert element.attrib == {"type": "application/json", "id": "evidence"}
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in ("src", "href", "srcset", "action")
            assert "url(" not in value
    style = root.find("head/style")
    assert style is not None
    assert re.findall(r"url\([^)]*\)|@import", style.text or "") == ["url(#gap)"]
    return root


@pytest.mark.parametrize("name", ["dead_link", "two_faults", "silence", "well"])
def test_recorded_incidents_become_pages(name: str) -> None:
    made = report(recorded(name))
    page = page_of(made)
    root = parsed(page)
    assert "".join(root.find("body/h1").itertext()) == made.headline  # type: ignore[union-attr]
    assert len(page.encode()) < MOST
    assert len(root.findall(".//script")) == 1


@pytest.mark.parametrize("text", [SCRIPT, CONTROLS, LONG])
def test_hostile_texts_stay_text(text: str) -> None:
    page = page_of(report(hostile(text)))
    parsed(page)
    assert "<img" not in page
    assert page.count("<script") <= 1
    assert len(page.encode()) < MOST


def test_a_megabyte_of_hops_is_cut_and_the_evidence_left_out() -> None:
    page = page_of(report(megabyte_of_hops()))
    parsed(page)
    assert "more hops" in page
    assert "too long for this page" in page
    assert len(page.encode()) < MOST


@settings(max_examples=20)
@given(st.text())
def test_every_text_gives_a_page_that_is_xml(text: str) -> None:
    parsed(page_of(report(hostile(text))))


def test_a_text_like_our_mark_for_the_evidence_is_no_place_for_it() -> None:
    page = page_of(report(hostile("@evidence@")))
    root = parsed(page)
    assert (root.findtext(".//script") or "").startswith('{"digest"')


@pytest.mark.soak
def test_a_browser_shows_and_prints_the_page_without_any_request(tmp_path: Path) -> None:
    browser = need.program("chromium", "chromium")
    page = tmp_path / "report.html"
    page.write_text(page_of(report(lossy())))
    log = tmp_path / "net.json"
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        f"--user-data-dir={tmp_path}/profile", "--enable-logging=stderr", f"--log-net-log={log}",
        "--no-pdf-header-footer", "--virtual-time-budget=2000",
    ]  # fmt: skip
    shown = subprocess.run(
        [*command, "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    assert "A to B: lost" in shown.stdout
    assert "not measured" in shown.stdout
    assert "CONSOLE" not in shown.stderr
    requested = set(re.findall(r'"url":"(https?://[^"]*)"', log.read_text()))
    assert {url for url in requested if "192.0.2" in url or "report" in url} == set()
    pdf = tmp_path / "report.pdf"
    subprocess.run(
        [*command, f"--print-to-pdf={pdf}", page.as_uri()],
        capture_output=True, timeout=90, check=True,
    )  # fmt: skip
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) <= 2
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)
