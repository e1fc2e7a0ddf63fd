"""Ranges and perfdata as their other readers understand them.

Perl's Monitoring::Plugin and Icinga 2.
"""

import json
import math
import random
import subprocess

import pytest

from bothsides.parse.range import Range, Unit, from_range, to_range
from bothsides.parse.text import to_number
from bothsides.plugin.finding import Figure, Finding, Ranges, Reading
from bothsides.plugin.output import Style, render
from tests.support import need

PERL_RANGES = """
use Monitoring::Plugin::Range;
while (my $line = <STDIN>) {
    chomp $line;
    my ($text, @values) = split / /, $line;
    my $range = Monitoring::Plugin::Range->parse_range_string($text);
    print defined $range ? join("", map { $range->check_range($_) ? 1 : 0 } @values)
        : "refused", "\\n";
}
"""
PERL_PERFDATA = """
use Monitoring::Plugin::Performance;
my @read = Monitoring::Plugin::Performance->parse_perfstring(do { local $/; <STDIN> });
printf "%s %.6f %s\\n", $_->label, $_->value, $_->uom // "" for @read;
"""
NICE = (-100.5, -60, -5.5, -1, 0, 0.001, 0.3, 1, 5, 5.75, 10, 20, 59.9, 100, 1000, 123456)


def perl(program: str, text: str) -> list[str]:
    found = need.program("perl", "perl")
    if subprocess.run(
        [found, "-MMonitoring::Plugin", "-e", "1"], capture_output=True, check=False
    ).returncode:
        need.missing(
            "Monitoring::Plugin is not installed: apt-get install libmonitoring-plugin-perl"
        )
    done = subprocess.run(
        [found, "-e", program], input=text, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def _range(dice: random.Random) -> Range:
    start, end = sorted((dice.choice(NICE), dice.choice(NICE)))
    if dice.random() < 0.2:
        start = -math.inf
    elif dice.random() < 0.2:
        end = math.inf
    if (start, end) == (-math.inf, math.inf):
        end = 0.0
    return Range(start, end, dice.random() < 0.3)


def _agree(pairs: int) -> None:
    dice = random.Random(5666)
    ranges = [_range(dice) for _ in range(pairs // 20)]
    values = [
        [
            dice.choice(NICE) if dice.random() < 0.5 else round(dice.uniform(-200, 200), 3)
            for _ in range(20)
        ]
        for _ in ranges
    ]
    lines = [
        " ".join([to_range(limits), *map(to_number, row)])
        for limits, row in zip(ranges, values, strict=True)
    ]
    ours = [
        "".join("1" if limits.alerts(value) else "0" for value in row)
        for limits, row in zip(ranges, values, strict=True)
    ]
    assert perl(PERL_RANGES, "\n".join(lines) + "\n") == ours


def test_perl_alerts_on_the_same_values() -> None:
    _agree(20_000)


@pytest.mark.soak
def test_perl_alerts_on_the_same_million_values() -> None:
    _agree(1_000_000)


def test_perl_refuses_what_we_refuse() -> None:
    wrong = [":", "1:~", "foo", "1-10", "10:~", "1-10:2.4", "1,10", "2:1"]
    assert perl(PERL_RANGES, "".join(f"{text} 1\n" for text in wrong)) == ["refused"] * len(wrong)
    for text in wrong:
        with pytest.raises(ValueError, match=r"range|bound"):
            from_range(text)


def _perfdata() -> tuple[list[Reading], str]:
    """Readings that use every unit, size of number and form of limit, and the perfdata that we
    print of them.
    """
    numbers = [0.001234, 28.0, None, 1e-6, 123456789.0, -7.3, 1 / 3]
    units: tuple[Unit, ...] = ("s", "%", "", "s", "B", "s", "c")
    figures = tuple(
        Figure(f"f{place}", uom, "", 0 if (numbers[place] or 0) >= 0 else None)
        for place, uom in enumerate(units)
    )
    limits = Ranges(
        figures,
        {figure.label: from_range("~:12.5") for figure in figures},
        {figure.label: from_range("99") for figure in figures},
    )
    readings: list[Finding] = [
        limits.reading(figure.label, number)
        for figure, number in zip(figures, numbers, strict=True)
    ]
    line = render("X", "y", readings, figures, Style()).text.partition("\n")[0]
    return [reading for reading in readings if isinstance(reading, Reading)], line.partition("| ")[
        2
    ]


def test_perl_reads_the_same_labels_values_and_units() -> None:
    readings, text = _perfdata()
    assert perl(PERL_PERFDATA, text) == [
        f"{reading.figure.label} {reading.value or 0:.6f} {reading.figure.uom}"
        for reading in readings
        if reading.measured
    ]  # it leaves U out


def test_icinga_reads_the_same_values_and_upper_limits() -> None:
    icinga = need.program("icinga2", "icinga2-bin")
    readings, text = _perfdata()
    for reading, token in zip(readings, text.split(), strict=True):
        if not reading.measured:
            continue  # Icinga leaves U out with a warning; see --perfdata-missing omit
        expression = f'parse_performance_data("{token}")'
        done = subprocess.run(
            [icinga, "console", "--eval", expression],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        parsed = json.loads(done.stdout)
        assert parsed["label"] == reading.figure.label
        assert parsed["value"] == pytest.approx(float(to_number(reading.value)), rel=1e-9)
        assert parsed["crit"] == 99
        if reading.figure.low is not None:
            assert parsed["warn"] == 12.5
