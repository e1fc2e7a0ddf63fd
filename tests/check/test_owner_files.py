"""The files that say whose networks addresses are in, as every program reads them."""

from pathlib import Path

import pytest

from bothsides.analyse.path.ownership import Maps
from bothsides.base.errors import Unable
from bothsides.check.owner_files import add_owner_files, maps_of
from bothsides.parse.ip_owners import Map, from_exchanges, from_map
from bothsides.plugin.parser import Namespace, Parser

MAP = "192.0.2.0/24 = Alpenhaus, us\n"
EXCHANGES = "198.51.100.0/24 SwissIX\n"


def read(*words: str) -> Namespace:
    parser = Parser("program", "", "")
    add_owner_files(parser)
    return parser.parse_args([*words])


def test_without_files_nothing_is_known() -> None:
    assert maps_of(read()) == Maps(Map(), ())


def test_each_file_is_read_by_its_own_grammar(tmp_path: Path) -> None:
    owners, exchanges = tmp_path / "owners.map", tmp_path / "exchanges.txt"
    owners.write_text(MAP)
    exchanges.write_text(EXCHANGES)
    found = maps_of(read("--map", str(owners), "--exchanges", str(exchanges)))
    assert found == Maps(from_map(MAP), from_exchanges(EXCHANGES))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(Unable, match=r"/nowhere/owners\.map"):
        maps_of(read("--map", "/nowhere/owners.map"))
