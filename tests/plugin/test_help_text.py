from pathlib import Path

import pytest

from bothsides.check.https.check import CHECK as HTTPS
from bothsides.check.udp_loss.check import CHECK as UDP_LOSS
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.help_text import help_epilog


@pytest.mark.parametrize("check", [UDP_LOSS, HTTPS], ids=lambda check: check.program)
def test_help_names_every_figure_in_the_order_of_the_performance_data(check: AnyCheck) -> None:
    lines = help_epilog(check).splitlines()
    begin = lines.index("performance data, in this order; each label accepts -w and -c:") + 1
    figures = lines[begin : begin + len(check.figures)]
    assert [line.split()[0] for line in figures] == [figure.label for figure in check.figures]
    assert lines[begin + len(check.figures)] == ""


def test_help_begins_with_the_examples_as_they_can_be_typed() -> None:
    lines = help_epilog(UDP_LOSS).splitlines()
    assert lines[0] == "examples:"
    assert [line.strip() for line in lines[1 : 1 + len(UDP_LOSS.examples)]] == [
        f"check_udp_loss {example}" for example in UDP_LOSS.examples
    ]


def test_help_ends_with_a_file_that_exists_in_a_checkout() -> None:
    last = help_epilog(UDP_LOSS).splitlines()[-1]
    assert Path(last.removeprefix("documentation: file://")).name == "README.md"
    assert Path(last.removeprefix("documentation: file://")).exists()
