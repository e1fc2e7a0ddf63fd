"""Words for people: line 1 within its budget, and the long output below it."""

import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.range import from_range
from bothsides.plugin.finding import Copied, Figure, Part, Reading, Remark, State, Table
from bothsides.plugin.text import LINE, TEXT, head, line_one, long_output, words_of

RTA = Figure("rta", "s", "mean round trip")
LOST = Remark(State.CRITICAL, "lost all")
LATE = Remark(State.WARNING, "two were late")


def test_the_head_has_the_first_words_of_the_worst_state() -> None:
    assert head("X", State.CRITICAL, "a", [LATE, LOST]) == "X CRITICAL - a: lost all"
    assert head("X", State.OK, "a", []) == "X OK - a: nothing measured"


def test_the_head_names_the_target_once() -> None:
    named = Remark(State.OK, "a.example answers")
    assert head("X", State.OK, "a.example", [named]) == "X OK - a.example answers"
    assert head("X", State.OK, "", [named]) == "X OK - a.example answers"


def test_a_long_subject_is_cut_before_the_cause() -> None:
    query = "SELECT last(state) FROM /^bothsides_(udp|path|https|clock)/ GROUP BY *"
    cause = "InfluxDB cannot be asked: http://192.0.2.1:8086/query: Could not connect to server"
    text = head("METRIC", State.UNKNOWN, query, [Remark(State.UNKNOWN, cause)])
    assert text.endswith(f"/clock)/ GROUP BY *: {cause}")
    assert text.startswith("METRIC UNKNOWN - SELECT last(state)")
    assert len(text) <= TEXT


@pytest.mark.parametrize("name", ["b" * 300, f"{'b' * 60}.{'c' * 60}.example.net"])
def test_a_long_host_name_does_not_crowd_the_cause_out(name: str) -> None:
    for words, end in (
        (f"{name} has no address (the name does not exist)", "has no address (the name does not"),
        (f"one service fails since 08:00 UTC: the far end {name}, certain", ", certain"),
    ):
        text = head("X", State.UNKNOWN, name, [Remark(State.UNKNOWN, words)])
        assert end in text
        assert len(text) <= TEXT


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_head_is_short_and_printable(subject: str, words: str) -> None:
    text = head("X", State.WARNING, subject, [Remark(State.WARNING, words)])
    assert len(text) <= TEXT
    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("0.1", 0.25, "rta 0.25s, above 0.1 s"),
        ("0.1:", 0.05, "rta 0.05s, below 0.1 s"),
        ("@0.1:0.3", 0.25, "rta 0.25s, inside 0.1 to 0.3 s"),
        ("@0.1:", 0.25, "rta 0.25s, at or above 0.1 s"),
        ("@~:0.3", 0.25, "rta 0.25s, at or below 0.3 s"),
        ("@0.3", 0.25, "rta 0.25s, inside 0 to 0.3 s"),
        ("@~:", 0.25, "rta 0.25s, any value alerts"),
    ],
)
def test_a_broken_limit_is_said(limit: str, value: float, words: str) -> None:
    reading = Reading(RTA, value, "", None, from_range(limit))
    assert (reading.state, words_of(reading)) == (State.CRITICAL, words)


@pytest.mark.parametrize(
    ("limit", "value", "shown", "words"),
    [
        ("0.0536", 0.0569, "rta 56.9 ms", "rta 56.9 ms, above 53.6 ms"),
        ("0.0002", 0.00025, "rta 250 us", "rta 250 us, above 200 us"),
        ("0.5:", 0.0569, "rta 56.9 ms to a.example", "rta 56.9 ms to a.example, below 500 ms"),
        ("0.5", 1.25, "rta 1.25 s", "rta 1.25 s, above 0.5 s"),
        ("0.5", 0.6, "0.600 s behind", "0.600 s behind, above 0.5 s"),
        ("@0.1:0.3", 0.25, "rta 250 ms", "rta 250 ms, inside 100 to 300 ms"),
        ("@0.1:", 0.25, "rta 250 ms", "rta 250 ms, at or above 100 ms"),
        ("@0:1", 0.00003, "rta 30 us", "rta 30 us, inside 0 to 1 s"),
        ("5:", 0.00003, "rta 30 us", "rta 30 us, below 5 s"),
    ],
)
def test_a_limit_has_the_unit_of_the_value_beside_it(
    limit: str, value: float, shown: str, words: str
) -> None:
    assert words_of(Reading(RTA, value, shown, None, from_range(limit))) == words


def test_an_unbroken_limit_is_not_said() -> None:
    assert words_of(Reading(RTA, 0.05, "rta 50 ms", from_range("0.1"))) == "rta 50 ms"


def tokens(number: int) -> list[str]:
    return [f"label_{place:04d}=1234s;1;2;0;9" for place in range(number)]


def test_line_one_leaves_out_bounds_then_limits_then_the_last_figures() -> None:
    words = "X OK - " + "w" * 140
    assert line_one(words, tokens(30)).endswith("label_0029=1234s;1;2;0;9")
    assert line_one(words, tokens(38)).endswith("label_0037=1234s;1;2")
    assert line_one(words, tokens(48)).endswith("label_0047=1234s")
    assert line_one(words, tokens(53)).startswith(f"{words} | label_0000=1234s ")
    assert "label_0000" in line_one(words, tokens(500))


def test_performance_data_never_cut_the_cause_and_whose_fault_it_is() -> None:
    url = "https://www.example.org/" + "a" * 60
    cause = ": proxy p:3128 refused the login of user monitor (407) (blame: proxy)"
    text = line_one(f"HTTPS CRITICAL - {url}{cause}", tokens(60))
    assert text.partition(" | ")[0].endswith(f"aaa{cause}")
    assert "..." in text.partition(cause)[0]
    assert len(text) <= LINE


def test_the_proxy_of_a_request_goes_as_a_whole_where_there_is_too_little_room() -> None:
    words = f"{'w' * 110}, through proxy proxy.example.org:3128 of https_proxy (blame: local)"
    text = head("X", State.UNKNOWN, "", [Remark(State.UNKNOWN, words)])
    assert text == f"X UNKNOWN - {'w' * 110} (blame: local)"


@given(st.text(max_size=TEXT), st.lists(st.text(min_size=1, max_size=40), max_size=60))
def test_line_one_fits(words: str, tokens: list[str]) -> None:
    assert len(line_one(words, tokens)) <= LINE


def test_a_line_to_copy_is_exact_at_a_terminal_and_can_be_read_back_elsewhere() -> None:
    table = Table((Copied("  URL         http://h/x?a=1&b=$H;c"),))
    (exact,) = long_output([table], "", 1, False, terminal=True)
    assert exact == "  URL         http://h/x?a=1&b=$H;c"
    (safe,) = long_output([table], "", 1, False)
    assert safe == "  URL         http://h/x?a=1%26b=%24H%3Bc"
    assert urllib.parse.unquote(safe) == exact


def test_long_output_repeats_nothing_of_line_one() -> None:
    findings: list[Part] = [LOST, LATE, Table(("deep",), 2), Table(("table",))]
    above = head("X", State.CRITICAL, "a", findings)
    assert long_output(findings, above, 0, False) == ["[WARNING] two were late"]
    assert long_output(findings, above, 1, False) == ["[WARNING] two were late", "table"]
    assert long_output(findings, above, 2, False) == ["[WARNING] two were late", "deep", "table"]


def test_figures_without_a_limit_have_no_line_of_their_own() -> None:
    limit = from_range("1")
    assert long_output([Reading(RTA, 0.5, "rta 0.5 s")], "", 0, False) == []
    assert long_output([Reading(RTA, 0.5, "rta 0.5 s", limit)], "", 0, False) == ["[OK] rta 0.5 s"]
    assert long_output([Reading(RTA, None, "", limit)], "", 0, False) == []


LONG = "https://www.lab.test/" + "a" * 130


@pytest.mark.parametrize("subject", [LONG, "3 URLs"])
def test_a_long_url_is_cut_in_its_middle_and_neither_cause_nor_blame_is(subject: str) -> None:
    words = f"{LONG}: connection refused by 192.0.2.1 port 444; see check_mtr_path (blame: server)"
    if subject == LONG:
        words = words.partition(": c")[2].join(("c", ""))
    line = head("HTTPS", State.CRITICAL, subject, [Remark(State.CRITICAL, words)])
    assert len(line) <= 160
    assert "connection refused by 192.0.2.1 port 444" in line
    assert line.endswith("(blame: server)")
    assert "https://www.lab.test/aaa" in line and "aaa..." in line


def test_a_hint_goes_before_a_cause_is_cut() -> None:
    cause = (
        "no answer from all 4 addresses of a.very.long.name.example.org port 443 to 6 SYN packets"
    )
    words = f"{cause} within 7.0 s; see check_mtr_path (blame: path or far end)"
    line = head(
        "HTTPS", State.CRITICAL, "https://a.very.long.name/", [Remark(State.CRITICAL, words)]
    )
    assert "check_mtr_path" not in line
    assert "SYN packets" in line and line.endswith("(blame: path or far end)")


def test_days_have_their_unit() -> None:
    figure = Figure("cert_days", "", "x", None)
    reading = Reading(figure, 5.5, "expires in 5.5 days", None, from_range("7:"))
    assert words_of(reading) == "expires in 5.5 days, below 7 days"
