"""Words that several findings share."""

import pytest

from bothsides.analyse.https import Expiry, figures_of
from bothsides.check.https.text import duration, expiry, through
from bothsides.model.https import Contact
from bothsides.parse.libcurl import Phases
from bothsides.plugin.finding import Reading
from tests.support.https import CHAIN, DAY, GOOD, NOW, answered, at, judged


def test_a_slow_server_is_told_from_a_network_that_loses_packets() -> None:
    found = answered()
    hop = found.hops[0]._replace(phases=Phases(0.01, 0.02, None, 0.03, 2.0, 0.05))
    lossy = hop._replace(
        phases=Phases(0.01, 3.0, None, 0.03, 0.04, 0.05),
        contacts=(Contact("192.0.2.1", True, "", 3.0, 0.02, 2),),
    )
    words = [
        f.words
        for one in (hop, lossy)
        for f in judged(found._replace(hops=(one,)))
        if isinstance(f, Reading)
    ]
    assert "took 2.11 s (mostly the answer)" in words
    assert "took 3.13 s (mostly connecting; lost on the way: 2 packets sent again)" in words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (2.04, "certificate of example.org expires in 2.0 days"),
        (0, "certificate of example.org expires in 0.0 days"),
        (-2, "certificate of example.org expired 2 d ago"),
    ],
)
def test_an_expiry_lies_ahead_or_behind(days: float, words: str) -> None:
    assert expiry(Expiry(CHAIN[0], days * DAY)) == words


def test_without_a_date_nothing_is_told_of_an_expiry() -> None:
    assert expiry(None) == ""


@pytest.mark.parametrize(
    ("source", "said", "words"),
    [
        ("", "", ", through proxy p:1"),
        ("https_proxy", "", ", through proxy p:1 of https_proxy"),
        ("", "proxy p:1 refuses connections", ""),
        ("https_proxy", "proxy p:1 refuses connections", ", a proxy of https_proxy"),
        ("https_proxy", "name of the proxy: unknown", ", a proxy of https_proxy"),
    ],
)
def test_a_proxy_is_named_once_and_its_variable_always(source: str, said: str, words: str) -> None:
    visit = answered()._replace(proxy="p:1", proxy_source=source)
    assert through(visit, said) == words
    assert through(answered(), said) == ""


def test_of_several_visits_the_slowest_is_named() -> None:
    slow = at(GOOD, "https://slow.test/")
    slow = slow._replace(hops=(slow.last._replace(phases=Phases(0.2, 0.2)),))
    figures = figures_of((GOOD, slow), NOW)
    assert figures is not None
    assert duration(figures) == "https://slow.test/ took 400 ms"
