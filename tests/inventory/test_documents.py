"""TOML texts as tables with their places, and the hints where a text is not TOML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.inventory.documents import entries, read_document
from bothsides.inventory.faults import Faults, Place
from tests.inventory.mistakes import BASE, LAST, check_line, only_fault
from tests.inventory.tables import document, words

# what is appended, the line of the fault counted from there, what is wrong, what helps
APPENDED = [
    ("[[servr]]\n", 1, 'unknown table "[[servr]]"', 'did you mean "server"?'),
    ("[chek]\n", 1, 'unknown table "[chek]"', 'did you mean "check"?'),
    ("[check]\n", 1, "check is a list of tables", "write [[check]]"),
    ("name = web1\n", 1, "not TOML", "put texts in quotes"),
    ("[[server]\n", 1, "not TOML", "close the table's name by ]]"),
    ("[defaults]\n", 1, "not TOML", "it stands twice"),
    ("[x]\na = 1\na = 2\n", 3, "not TOML", "it stands twice"),
    ("[x]\na b = 1\n", 2, "not TOML", "keys have no spaces"),
    ("[x]\na: 1\n", 2, "not TOML", "write key = value"),
    ("[x]\na =\n", 2, "not TOML", "write a value after ="),
    ('[x]\na = "b\n', 2, "not TOML", "close the quotes"),
    ("[x]\na = [1,\n", 2, "not TOML", ""),
    ("[x]\na = " + "[" * 2000 + "\n", 1 - LAST, "nested too deeply", "at most 100 levels"),
]  # fmt: skip

# what is replaced, by what, the line of the fault, what is wrong, what helps
REPLACED = [
    ("[landscape]\n", "[[landscape]]\n", 1, "landscape stands once", "write [landscape]"),
    ("[landscape]\n", "x = 1\n[landscape]\n", 1, 'unknown key "x" outside of every table',
     "known: "),
]  # fmt: skip

# the lines after [servers], the line of the fault, what is wrong, what helps
ROWS = [
    ('columns = ["name", "ipp"]\nrows = []\n', 2, 'unknown column "ipp"', "did you mean"),
    ('columns = ["name", "ip", "ip"]\nrows = []\n', 2, 'column "ip" stands twice', "take one out"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n["b"]]\n', 5,
     "row 2 has 1 values for 2 columns", "columns: name, ip"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n"b"]\n', 5,
     "row 2 has no list for 2 columns", "columns: name, ip"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n["b", "192.0.2"]]\n', 5,
     '"192.0.2" is not an address', "write numbers"),
    ('columns = ["name", "ip"]\nrows = [\n["a", "192.0.2.1"],\n["b", ""]]\n', 5,
     'the key "ip" is missing', "write ip"),
    ('columns = "name"\nrows = []\n', 1, "columns is not a list of keys",
     'write columns = ["name", "ip"]'),
    ('columns = ["name"]\n', 1, "rows is not a list", "write rows"),
    ('colums = ["name"]\n', 1, 'unknown key "colums"', 'did you mean "columns"?'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "words", "remedy"), APPENDED)
def test_a_text_that_is_no_table_of_a_landscape_is_one_line_with_a_remedy(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault(BASE + text), LAST + line, words, remedy)


@pytest.mark.parametrize(("old", "new", "line", "words", "remedy"), REPLACED)
def test_a_mistake_in_a_sound_file_is_one_line(
    old: str, new: str, line: int, words: str, remedy: str
) -> None:
    assert old in BASE
    check_line(only_fault(BASE.replace(old, new)), line, words, remedy)


@pytest.mark.parametrize(("text", "line", "words", "remedy"), ROWS)
def test_a_mistake_in_columns_and_rows_has_the_line_of_its_row(
    text: str, line: int, words: str, remedy: str
) -> None:
    check_line(only_fault("[servers]\n" + text), line, words, remedy)


ROW = """\
[servers]
columns = ["name", "ip", "rate"]
rows = [
  ["a", "192.0.2.1", ""],
  ["b", "192.0.2.2", 3],
]
"""


def test_a_document_holds_its_text_its_tables_and_their_lines() -> None:
    read = document("[landscape]\nversion = 1\n")
    assert (read.file, read.text) == ("x.toml", "[landscape]\nversion = 1\n")
    assert read.tables == {"landscape": {"version": 1}}
    assert read.lines == {("landscape",): 1, ("landscape", "version"): 2}


def test_a_text_that_is_not_toml_is_no_document_and_one_fault() -> None:
    faults = Faults()
    assert read_document("x.toml", "[defaults]\nrate = fast\n", faults) is None
    (fault,) = faults.errors
    assert (fault.place, fault.remedy) == (Place("x.toml", 2), "put texts in quotes")


def test_lines_are_counted_alike_with_windows_line_ends() -> None:
    assert document("[defaults]\r\nrate = 3\r\n").lines[("defaults", "rate")] == 2


def test_entries_are_the_tables_in_their_order() -> None:
    text = '[landscape]\n[[server]]\nname = "a"\n[[server]]\nip = "192.0.2.2"\n[[pair]]\n'
    faults = Faults()
    found = [(each.table, each.subject, each.path) for each in entries(document(text), faults)]
    assert found == [
        ("landscape", "[landscape]", ("landscape",)),
        ("server", '[[server]] "a"', ("server", 0)),
        ("server", "[[server]] 2", ("server", 1)),
        ("pair", "[[pair]] 1", ("pair", 0)),
    ]
    assert faults.entries == []


def test_a_row_of_servers_is_a_server_without_its_empty_cells() -> None:
    one, other = entries(document(ROW), Faults())
    assert (one.table, one.subject) == ("server", '[servers] "a"')
    assert one.values == {"name": "a", "ip": "192.0.2.1"}
    assert other.values == {"name": "b", "ip": "192.0.2.2", "rate": 3}


def test_the_place_of_a_key_is_its_line_or_that_of_its_table() -> None:
    (entry,) = entries(document('\n[[server]]\nname = "a"\nudp = { rate = 3 }\n'), Faults())
    assert entry.place() == Place("x.toml", 2)
    assert entry.place("name") == Place("x.toml", 3)
    assert entry.place("udp", "rate") == Place("x.toml", 4)
    assert entry.place("ip") == Place("x.toml", 2)


def test_the_place_of_a_cell_is_that_of_its_row() -> None:
    one, other = entries(document(ROW), Faults())
    assert (one.place("ip").line, other.place("rate").line, other.place().line) == (4, 5, 5)


def test_an_unknown_table_is_a_fault_and_the_others_are_read() -> None:
    faults = Faults()
    made = list(entries(document('[[sever]]\n[defaults]\n[[server]]\nname = "a"\n'), faults))
    assert [each.table for each in made] == ["defaults", "server"]
    assert words(faults) == [(1, 'unknown table "[[sever]]"')]


@given(st.text("[]{}=\"'.,#ab1 \n", max_size=60))
def test_any_text_is_a_document_or_one_fault(text: str) -> None:
    faults = Faults()
    read = read_document("x.toml", text, faults)
    assert (read is None) == (len(faults.errors) == 1)
    for entry in entries(read, faults) if read else ():
        assert 1 <= entry.place().line <= text.count("\n") + 1
