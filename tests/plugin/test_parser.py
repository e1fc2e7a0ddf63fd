"""Plain command lines are read without argparse, and exactly as argparse reads them."""

import argparse
import shlex
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bothsides.base.errors import Misuse
from bothsides.check.https.check import CHECK as HTTPS
from bothsides.check.mtr_path.check import CHECK as PATH
from bothsides.check.snmp_clock.check import CHECK as CLOCK
from bothsides.check.udp_loss.check import CHECK as UDP
from bothsides.parse.text import from_count
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.command_line import parser_of, understood
from bothsides.plugin.parser import SUPPRESS, Namespace, Parser, nearest, valued
from tests.support.process import HOUSE

CHECKS = {check.program: check for check in (UDP, HTTPS, CLOCK, PATH)}
PARSERS = {program: parser_of(check) for program, check in CHECKS.items()}
VALUES = (
    "", "-", "--", "x", "1", "-5", "20ms", "50,1%", "pl=3", "@1:2", "=x", "a b", "1.2", "TLSv1.2",
    "text", "json", "U", "omit", "stamp", "rw", "auto", "127.0.0.1", "https://x/", "99999999",
)  # fmt: skip


@pytest.fixture
def parser() -> Parser:
    made = Parser("check_x", "What it is.", "the end")
    made.add_argument("-n", "--number", type=valued(from_count, 1, 9))
    made.add_argument("--switch", action="store_true")
    made.add_argument("--often", nargs="?", const="always")
    return made


def test_every_error_is_a_misuse(parser: Parser) -> None:
    for words in (["--number"], ["--number", "x"], ["--switch=1"]):
        with pytest.raises(Misuse):
            parser.parse_args(words)


def test_the_words_of_our_parsers_reach_the_user(parser: Parser) -> None:
    with pytest.raises(Misuse, match="'12' is not a whole number from 1 to 9"):
        parser.parse_args(["-n", "12"])
    assert parser.parse_args(["-n", "3"]).number == 3


def test_options_are_not_abbreviated(parser: Parser) -> None:
    _, unknown = parser.parse_known_args(["--num", "3"])
    assert unknown == ["--num", "3"]


def test_the_parser_knows_what_takes_a_value(parser: Parser) -> None:
    assert set(parser.names()) == {"-n", "--number", "--switch", "--often"}
    taking = [name for name in parser.names() if parser.takes_value(name)]
    assert taking == ["-n", "--number"]
    assert not parser.takes_value("--unknown")
    assert parser.value_if_bare("--often") == "always"
    assert parser.value_if_bare("--number") is None


def test_the_nearest_name_is_offered() -> None:
    assert nearest("option", "--warnign=3", ["--warning", "--critical"]) == (
        "unknown option --warnign, did you mean --warning?"
    )
    assert nearest("label", "zzz", ["rta"]) == "unknown label zzz"


@pytest.mark.parametrize("word", ["--resolve", "--count", "-X", "---"])
def test_a_name_that_is_not_alike_is_not_offered(word: str) -> None:
    names = ["--style", "--route", "-x", "-4", "--timeout", "--critical"]
    assert nearest("option", word, names) == f"unknown option {word}"


def test_help_has_summary_and_end(parser: Parser) -> None:
    text = parser.format_help()
    assert text.startswith("usage: check_x")
    assert "What it is." in text
    assert text.rstrip().endswith("the end")


def command_lines(parser: Parser) -> st.SearchStrategy[list[str]]:
    """Words as people type them: options with and without values, glued and apart, and others."""
    name, value = st.sampled_from(parser.names()), st.sampled_from(VALUES)
    piece = st.one_of(
        st.tuples(name),
        st.tuples(name, value),
        st.builds(lambda option, text: (f"{option}={text}",), name, value),
        st.builds(lambda option, text: (f"{option}{text}",), name, value),
        st.tuples(value),
    )
    return st.lists(piece, max_size=5).map(
        lambda pieces: [word for part in pieces for word in part]
    )


@pytest.mark.parametrize("program", CHECKS)
@given(st.data())
def test_a_plain_line_gives_what_argparse_gives(program: str, data: st.DataObject) -> None:
    parser = PARSERS[program]
    words = data.draw(command_lines(parser))
    plain = parser.plain(words)
    if plain is not None:
        assert parser.argparse().parse_known_args(words, Namespace()) == (plain, [])


@given(st.lists(st.sampled_from(["-n3", "-n", "3", "--switch", "--often=x", "--to=1", "y", "-s"])))
@example(["--often"])
@example(["-sn3"])
def test_all_kinds_of_options_give_what_argparse_gives(words: list[str]) -> None:
    made = Parser("check_x", "", "")
    made.add_argument("-n", "--number", type=valued(from_count, 1, 9), default="4", dest="count")
    made.add_argument("-s", "--switch", action="store_true")
    made.add_argument("--other", action="store_const", const=7, dest="count")
    made.add_argument("--often", nargs="?", const="always", action="append")
    made.add_argument("--to", action="append", default=["a"], choices=("1", "2"))
    made.add_argument("rest", nargs="*")
    plain = made.plain(words)
    if plain is not None:
        assert made.argparse().parse_known_args(words, Namespace()) == (plain, [])


@pytest.mark.parametrize(
    ("program", "example"),
    [
        (program, example)
        for program, check in CHECKS.items()
        for example in check.examples
        if example.startswith("-") and "--extra-opts" not in example
    ],
)
def test_every_example_of_help_is_plain(
    monkeypatch: pytest.MonkeyPatch, program: str, example: str
) -> None:
    monkeypatch.setattr(Parser, "argparse", lambda parser: pytest.fail("argparse was asked"))
    understood(CHECKS[program], shlex.split(example))


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("check_udp_loss", "-H 192.0.2.7 -w 50,1% -c 100,5% -t 3 -4 -v --wait=1s -p8620"),
        ("check_https", "-H www.example.org -S -e 200,301 --regex=a --regex=b -v -v"),
        ("check_snmp_clock", "-H 192.0.2.7 -C public -w 1 -c 5 --state ro"),
        ("check_mtr_path", "-H 192.0.2.7 --equiv 192.0.2.1=192.0.2.2 --sticky"),
    ],
)
def test_the_usual_line_loads_no_argparse(program: str, words: str) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r})\n"
        f"from bothsides.check.{program[6:]}.check import CHECK\n"
        "from bothsides.plugin.command_line import understood\n"
        f"understood(CHECK, {words.split()!r}); print('argparse' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("check", CHECKS.values())
def test_what_is_wrong_is_said_by_argparse(check: AnyCheck) -> None:
    for words in (
        ["-H"],
        ["-H", "x", "-t", "soon"],
        ["-H", "x", "--output", "poem"],
        ["--nothing"],
    ):
        assert PARSERS[check.program].plain(words) is None
        with pytest.raises(Misuse):
            understood(check, words)


def test_a_hidden_option_is_hidden_from_argparse() -> None:
    assert SUPPRESS == argparse.SUPPRESS
