"""Makes README's picture of the incident report out of the real page.

Python -m tests.support.picture.

The evidence is a record of both ends and two other hosts; the browser is a headless Chromium.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from bothsides import __version__
from bothsides.incident.report_html import page_of
from bothsides.model.report import Kept
from tests.support.process import HOUSE
from tests.support.reports import recorded, report

PICTURE = HOUSE / "doc" / "report.png"
RECORD = "dead_link"
MOST = 150_000  # octets
_SIZE = "1100,900"  # pixels: head, timeline and paths


def _kept() -> Kept:
    """The evidence, as if the report had been made an hour later by this version."""
    kept = recorded(RECORD)
    last = max(document.at for document in kept.run.documents)
    return kept._replace(made=float(int(last)) + 3600, version=__version__)


def draw(browser: str, target: Path) -> None:
    """The top of the page, as it looks on a light screen."""
    with tempfile.TemporaryDirectory(prefix="bothsides-") as folder:
        page = Path(folder) / "report.html"
        page.write_text(page_of(report(_kept())))
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", f"--user-data-dir={folder}/profile",
            f"--window-size={_SIZE}", f"--screenshot={target}", page.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, capture_output=True, timeout=120, check=True)


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    draw(sys.argv[1] if len(sys.argv) > 1 else "chromium", PICTURE)
