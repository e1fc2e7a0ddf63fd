"""What check_https's options make of the limits."""

import pytest

from bothsides.base.errors import Misuse
from bothsides.check.https.check import CHECK
from bothsides.check.https.limits import Limits, Wanted
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.command_line import limits_of, understood
from bothsides.plugin.finding import Ranges, State
from tests.support.https import limits


def test_limits_may_name_every_figure() -> None:
    ranges: Ranges = limits_of(
        CHECK, understood(CHECK, ["-w", "time_connect=200ms,time_tls=0.5", "-c", "5"])
    )
    assert str(ranges.warning["time_connect"]) == "0.2"
    assert str(ranges.critical["time"]) == "5"


def test_without_options_nothing_is_demanded() -> None:
    assert limits() == Limits(Ranges(CHECK.figures, {}, {}), pictures=False)


def test_every_option_has_its_own_field() -> None:
    made = limits(
        *("-e", "200,204", "-s", "a", "-d", "b", "--no-header", "c", "--invert-regex"),
        *("--state-regex", "warning", "--json", "p=v", "--json-critical", "q[0]=5", "-m", "1:2"),
        *("-M", "90", "-f", "follow", "--max-redirs", "3", "--status-map", "401=ok"),
        *(
            "--expect-http-version",
            "2.0, 1.1",
            "--issuer",
            "d",
            "--fingerprint",
            "AA:BB:" * 15 + "AA:BB",
        ),
        *("--maximum-validity", "2", "--require-stapling", "--all-addresses=4", "--insecure"),
        *("--state", "ro", "--state", "tls=warning", "-B", "-o", "-v"),
        *("--leaf-only", "-C", "30,10%", "--perfdata-style", "check_http"),
    )
    assert made == Limits(
        ranges=Ranges(CHECK.figures, {"cert_days": Range(30.0)}, {}),
        states={"tls": State.WARNING},
        expect=("200", "204"),
        strings=("a",),
        header_strings=("b",),
        inverted=True,
        pattern_state=State.WARNING,
        no_headers=("c",),
        json=(Wanted(("p",), "v"), Wanted(("q", 0), critical=Range(0.0, 5.0))),
        size=(1, 2),
        max_age=90.0,
        follow="follow",
        most_redirects=3,
        status_map=((401, 401, State.OK),),
        versions=("2", "1.1"),
        certificate_only=True,
        shares=(None, 0.1),
        leaf_only=True,
        issuer="d",
        fingerprint="aabb" * 16,
        longest=2 * 86400.0,
        stapled=True,
        addresses_wanted=4,
        verified=False,
        show_body=True,
        style="check_http",
        pictures=True,
        body_figures=True,
    )


def test_patterns_are_kept_as_written_and_compiled() -> None:
    made = limits("-r", "a[[:digit:]]", "-R", "b", "--header-regex", "Server: ^n")
    assert [text for text, _ in made.patterns] == ["a[[:digit:]]", "b"]
    assert [bool(pattern.search("a1 B")) for _, pattern in made.patterns] == [True, True]
    ((name, pattern),) = made.header_patterns
    assert (name, bool(pattern.search("nginx"))) == ("Server", True)


@pytest.mark.parametrize(
    ("arguments", "counted"),
    [
        ((), False),
        (("-w", "tries=5:"), True),
        (("-c", "failed=0"), True),
        (("-c", "time=1"), False),
    ],
)
def test_tries_count_where_they_have_limits(arguments: tuple[str, ...], counted: bool) -> None:
    assert limits(*arguments).counted is counted


def test_a_limit_of_a_figure_goes_before_the_days_of_a_certificate() -> None:
    ranges = limits("-C", "30,14", "-w", "chain_days=5:").ranges
    assert ranges.warning == {"chain_days": Range(5.0)}
    assert ranges.critical == {"chain_days": Range(14.0)}


@pytest.mark.parametrize(
    ("arguments", "fault", "words"),
    [
        (("--state", "x=ok"), Unreadable, "with a class of config, local"),
        (("--state", "tls"), Unreadable, "write --state CLASS=STATE"),
        (("--header-regex", "x"), Unreadable, "write --header-regex as Name: regex"),
        (("--json-warning", "a"), Unreadable, "write --json-warning PATH=RANGE"),
        (("-m", "5:1"), Unreadable, "the smallest size is above the largest"),
        (("-C", "soon"), Misuse, "-C soon: write days, a time as 48h"),
        (("-r", "("), Unreadable, "is not a regular expression"),
    ],
)
def test_what_cannot_be_read_is_said(
    arguments: tuple[str, ...], fault: type[Exception], words: str
) -> None:
    with pytest.raises(fault, match=words):
        limits(*arguments)
