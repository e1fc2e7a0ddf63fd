"""The tables of the manual page name every destination, every row and every key of a login."""

from bothsides.command.destination_tables import WORDS, destination_tables
from bothsides.export.destination import EXPORTS, SUBMITS
from bothsides.export.login import KEYS
from bothsides.export.schema import COLUMNS


def test_every_kind_has_its_sample_and_its_words() -> None:
    assert WORDS.keys() == EXPORTS.keys() | SUBMITS.keys()
    tables = destination_tables()
    assert tables["EXPORTS"][0] == (
        "= `influx:http://db.example:8086`\nInfluxDB over HTTP, line protocol"
    )
    assert len(tables["EXPORTS"]) == len(EXPORTS)
    assert len(tables["SUBMITS"]) == len(SUBMITS)


def test_every_row_and_every_key_of_a_login_is_there() -> None:
    tables = destination_tables()
    assert [line.partition("`\n")[0][3:] for line in tables["ROWS"]] == list(COLUMNS)
    assert "`state`, `offset`, `uncertainty`, `rtt`, `run_duration`" in tables["ROWS"][-1]
    assert all(f"`{key}`" in "".join(tables["LOGIN"]) for key in KEYS)
