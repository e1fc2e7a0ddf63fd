"""Name look-ups that fail: whose fault it is, with a resolver that misbehaves."""

from collections.abc import Iterator

import pytest

from tests.support.daemons import folder
from tests.support.lab import lab
from tests.support.proxies import squid
from tests.support.two_hosts import FAR, World, built, said

SLACK = 0.3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with built(lab(tmp_path_factory.mktemp("lab"))) as world:
        yield world


def test_the_name_look_up_is_part_of_the_time(world: World) -> None:
    outcome = world.check("-I", "slow.good.test", "-H", "good.test")
    assert outcome.code == 0, outcome.text
    values = {label: figure.value or 0.0 for label, figure in outcome.perfdata.items()}
    assert 1.0 <= values["time_dns"] < 2.0
    assert values["time"] >= values["time_dns"]
    assert values["time"] <= outcome.elapsed
    parts = sum(
        values[f"time_{name}"]
        for name in ("dns", "connect", "proxy", "tls", "server", "transfer", "redirect")
    )
    assert abs(parts - values["time"]) < 0.001


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.test", "gone.test has no address"),
        ("nodata.test", "nodata.test has no address"),
        ("servfail.test", "the name servers of servfail.test give no answer, while our resolver"),
        ("refused.test", "the name servers of refused.test give no answer, while our resolver"),
    ],
)
def test_a_name_that_does_not_resolve_is_not_our_fault(world: World, name: str, words: str) -> None:
    outcome = world.check("-H", name)
    assert (outcome.code, words in said(outcome), "blame: dns" in outcome.text) == (
        2,
        True,
        True,
    ), outcome.text


def test_a_name_whose_servers_are_silent_is_not_our_fault_either(world: World) -> None:
    outcome = world.check("-H", "silent.test", "-t", "4")
    assert (outcome.code, "the name servers of silent.test" in said(outcome)) == (2, True), (
        outcome.text
    )
    assert outcome.seconds <= 4 + SLACK + 0.5


def test_names_without_an_answer_hold_up_no_other_url(world: World) -> None:
    silent = [f"https://silent.{number}.test/" for number in range(6)]
    good = [f"https://good.test/{number}" for number in range(20)]
    outcome = world.check(*silent[:3], *good, *silent[3:], "--parallel", "4", "-v")
    assert (outcome.code, outcome.error) == (2, ""), outcome.text
    assert outcome.text.count("[OK] https://good.test/") == len(good), outcome.text
    for number in range(6):
        assert f"the name servers of silent.{number}.test give no answer" in outcome.text
    assert outcome.seconds < 6


def test_a_dead_resolver_of_ours_is_unknown_within_three_seconds(world: World) -> None:
    world.resolver("10.79.1.4")
    try:
        outcome = world.check("-H", "good.test")
        canary = world.check("-H", "good.test", "--no-dns-canary")
        mapped = world.check("-H", "good.test", "--state", "local=critical", "-t", "3")
    finally:
        world.resolver(FAR)
    assert (outcome.code, "our resolver 10.79.1.4 does not answer" in said(outcome)) == (3, True), (
        outcome.text
    )
    assert outcome.seconds < 4.0
    assert (canary.code, mapped.code) == (3, 2)


def test_the_look_up_of_a_redirect_holds_up_no_other_url(world: World) -> None:
    urls = [
        "https://good.test/to/slow.good.test",
        *(f"https://good.test/wait/0.{number}" for number in (3, 4, 5)),
    ]
    outcome = world.check(*urls, "-f", "follow", "-t", "5")
    assert "the certificate is not for slow.good.test but for" in outcome.text
    values = {label: figure.value or 0.0 for label, figure in outcome.perfdata.items()}
    assert 1.0 <= values["time_dns"] < 2.0
    assert 0.5 <= values["time_server"] < 1.0  # 1.3 after the look-up
    for silent in ("silent.test", "gone.test"):
        outcome = world.check(
            urls[0].replace("slow.good.test", silent), *urls[1:], "-f", "follow", "-t", "5"
        )
        assert (outcome.code, silent in said(outcome), "blame: dns" in outcome.text) == (
            2,
            True,
            True,
        ), outcome.text
        assert 0.5 <= (outcome.perfdata["time_server"].value or 0.0) < 0.7


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.test", "gone.test has no address"),
        (
            "servfail.test",
            "the name servers of servfail.test give no answer, while our resolver 10.79.0.2 works",
        ),
    ],
)
def test_a_proxy_whose_name_does_not_resolve_is_told_from_a_target(
    world: World, name: str, words: str
) -> None:
    outcome = world.check("-H", "good.test", "-x", f"http://{name}:3128")
    assert (
        outcome.code,
        f"name of the proxy: {words}" in said(outcome),
        "blame: proxy-dns" in said(outcome),
    ) == (
        2,
        True,
        True,
    ), outcome.text
    assert (
        world.check(
            "-H", "good.test", "-x", f"http://{name}:3128", "--state", "proxy-dns=unknown"
        ).code
        == 3
    )


def test_a_dead_resolver_is_ours_whether_it_is_asked_for_the_proxy_or_the_target(
    world: World,
) -> None:
    world.resolver("10.79.1.4")
    try:
        outcome = world.check("-H", "good.test", "-x", "http://proxy.test:3128")
    finally:
        world.resolver(FAR)
    assert (outcome.code, "our resolver 10.79.1.4 does not answer" in said(outcome)) == (3, True), (
        outcome.text
    )
    assert "blame: local" in said(outcome)


def test_a_target_that_the_proxy_cannot_look_up(world: World) -> None:
    rules = f"dns_nameservers {FAR}\nhttp_port {FAR}:3128\nhttp_access allow all"
    words = "does not reach the target (500, Squid: no address for that name, or no way there)"
    with folder() as root, squid(root, rules, {}, before=world.network.inside("far")):
        for name in ("gone", "nodata", "servfail"):
            outcome = world.check(f"https://{name}.test/", "-x", f"http://{FAR}:3128")
            assert (outcome.code, words in said(outcome), "blame: path" in said(outcome)) == (
                2,
                True,
                True,
            ), outcome.text
