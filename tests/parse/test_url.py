"""URLs in their parts; the examples of RFC 3986 section 5.4 for where redirects lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse import Unreadable
from bothsides.parse.url import Url, from_authority, from_url, redirected


def test_a_whole_url_has_the_ports_of_its_scheme() -> None:
    assert from_url("https://example.org") == Url("https", "example.org", 443, "/")
    assert from_url("HTTP://example.org:8080/a?b#c") == Url("http", "example.org", 8080, "/a?b")
    assert str(from_url("https://[2001:db8::1]:8443/x")) == "https://[2001:db8::1]:8443/x"


@pytest.mark.parametrize(
    "name", ["stra\u00dfe.de", "\u03b2\u03cc\u03bb\u03bf\u03c2.com", "a\u200db.test"]
)
def test_a_name_that_is_another_one_since_2008_is_not_guessed(name: str) -> None:
    with pytest.raises(Unreadable, match="means two names"):
        from_url(f"https://{name}/")


def test_a_name_beyond_ascii_goes_out_as_idna() -> None:
    assert from_url("https://b\u00fccher.example/").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("example.org", "is not a URL"),
        ("https://", "is not a URL"),
        ("ftp://example.org/", "only https and http"),
        ("https://user:secret@example.org/", "--authorization"),
        ("https://example.org:0/", "port"),
        ("https://example.org:99999/", "port"),
        ("https://exa mple.org/", "not a URL"),
        ("https://-oops/", "not a host name"),
    ],
)
def test_a_broken_url_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as caught:
        from_url(text)
    assert "secret" not in str(caught.value)


def test_authorities_carry_ports_and_bare_addresses_do_not() -> None:
    assert from_authority("host:81") == ("host", 81)
    assert from_authority("[::1]:81") == ("::1", 81)
    assert from_authority("::1") == ("::1", None)


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g",
         "http://a/g"),
        ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"), ("#s",
         "http://a/b/c/d;p?q"),
        ("g#s", "http://a/b/c/g"), (";x", "http://a/b/c/;x"), ("", "http://a/b/c/d;p?q"), (".",
         "http://a/b/c/"),
        ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"), ("../../../g",
         "http://a/g"),
        ("/./g", "http://a/g"), ("/../g", "http://a/g"), ("g.", "http://a/b/c/g."), ("./../g",
         "http://a/b/g"),
        ("g;x=1/../y", "http://a/b/c/y"), ("g?y/../x", "http://a/b/c/g?y/../x"), ("https://b:1/x y",
         "https://b:1/x%20y"),
    ],
)  # fmt: skip
def test_redirects_lead_where_rfc_3986_says(location: str, leads: str) -> None:
    assert str(redirected(from_url("http://a/b/c/d;p?q"), location)) == leads


def test_octets_beyond_ascii_in_a_redirect_are_escaped_as_they_came() -> None:
    there = "/gr\u00fcn x".encode().decode("latin-1")
    assert str(redirected(from_url("http://a/"), there)) == "http://a/gr%C3%BCn%20x"


def test_a_scope_is_written_with_its_percent_sign_escaped_and_kept_without() -> None:
    for text in ("https://[fe80::1%25eth0]:8443/", "https://[fe80::1%eth0]:8443/"):
        url = from_url(text)
        assert (url.host, str(url)) == ("fe80::1%eth0", "https://[fe80::1%25eth0]:8443/")


def test_a_redirect_with_a_user_name_leads_there_without_it() -> None:
    base = from_url("https://a/x")
    assert str(redirected(base, "https://user:pass@b/y@z")) == "https://b/y@z"
    assert str(redirected(base, "//user@b?q=@")) == "https://b/?q=@"


def test_a_port_of_thousands_of_digits_is_refused_like_any_other() -> None:
    with pytest.raises(Unreadable, match="port"):
        redirected(from_url("http://a/"), f"http://a:{'1' * 5000}/")


@given(st.text())
def test_nothing_but_unreadable_comes_of_any_text(text: str) -> None:
    for read in (
        from_url,
        from_authority,
        lambda location: redirected(Url("https", "a", 443), location),
    ):
        try:
            read(text)
        except Unreadable:
            pass


@pytest.mark.parametrize(
    "text", [f"https://a.example:{'9' * 5000}/", "https://a.example:65536/", "https://a.example:²/"]
)
def test_no_port_is_too_long_to_be_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="a port lies between 1 and 65535"):
        from_url(text)


@pytest.mark.parametrize(
    "text", ["ftp://user:secret@h/", "https://user:secret@h/x y", "https://user:se:c@ret@h/\x01"]
)
def test_no_login_is_repeated_by_a_refusal(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        from_url(text)
    assert "sec" not in str(caught.value)
    assert "ret" not in str(caught.value)


def test_a_url_without_a_host_is_named_as_such() -> None:
    with pytest.raises(Unreadable, match=r"^an empty name is not host"):
        from_url("https:///x")
