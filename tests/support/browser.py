"""A headless Chromium that shows, prints and measures pages for tests."""

import re
import subprocess
from pathlib import Path

from tests.support import need

_OVERLAP = """
<script>
const boxes = [...document.querySelectorAll(".ways div, h2, svg, dl, ul, pre")]
  .map(each => [each, each.getBoundingClientRect()]);
const bad = [];
for (const [one, a] of boxes) for (const [other, b] of boxes)
  if (one !== other && !one.contains(other) && !other.contains(one)
      && a.left + 1 < b.right && b.left + 1 < a.right
      && a.top + 1 < b.bottom && b.top + 1 < a.bottom)
    bad.push(one.tagName + " on " + other.tagName);
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
const out = document.createElement("p");
out.textContent = "LAYOUT overlaps=" + bad.length + " beyond=" + wide + " " + bad.slice(0, 3);
document.body.appendChild(out);
</script></body>"""


class Browser:
    """Runs of one browser with one profile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = need.program("chromium", "chromium")

    def run(self, page: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Loads a page; words: what is to be done with it."""
        return subprocess.run(
            [
                self.program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--disable-background-networking", f"--user-data-dir={self.folder}/profile",
                "--enable-logging=stderr", "--no-pdf-header-footer", "--virtual-time-budget=2000",
                *words, page.as_uri(),
            ],
            capture_output=True, text=True, timeout=90, check=True,
        )  # fmt: skip

    def shown(self, page: Path) -> str:
        """The page as the browser has it; no error, and no request but for the file itself."""
        log = self.folder / "net.json"
        done = self.run(page, "--dump-dom", f"--log-net-log={log}")
        assert "CONSOLE" not in done.stderr
        requested = set(re.findall(r'"url":"(https?://[^"]*)"', log.read_text()))
        own = ("google", "gstatic", "gvt1.com", "chromium")  # what a browser asks for itself
        assert {url for url in requested if not any(each in url for each in own)} == set()
        return done.stdout

    def sheets(self, page: Path) -> int:
        """How many sheets the page prints to."""
        pdf = self.folder / "page.pdf"
        self.run(page, f"--print-to-pdf={pdf}")
        return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))

    def layout(self, page: Path, width: int) -> str:
        """What lies on something else, and pixels beyond the window's edge, at a width."""
        copy = self.folder / "measured.html"
        text = page.read_text().replace("Content-Security-Policy", "x-none")  # it forbids scripts
        copy.write_text(text.replace("</body>", _OVERLAP))
        done = self.run(copy, "--dump-dom", f"--window-size={width},1000")
        found = re.search(r"LAYOUT (overlaps=\d+ beyond=-?\d+)", done.stdout)
        return found[1] if found else "not measured"
