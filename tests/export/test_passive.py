"""A report becomes a result for a service that does not check by itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.export.passive import from_json, from_report, name, shortened, to_json
from bothsides.parse import Unreadable
from bothsides.plugin.output import Report
from tests.export.results import HOST, PLAIN, SHORT


def test_a_report_is_taken_apart_at_its_only_bar_and_its_first_line() -> None:
    text = "UDP_LOSS OK - fine | pl=0%;5;15;0;100 rta=0.01s\n[OK] one\n[OK] two\n"
    result = from_report("mon1", "udp to aws", Report(text, 0), 1.5, 2.5)
    assert (result.line, result.perfdata) == ("UDP_LOSS OK - fine", "pl=0%;5;15;0;100 rta=0.01s")
    assert result.long == "[OK] one\n[OK] two"
    assert result.output == text.rstrip("\n")
    assert from_report("h", "s", Report("X OK\n", 9), 0.0, 0.0).code == 3


@pytest.mark.parametrize("bad", ["", " ", "a;b", "a!b", "a\nb", "a\tb", " a", "a\x17b"])
def test_a_name_that_a_format_would_take_apart_is_refused(bad: str) -> None:
    with pytest.raises(Unreadable):
        name(bad, "host")
    with pytest.raises(Unreadable):
        from_report(bad, "s", Report("X OK\n", 0), 0.0, 0.0)


def test_a_host_is_up_or_down() -> None:
    assert [PLAIN._replace(code=code).host_code for code in range(4)] == [0, 1, 1, 1]


@given(st.text(max_size=300), st.integers(20, 400))
def test_an_output_is_shortened_by_whole_lines(output: str, most: int) -> None:
    cut = shortened(output, most)
    assert len(cut.encode()) <= most or len(output.encode()) <= most
    if cut != output:
        kept = cut.split("\n")
        assert output.encode().startswith(kept[0].encode())


def test_what_was_cut_is_counted() -> None:
    output = "first\n" + "\n".join(f"line {number:03d}" for number in range(100))
    assert shortened(output, 100).split("\n")[-1] == "... 92 more lines"
    assert shortened("x" * 50, 20) == "x" * 20


def test_results_go_through_the_spool_unchanged() -> None:
    for result in (PLAIN, SHORT, HOST):
        assert from_json(json.loads(json.dumps(to_json(result)))) == result


@pytest.mark.parametrize(("field", "value"), [("code", "2"), ("host", None), ("began", "x")])
def test_what_is_no_result_is_told(field: str, value: object) -> None:
    with pytest.raises(Unreadable, match=f"{field} is"):
        from_json({**to_json(PLAIN), field: value})
