"""What check_https's options make of the plan."""

import pytest

from bothsides.check.https.check import CHECK
from bothsides.plugin.command_line import limits_of, understood
from tests.support.process import run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("https://localhost/", "-u", "/login"), "-u beside a whole URL"),
        (("https://localhost/", "https://localhost:8443/", "-p", "8444"), "-p beside 2 URLs"),
        (
            ("http://localhost/", "https://localhost/", "--plain"),
            "--plain beside https://localhost/",
        ),
        (("http://localhost/", "-S1.2"), "-S beside http://localhost/"),
        (("-H", "localhost", "-4", "--source", "::1"), "--source ::1 is no IPv4 address"),
        (("-o", "https://a/", "https://b/"), "-o reads one body"),
        (("-H", "localhost", "--plain", "-S"), "--plain and -S exclude each other"),
    ],
)
def test_no_option_is_silently_dropped_beside_a_whole_url(
    arguments: tuple[str, ...], words: str
) -> None:
    done = run("check_https", *arguments)
    assert (done.code, words in done.line) == (3, True), done.text


@pytest.mark.parametrize(
    ("source", "family"), [("::1", 6), ("fe80::1%eth0", 6), ("127.0.0.1", 4), ("eth0", 0), ("", 0)]
)
def test_from_a_source_address_only_its_own_family_is_asked(source: str, family: int) -> None:
    options = understood(CHECK, ["-H", "example.org", "--source", source])
    assert (
        CHECK.plan(options, CHECK.limits(options, limits_of(CHECK, options))).route.family == family
    )
