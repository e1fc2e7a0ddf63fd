"""The manual pages: complete by the tables, readable by man(1), and their examples run."""

import functools
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from bothsides.check.delivery import prepared
from bothsides.command import bothsides, manual, mtr_history, udp_fping, udp_reflector
from bothsides.command.check_options import checks
from bothsides.export.destination import EXPORTS, SUBMITS
from bothsides.export.login import KEYS
from bothsides.export.schema import COLUMNS
from bothsides.generate.roff import Page, to_roff
from bothsides.inventory.keys import OPTIONS, TABLES
from bothsides.inventory.read import read
from bothsides.parse.ini import from_ini
from bothsides.parse.ip_owners import from_map
from bothsides.plugin.command_line import limits_of, parser_of, understood
from bothsides.plugin.option_table import option_groups
from bothsides.plugin.parser import Parser
from tests.command.pages import shown
from tests.command.program import run
from tests.support import readme
from tests.support.process import CHECKS, PLUGINS
from tests.support.process import run as run_check

SUBCOMMANDS = {name: (each.help, each.declare) for name, each in bothsides.SUBCOMMANDS.items()}
PAGES = {page.path: page for page in manual.pages(bothsides.parser(), SUBCOMMANDS)}
every_check = pytest.mark.parametrize("check", CHECKS)


@functools.cache
def text_of(path: str) -> str:
    """A page as an operator reads it."""
    return shown(to_roff(PAGES[path]))


def examples_of(page: Page) -> list[str]:
    """The lines of a page that are shown as they are."""
    return [line[4:] for line in page.text.splitlines() if line.startswith("    ")]


def block_of(page: Page) -> str:
    """The first example of the section EXAMPLE of a file format."""
    section = page.text.partition("\nEXAMPLE\n")[2]
    example = re.match(r"\n((?:    .*\n|\n)+)", section)
    assert example is not None, page.name
    return re.sub(r"(?m)^    ", "", example[1])


@pytest.mark.parametrize("path", sorted(PAGES))
def test_man_shows_the_page(path: str) -> None:
    page = PAGES[path]
    text = text_of(path)
    for heading in ("NAME", "DESCRIPTION", "SEE ALSO"):
        assert re.search(rf"^{heading}$", text, re.MULTILINE)
    assert f"{page.name} - {page.summary}" in text
    assert "@" not in re.sub(r"@[\d/]|only with @|--extra-opts\S*|@FILE", "", text), (
        "a placeholder is left"
    )
    page.text.encode("ascii")


def test_every_program_has_a_page() -> None:
    scripts = {path.name for path in PLUGINS.iterdir() if path.is_file()}
    missing = scripts - {page.name for page in PAGES.values()}
    assert not missing, f"add {sorted(missing)[0]} to PROGRAMS in lib/bothsides/command/manual.py"


@every_check
def test_the_page_of_a_check_has_every_option_and_every_figure(check: str) -> None:
    text = text_of(f"man1/{check}.1")
    declared = checks()[check]
    for _, group in option_groups(parser_of(declared)):
        for option in group:
            for name in option.spellings:
                assert re.search(rf"^ +(\S+, )*{re.escape(name)}[ ,\[\n]", text, re.MULTILINE), name
    for figure in declared.figures:
        unit = rf" \({re.escape(figure.uom)}\)" if figure.uom else ""
        assert re.search(rf"^ +{figure.label}{unit}( |$)", text, re.MULTILINE), figure.label


@every_check
def test_the_examples_of_a_check_are_right(check: str) -> None:
    declared = checks()[check]
    record = next(path for path in sorted(readme.RECORDS.glob(f"{check}-*.json")))
    for line in declared.examples:
        words = [word for word in shlex.split(line) if not word.startswith("--extra-opts")]
        options = understood(declared, words)
        declared.limits(options, limits_of(declared, options))
        files = ("--map", "--as-file", "--input", "--targets", "--urls")
        if not any(word.startswith(files) for word in words):
            judged = run_check(check, "--replay", str(record), *readme.judging(words))
            assert "see " not in judged.line, (line, judged.line)


@pytest.mark.parametrize(
    ("path", "parser"),
    [
        ("man1/mtr_history.1", mtr_history.parser),
        ("man1/udp_fping.1", udp_fping.parser),
        ("man8/udp_reflector.8", udp_reflector.parser),
    ],
)
def test_the_examples_of_a_program_are_right(path: str, parser: Callable[[], Parser]) -> None:
    page = PAGES[path]
    lines = [line for line in examples_of(page) if line.startswith(page.name)]
    assert lines
    for line in lines:
        made = parser()
        words = [
            f" {w}" if w.startswith("-") and w[1:2].isdigit() else w for w in shlex.split(line)
        ]
        _, unknown = made.parse_known_args(words[1:])
        assert unknown == [], line
    for _, group in option_groups(parser()):
        for option in group:
            assert all(name in text_of(path) for name in option.spellings)


def test_the_page_of_bothsides_has_every_command_and_its_examples_are_right() -> None:
    text = text_of("man1/bothsides.1")
    for name, each in bothsides.SUBCOMMANDS.items():
        assert f"bothsides {name}" in text
        parser = Parser(name, "", "")
        each.declare(parser)
        for _, group in option_groups(parser):
            assert all(word in text for option in group for word in option.spellings)
    for line in examples_of(PAGES["man1/bothsides.1"]):
        _, name, *words = shlex.split(line)
        parser = Parser(name, "", "")
        bothsides.SUBCOMMANDS[name].declare(parser)
        assert parser.parse_known_args(words)[1] == [], line


def test_the_example_of_the_ini_is_read_by_the_checks(tmp_path: Path) -> None:
    path = tmp_path / "bothsides.ini"
    path.write_text(block_of(PAGES["man5/bothsides.ini.5"]))
    path.chmod(0o640)
    for section in from_ini(path.read_text()):
        if section in CHECKS:
            declared = checks()[section]
            options = understood(declared, [f"--extra-opts={section}@{path}"])
            declared.limits(options, limits_of(declared, options))
        else:
            assert udp_fping._settings(str(path)) == {"port": "862"}


def test_the_example_of_the_allow_file_is_read_by_the_reflector(tmp_path: Path) -> None:
    path = tmp_path / "allow"
    path.write_text(block_of(PAGES["man5/bothsides-allow.5"]))
    path.chmod(0o644)
    options = udp_reflector._options(["--allow-file", str(path)])
    assert len(udp_reflector._rules(options, frozenset()).allow) == 5


def test_the_examples_of_owners_and_landscape_are_read() -> None:
    owners = from_map(block_of(PAGES["man5/bothsides-owners.5"]))
    assert (len(owners.spans), len(owners.systems)) == (2, 1)
    landscape = read(block_of(PAGES["man5/bothsides-landscape.5"]))
    assert sorted(landscape.servers) == ["db1", "web1"]


def test_the_page_of_destinations_has_every_kind_and_its_examples_are_right() -> None:
    text = text_of("man5/bothsides-destinations.5")
    for kind in (*EXPORTS.values(), *SUBMITS.values()):
        assert kind.sample in text
    assert all(column.field in text for columns in COLUMNS.values() for column in columns)
    assert all(key in text for key in KEYS)
    for line in filter(None, block_of(PAGES["man5/bothsides-destinations.5"]).splitlines()):
        program, *words = shlex.split(line.partition(" |")[0])
        if program in CHECKS:
            options = understood(checks()[program], words)
            prepared(options)
        else:
            parser = Parser(words[0], "", "")
            bothsides.SUBCOMMANDS[words[0]].declare(parser)
            rest = [word.replace("-14d", " -14d") for word in words[1:]]
            assert parser.parse_known_args(rest)[1] == [], line


def test_the_page_of_the_landscape_has_every_table_and_key() -> None:
    text = PAGES["man5/bothsides-landscape.5"].text
    for name, keys in TABLES.items():
        assert f"[{name}]" in text
        assert all(f"= `{key}`\n" in text for key in keys if key not in OPTIONS), name


def test_the_page_of_check_https_says_what_differs_from_check_http() -> None:
    text = text_of("man1/check_https.1")
    for word in (
        "words of line 1",
        "redirect from https to http",
        "-j CONNECT",
        "1 to 2 ms of CPU",
    ):
        assert word in text


def test_no_page_needs_to_be_read_twice() -> None:
    odd = (
        "the bound itself", "overtak", "doubled", "does well to", "of his own", "accused",
            "goes deaf",
        "is changing a path", "the two same", "speaks as",
    )  # fmt: skip
    for page in PAGES.values():
        assert [word for word in odd if word in page.text] == [], page.name


def test_the_program_writes_the_pages(tmp_path: Path) -> None:
    code, said = run("man", tmp_path)
    assert (code, said) == (0, f"{tmp_path}: {len(PAGES)} pages\n")
    for path, page in PAGES.items():
        assert (tmp_path / path).read_text() == to_roff(page)
