"""bothsides dashboards: writes Grafana's dashboards, a file for each board and kind of store."""

import os

from bothsides.base.errors import Misuse
from bothsides.base.types import Mapping
from bothsides.base.write import replace_file
from bothsides.generate import grafana_influx, grafana_prometheus
from bothsides.generate.grafana import to_json
from bothsides.plugin.parser import Namespace, Parser


def options(parser: Parser) -> None:
    """Declares the options."""
    parser.add_argument("folder", metavar="DIR", help="where the JSON files go")


def run(given: Namespace) -> int:
    """Writes the files, and lists them."""
    if not given.folder or (os.path.lexists(given.folder) and not os.path.isdir(given.folder)):
        raise Misuse(f"{given.folder!r} is no folder; name one for the JSON files")
    os.makedirs(given.folder, exist_ok=True)
    for name, text in files().items():
        path = os.path.join(given.folder, name)
        replace_file(path, text.encode())
        print(path)
    return 0


def files() -> Mapping[str, str]:
    """The text of each file by its name."""
    made = {
        f"{board.uid}-influx.json": to_json(board, "influxdb") for board in grafana_influx.BOARDS
    }
    for board in grafana_prometheus.BOARDS:
        made[f"{board.uid}-prometheus.json"] = to_json(board, "prometheus")
    return made
