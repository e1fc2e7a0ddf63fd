"""Every query of every panel, mark and choice gets data from the real database behind it."""

import json
import shutil
import subprocess
import time
import urllib.error
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bothsides.command.dashboards import files
from bothsides.export import influx as influx_lines
from bothsides.export.http import Sender
from bothsides.export.prometheus import to_history
from bothsides.export.request import Request
from tests.support import daemons, need, scraping, stores
from tests.support.dashboard_rows import two_hours
from tests.support.process import HOUSE, NRPE_ENVIRONMENT
from tests.support.stores import Influx, ask

FOLDER = HOUSE / "nrpe" / "grafana"
BOARDS = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def test_the_files_are_those_that_the_code_makes() -> None:
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == files()
    assert len(BOARDS) == 10


def test_panels_have_places_of_their_own() -> None:
    for name, board in BOARDS.items():
        taken: set[tuple[int, int]] = set()
        for panel in board["panels"]:
            at = panel["gridPos"]
            assert at["x"] + at["w"] <= 24, name
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}  # fmt: skip
            assert not cells & taken, f"{name}: {panel['title']}"
            taken |= cells


@pytest.fixture(scope="module")
def influx() -> Iterator[Influx]:
    with daemons.folder() as root, stores.influx(root) as running:
        held = two_hours(int(time.time()))
        lines = influx_lines.to_lines(held.points, held.events)
        sender = Sender(gzip=True)
        reply = sender.send(Request("POST", f"{running.url}/write?db=bothsides", (), lines), 20)
        assert reply.status == 204, reply.body
        sender.close()
        yield running


def queries(kind: str, field: str) -> list[tuple[str, str, bool]]:
    """What asks (board and title), the query, and whether it asks for the last values alone."""
    asked: list[tuple[str, str, bool]] = []
    for name, board in BOARDS.items():
        if not name.endswith(f"-{kind}.json"):
            continue
        for panel in board["panels"]:
            for target in panel["targets"]:
                now = target.get("instant", target.get("resultFormat") == "table")
                asked.append((f"{name}: {panel['title']}", target[field], bool(now)))
        for mark in board["annotations"]["list"]:
            asked.append((f"{name}: {mark['name']}", mark.get(field, mark.get("query")), False))
        for variable in board["templating"]["list"][1:]:
            asked.append((f"{name}: {variable['name']}", variable["query"], True))
    return asked


@pytest.mark.parametrize(
    ("title", "query"), [pytest.param(t, q, id=t) for t, q, _ in queries("influx", "query")]
)
def test_influxdb_has_data_for_it(influx: Influx, title: str, query: str) -> None:
    text = query.replace("$timeFilter", "time >= now() - 6h").replace("$__interval", "1m")
    text = text.replace("$source", ".*").replace("$target", ".*")
    assert "$" not in text.replace("$/", "")
    (result,) = ask(f"{influx.url}/query", {"db": "bothsides", "q": text})["results"]
    assert "error" not in result, result
    values = [value for series in result.get("series", ()) for value in series["values"]]
    assert values, f"{title} has no data"
    assert any(cell is not None for row in values for cell in row[1:])


@pytest.fixture(scope="module")
def prometheus() -> Iterator[str]:
    with daemons.folder() as root:
        history = to_history(two_hours(int(time.time())).points)
        with scraping.remembering(root, history, HOUSE / "nrpe" / "prometheus") as url:
            yield url


@pytest.mark.parametrize(
    ("title", "query", "now"),
    [pytest.param(t, q, now, id=t) for t, q, now in queries("prometheus", "expr")],
)
def test_prometheus_has_data_for_it(prometheus: str, title: str, query: str, now: bool) -> None:
    text = query.replace("$source", ".*").replace("$target", ".*")
    assert "$" not in text
    data = _asked(prometheus, text, now)
    assert data, f"{title} has no data"


def _asked(url: str, text: str, now: bool) -> Any:
    try:
        if text.startswith("label_values("):
            metric, label = text.removeprefix("label_values(").rstrip(")").split(", ")
            return ask(f"{url}/api/v1/label/{label}/values", {"match[]": metric})["data"]
        if now:
            return ask(f"{url}/api/v1/query", {"query": text})["data"]["result"]
        end = int(time.time())
        span = {"start": end - 6 * 3600, "end": end, "step": 60}
        return ask(f"{url}/api/v1/query_range", {"query": text, **span})["data"]["result"]
    except urllib.error.HTTPError as fault:
        return pytest.fail(f"{text}: {fault.read().decode()}")


def test_the_marks_are_the_two_changes(prometheus: str) -> None:
    (mark,) = BOARDS["bothsides-path-prometheus.json"]["annotations"]["list"]
    text = mark["expr"].replace("$source", ".*").replace("$target", ".*")
    series = _asked(prometheus, text, now=False)
    assert len(series) == 2  # the other path, and the usual one again
    held = [[int(at) for at, _ in each["values"]] for each in series]
    begins = sorted(at for times in held for at in times if at - 60 not in times)
    first, away, back = begins  # the first is that of the first run: nothing was there before
    assert abs((away - first) - 25 * 120) <= 120
    assert abs((back - first) - 38 * 120) <= 120


def browsed(url: str, folder: Path, *options: str) -> str:
    """What a real browser shows of a page."""
    chromium = need.program("chromium", "chromium")
    command = [
        chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--hide-scrollbars", f"--user-data-dir={folder}", "--no-first-run",
        "--disable-background-networking", "--window-size=1200,1000",
        "--virtual-time-budget=8000", *options, url,
    ]  # fmt: skip
    environment = {**NRPE_ENVIRONMENT, "HOME": str(folder)}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    return done.stdout


def test_the_console_page_shows_the_path_in_a_browser(prometheus: str, tmp_path: Path) -> None:
    page = f"{prometheus}/consoles/bothsides-path.html"
    shown = browsed(f"{page}?target=aws.example&source=mon1", tmp_path, "--dump-dom")
    assert shown.count('<tr class="hop">') == 11
    assert "<td>10.0.0.8</td>" in shown
    assert "<td>Amazon</td>" in shown
    assert shown.count('class="series"') == 10  # hop 3 is silent
    assert "10 hops answered; the path changed 2 times" in shown
    assert shown.count('class="mark"') == 2
    other = browsed(f"{page}?target=aws.example&source=mon", tmp_path, "--dump-dom")
    assert "Nothing is stored about aws.example" in other  # mon is not mon1
    every = browsed(page, tmp_path, "--dump-dom")
    assert "?target=aws.example&amp;source=mon1" in every
    strange = browsed(f"{page}?target=%22%7D%20or%20up%7B%3Cb%3E", tmp_path, "--dump-dom")
    assert "Nothing is stored about" in strange
    assert "<b>" not in strange


@pytest.mark.parametrize(("scheme", "paper"), [("1", "ffffff"), ("0", "181b1f")])
def test_the_console_page_is_light_or_dark_as_the_reader_s_desktop(
    prometheus: str, tmp_path: Path, scheme: str, paper: str
) -> None:
    page, picture = f"{prometheus}/consoles/bothsides-path.html", tmp_path / "page.png"
    wish = f"--blink-settings=preferredColorScheme={scheme}"
    browsed(page, tmp_path, f"--screenshot={picture}", wish)
    assert _first_pixel(picture.read_bytes()) == paper


def _first_pixel(png: bytes) -> str:
    """The colour of the upper left corner, which no filter of the format changes."""
    packed, place = b"", 8
    while place < len(png):
        size = int.from_bytes(png[place : place + 4], "big")
        if png[place + 4 : place + 8] == b"IDAT":
            packed += png[place + 8 : place + 8 + size]
        place += size + 12
    return zlib.decompress(packed)[1:4].hex()


_OF_MARKS = {"name", "datasource", "enable", "hide", "iconColor"}
"""What the schema knows of an annotation; the rest belongs to its data source."""


def _without_own(text: str) -> str:
    board = json.loads(text)
    marks = board["annotations"]["list"]
    board["annotations"]["list"] = [{k: m[k] for k in m.keys() & _OF_MARKS} for m in marks]
    return json.dumps(board, indent=1)


_ENUMS = (('"mode": "absolute"', '"absolute"'), ('"type": "value"', '"value"'))
"""Where the schema has an enum, to which TypeScript lets no text be assigned."""


@pytest.mark.soak
def test_grafana_s_own_types_accept_every_board(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        need.missing("npm is not there to fetch Grafana's schema with")
    packages = ["@grafana/schema@12", "typescript@5"]
    fetched = subprocess.run(
        [str(npm), "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    if fetched.returncode:
        need.missing("npm cannot fetch Grafana's schema")
    schema = "./node_modules/@grafana/schema/dist/types/raw/dashboard/x/types.gen"
    head = f"import type {{ Dashboard }} from '{schema}';\nexport const board: Dashboard = "

    def refused(texts: dict[str, str]) -> str:
        for name, text in texts.items():
            for pair, value in _ENUMS:
                text = text.replace(pair, pair.replace(value, f"{value} as never"))
            (tmp_path / f"{name}.ts").write_text(f"{head}{text};\n")
        options = "--noEmit --strict --skipLibCheck --moduleResolution bundler --module esnext"
        command = ["node_modules/.bin/tsc", *options.split(), "--target", "es2022"]
        command += [f"{name}.ts" for name in texts]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout

    boards = {name.removesuffix(".json"): _without_own(text) for name, text in files().items()}
    assert refused(boards) == ""
    wrong = boards["bothsides-path-influx"].replace('"w": 12', '"w": "12"')
    assert "not assignable to type 'number'" in refused({"wrong": wrong})
