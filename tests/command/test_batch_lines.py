"""The file of a batch: which lines it has, which are wrong, and what the checks make of them."""

import pytest

from bothsides.command.batch_lines import Line, from_text, orders


def test_names_with_blanks_comments_and_quotes() -> None:
    text = """
# all of ours
web1!https  check_https -H web1.example -w 1
web1!loss to aws /usr/lib/nagios/plugins/check_udp_loss -H 192.0.2.7   # five packets
db1 check_snmp_clock -H db1
"a b!c" check_https -H x -s 'two words # no comment'
"""
    read = from_text(text)
    assert read.faults == ()
    assert read.lines == (
        Line(3, "web1", "https", "check_https", ("-H", "web1.example", "-w", "1")),
        Line(4, "web1", "loss to aws", "check_udp_loss", ("-H", "192.0.2.7")),
        Line(5, "db1", "", "check_snmp_clock", ("-H", "db1")),
        Line(6, "a b", "c", "check_https", ("-H", "x", "-s", "two words # no comment")),
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("web1!https check_http -H x", "line 2: no check; write HOST!SERVICE CHECK options"),
        ("a!b check_bogus -H x", "line 2: no check; write HOST!SERVICE CHECK options, with check_"),
        ("check_https -H x", "line 2: nothing in front of check_https; write HOST!SERVICE"),
        ("!x check_https -H x", "line 2: the name of the host is empty"),
        ("a!b;c check_https -H x", "'b;c' is no name of a service: it has a semicolon"),
        ("a!s check_https -H other", "line 2: a!s stands in line 1 too"),
        ("a!t check_https -s 'open", "line 2: a quote is not closed"),
        ("a!t check_https -s x\\", "line 2: nothing follows the \\ at its end"),
        ("a\0!t check_https", "'a\\x00' is no name of a host: it has a control character"),
        ("'a !t' check_https", "it has blanks around it"),
        ("a!t\udcff check_https -H x", "line 2: it is not UTF-8"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_stay(row: str, words: str) -> None:
    read = from_text(f"a!s check_https -H a\n{row}\nb!s check_https -H b")
    assert [line.host for line in read.lines] == ["a", "b"]
    (fault,) = read.faults
    assert words in fault


def test_a_mark_of_byte_order_is_no_part_of_the_first_name() -> None:
    (line,) = from_text("\ufeffweb1!s check_https -H x\n").lines
    assert line.host == "web1"


def test_every_line_gets_the_plan_of_its_check() -> None:
    text = "a!u check_udp_loss -H 192.0.2.7 -n 5\nb!u check_udp_loss -H 192.0.2.8 -w 50,1%"
    first, second = orders(from_text(text).lines)
    assert (first.plan.hosts, first.plan.packets) == (("192.0.2.7",), 5)
    assert (second.plan.hosts, second.plan.packets) == (("192.0.2.8",), 100)
    assert second.limits.ranges.warning["pl"].end == 1
    assert first.limits.ranges.warning["pl"].end == 5


@pytest.mark.parametrize("options", ["--bogus", "--help", "", "-H x -w label=1", "--targets /no"])
def test_a_line_that_its_check_refuses_has_no_plan(options: str) -> None:
    (order,) = orders(from_text(f"a!u check_udp_loss {options}").lines)
    assert order.plan is None
