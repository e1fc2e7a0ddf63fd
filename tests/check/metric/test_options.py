"""Plans that the command line makes, and what it refuses."""

from pathlib import Path

import pytest

from bothsides.base.errors import Misuse, Unable
from bothsides.check.metric.check import CHECK
from bothsides.check.metric.options import Limits, plan, short
from bothsides.model.metric import Plan
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.plugin.command_line import limits_of, understood


def planned(*words: str) -> Plan:
    options = understood(CHECK, words)
    return plan(options, CHECK.limits(options, limits_of(CHECK, options)))


def test_a_store_and_a_query_suffice() -> None:
    expected = Plan("graphite", "http://g.example/", "a.b", 600.0, 300.0)
    assert planned("--graphite", "http://g.example", "-q", "a.b") == expected


def test_a_bare_limit_is_the_value() -> None:
    assert short(["10:20"]) == {"value": Range(10.0, 20.0)}
    with pytest.raises(Unreadable):
        short(["1", "2"])


def test_a_host_alone_is_asked_for_all_states_with_their_limits() -> None:
    options = understood(CHECK, ["-H", "2001:db8::1"])
    limits = CHECK.limits(options, limits_of(CHECK, options))
    made = plan(options, limits)
    assert (made.store, made.url) == ("prometheus", "http://[2001:db8::1]:9090/")
    assert made.query == "bothsides_state"
    readings = [limits.ranges.reading("value", value).state.value for value in (0, 1, 2, 3)]
    assert readings == ["OK", "WARNING", "CRITICAL", "WARNING"]
    assert planned("--graphite", "http://g").query == "bothsides.*.*.*.state"
    own = understood(CHECK, ["-H", "db1", "-w", "5"])
    assert CHECK.limits(own, limits_of(CHECK, own)).ranges.critical == {}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--graphite http://a --influx http://b -q a", "name one store"),
        ("-H a --graphite http://a", "name one store"),
        ("-q a", "name one store"),
        ("--graphite http://a -q a --query-file /x", "two queries"),
        ("--graphite http://a -q a --no-data ok", "never OK"),
        ("--graphite http://a -q a --window 0.5s", "from 1s"),
        ("--prometheus http://a -q sum(a) --max-age 1m", "write a plain selector"),
    ],
)
def test_what_contradicts_itself_is_refused(words: str, told: str) -> None:
    with pytest.raises(Misuse, match=told.replace("(", r"\(")):
        planned(*words.split())


@pytest.mark.parametrize("url", ["http://u:secret@a", "http://a/?p=secret", "a:80", "ftp://a"])
def test_a_url_with_a_login_or_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        planned("--graphite", url, "-q", "a")
    assert "secret" not in str(refusal.value)


def test_the_query_can_stand_in_a_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "query"
    file.write_text("  sum(rate(a{b='c'}[5m]))\n")
    words = ("--prometheus", "http://a", "--query-file")
    assert planned(*words, str(file)).query == "sum(rate(a{b='c'}[5m]))"
    file.write_bytes(b"\xff")
    with pytest.raises(Unable, match="not UTF-8"):
        planned(*words, str(file))
    with pytest.raises(Unable, match="No such file"):
        planned(*words, str(tmp_path / "other"))


def test_an_empty_query_is_no_query_for_all_states() -> None:
    with pytest.raises(Misuse, match="the query is empty"):
        planned("-H", "a", "-q", "")


def test_no_data_may_be_worse_than_unknown() -> None:
    options = understood(CHECK, ["--no-data", "critical"])
    assert isinstance(CHECK.limits(options, limits_of(CHECK, options)), Limits)


@pytest.mark.parametrize(
    ("path", "query", "taken"),
    [
        ("query?db=x", "SELECT last(v) FROM m WHERE t = 'drop; into'", True),
        ("query?db=x", "select mean(v) from m;", True),
        ("query?db=x", 'SELECT "into" FROM m', True),
        ("query?db=x", "DROP DATABASE x", False),
        ("query?db=x", "SELECT v FROM m; DROP DATABASE x", False),
        ("query?db=x", "SELECT v INTO n FROM m", False),
        ("query?db=x", "", False),
        ("api/v2/query?org=o", 'from(bucket: "b") |> range(start: -1h) |> last()', True),
        ("api/v2/query?org=o", 'from(bucket: "b") |> histogram(bins: [1.0])', True),
        ("api/v2/query?org=o", 'from(bucket: "b") |>\n  to (bucket: "c")', False),
        ("api/v2/query?org=o", 'x |> experimental.to(bucket: "c")', False),
    ],
)
def test_a_query_that_changes_what_is_stored_is_refused(
    path: str, query: str, taken: bool, tmp_path: Path
) -> None:
    file = tmp_path / "query"
    file.write_text(query)
    words = ["--influx", f"http://db/{path}", "--query-file", str(file)]
    if taken:
        assert planned(*words).query == query
    else:
        with pytest.raises(Misuse, match=r"one SELECT without INTO|the query is empty"):
            planned(*words)
