"""What providers ask for, with the addresses in the commands."""

from bothsides.incident.report_wanted import Traces, wanted

ENDS = (("A", "192.0.2.1"), ("B", "198.51.100.7"))


def test_commands_for_both_ends_while_packets_are_missing() -> None:
    assert list(wanted("hetzner", ENDS, (Traces(52, 0), Traces(0, 0))))[1:] == [
        "This report has 52 echo requests out, 0 back. While it lasts, run:",
        "on A: mtr -bzw -c 200 198.51.100.7",
        "on B: mtr -bzw -c 200 192.0.2.1",
    ]


def test_enough_packets_both_ways_need_no_command() -> None:
    assert list(wanted("plain", ENDS, (Traces(200, 0), Traces(300, 0))))[1:] == [
        "This report has 200 echo requests out, 300 back: that is enough."
    ]


def test_aws_asks_for_tcp_too() -> None:
    lines = list(wanted("aws", ENDS, (Traces(1000, 0), Traces(1000, 49))))
    assert "on A: mtr -brw -c 50 -T -P 443 198.51.100.7" in lines
    assert len(lines) == 6


def test_enough_packets_by_both_protocols_are_enough_for_aws() -> None:
    assert list(wanted("aws", ENDS, (Traces(50, 50), Traces(60, 50))))[1:] == [
        "This report has 50 echo requests out, 60 back, and by TCP 50 out, 50 back: that is enough."
    ]


def test_an_unknown_address_is_a_word_in_capitals() -> None:
    lines = list(wanted("plain", (("A", ""), ("B", "")), (Traces(0, 0), Traces(0, 0))))
    assert "on A: mtr -bzw -c 200 ADDRESS-OF-THE-FAR-END" in lines
