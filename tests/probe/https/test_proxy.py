"""Which proxy a URL goes through, by libcurl's rules."""

import pytest

from bothsides.base.errors import Unable
from bothsides.parse.url import from_url
from bothsides.probe.https.proxy import bare, choose, from_proxy

URL = from_url("https://www.example.org/")
ONE, TWO = "http://one:3128", "http://two"


def test_the_named_one_wins_and_none_at_all_can_be_named() -> None:
    assert str(choose(URL, ONE, None, {"https_proxy": TWO})) == ONE
    assert choose(URL, "", None, {"https_proxy": TWO}) is None


def test_the_environment_counts_lower_case_first_and_says_which_variable() -> None:
    found = choose(URL, None, None, {"HTTPS_PROXY": ONE, "https_proxy": TWO, "all_proxy": ONE})
    assert found is not None
    assert (str(found), found.source) == ("http://two:1080", "https_proxy")
    every = choose(URL, None, None, {"ALL_PROXY": ONE})
    assert every is not None and every.source == "ALL_PROXY"


def test_http_proxy_in_capitals_is_a_visitors_header_and_never_trusted() -> None:
    plain = from_url("http://www.example.org/")
    assert choose(plain, None, None, {"HTTP_PROXY": ONE}) is None
    assert choose(plain, None, None, {"http_proxy": ONE}) is not None


@pytest.mark.parametrize(
    "exempt", ["*", "example.org", ".example.org", "a, www.example.org", "www.example.org."]
)
def test_exempt_hosts_go_without(exempt: str) -> None:
    assert choose(URL, ONE, exempt, {}) is None
    assert choose(URL, None, None, {"https_proxy": ONE, "no_proxy": exempt}) is None


def test_exempt_networks_hold_addresses_only() -> None:
    assert choose(from_url("https://10.1.2.3/"), ONE, "10.0.0.0/8", {}) is None
    assert choose(from_url("https://11.1.2.3/"), ONE, "10.0.0.0/8", {}) is not None
    assert choose(URL, ONE, "ample.org", {}) is not None


def test_a_login_in_the_url_is_kept_apart_and_never_printed() -> None:
    found = from_proxy("http://monitor:p%40ss@one:3128")
    assert found.login == "monitor:p@ss"
    odd = from_proxy("http://monitor:p://ss@one")
    assert (str(odd), odd.login, bare("http://monitor:p://ss@one")) == (
        "http://one:1080",
        "monitor:p://ss",
        "http://one",
    )
    assert "p@ss" not in repr(found) + str(found) + bare("http://monitor:p%40ss@one:3128")


@pytest.mark.parametrize("text", ["ftp://one", "http://", "http://one:99999"])
def test_what_is_no_proxy_is_our_own_mistake(text: str) -> None:
    with pytest.raises(Unable):
        from_proxy(text, "https_proxy")
