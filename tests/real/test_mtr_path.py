"""check_mtr_path over real routers: Linux namespaces, forwarding and balancing by the kernel."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons, need
from tests.support.chain import BALANCED, BEHIND, TARGET, Chain, chain
from tests.support.net import network
from tests.support.process import NRPE_ENVIRONMENT, PLUGINS, run
from tests.support.stopwatch import Stopwatch


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Chain]:
    need.program("mtr-packet", "mtr-tiny")
    with chain(str(tmp_path / "state")) as made:
        yield made


def test_the_kernels_balancing_is_no_change_and_a_rerouting_is(lab: Chain) -> None:
    for number in (1, 2, 3):
        outcome = lab.check()
        assert f"learning {number}/3" in outcome.line, outcome
    outcome = lab.check()
    assert (outcome.code, outcome.perfdata["balanced_hops"].value) == (0, 2)
    assert outcome.perfdata["hops"].value == 7
    lab.by("via", "10.0.27.2")
    for _ in range(2):
        outcome = lab.check()
        assert outcome.code == 1, outcome
        assert "same until hop 2 (10.0.12.2), then 10.0.2" in outcome.line
        assert "became 10.0.27.2, 6 of 6 flows" in outcome.line
        assert (outcome.perfdata["path_changed"].value, outcome.perfdata["diverge_hop"].value) == (
            1,
            3,
        )
    lab.by(*BALANCED)
    outcome = lab.check()
    assert outcome.code == 0
    assert "back on the normal path" in outcome.line
    assert outcome.perfdata["switches_24h"].value == 2


@pytest.mark.soak
def test_a_longer_way_says_by_how_much(lab: Chain) -> None:
    lab.by("via", "10.0.27.2")
    for _ in range(4):
        assert lab.check().code == 0
    lab.net.route("r7", BEHIND, "via", "10.0.78.2")
    outcome = lab.check()
    assert outcome.code == 1
    assert (
        "same until hop 3 (10.0.27.2), then 10.0.74.2 became 10.0.78.2, 6 of 6 flows, +1 hop"
        in outcome.line
    )


def test_a_target_that_is_not_reached_is_critical_with_the_last_hop(lab: Chain) -> None:
    lab.check()
    lab.net.drop("r4", f"ip daddr {TARGET} drop", "forward")
    outcome = lab.check()
    assert outcome.code == 2
    assert "does not answer, answers end at hop 4 of 7" in outcome.line
    assert "[OK] the last answer comes from hop 4 (10.0.3" in outcome.text
    assert outcome.perfdata["reached"].value == 0
    assert outcome.perfdata["pl"].value == 100
    late = lab.check("-t", "1", "--timeout-state", "unknown")
    assert late.code == 2 or "out of time" in late.text or "does not answer" in late.line
    assert late.seconds < 1.8


def test_a_refusal_and_a_loop_are_named(lab: Chain) -> None:
    lab.net.drop("r4", f"ip daddr {TARGET} reject with icmp type admin-prohibited", "forward")
    outcome = lab.check()
    assert outcome.code == 2
    assert "hop 4 (10.0.3" in outcome.line
    assert "refuses to forward" in outcome.line
    lab.net.heal("r4")
    lab.net.route("r4", BEHIND, "via", "10.0.34.1")
    lab.net.route("r3a", BEHIND, "via", "10.0.34.2")
    outcome = lab.check()
    assert outcome.code == 2
    assert "loop between 10.0.34." in outcome.line


def test_at_a_terminal_the_path_grows_while_it_is_found(lab: Chain) -> None:
    inside = " ".join(lab.net.inside("src"))
    plugin = f"{inside} {sys.executable} {PLUGINS}/check_mtr_path -H {TARGET} --state off -v"
    done = subprocess.run(
        [need.program("script", "bsdutils"), "-qc", plugin, "/dev/null"],
        capture_output=True,
        text=True,
        check=False,
    )
    live, _, answer = done.stdout.partition("MTR_PATH OK")
    assert "hop 7" in live
    assert live.count("10.0.12.2") >= 3
    assert "router (flows)" in answer


def test_mtr_itself_serves_where_its_engine_does_not(lab: Chain) -> None:
    for _ in range(2):
        outcome = lab.check("--engine", "mtr", "-v")
        assert outcome.code == 0, outcome
    assert "by mtr 0." in outcome.text
    assert outcome.perfdata["hops"].value == 7


def test_ipv6_is_traced_too(tmp_path: Path) -> None:
    need.program("mtr-packet", "mtr-tiny")
    with network() as made:
        for name in ("us", "r1", "r2", "them"):
            made.host(name)
            made.set(name, "net.ipv6.icmp.ratelimit=0")
        made.link("us", "2001:db8:1::2/64", "r1", "2001:db8:1::1/64")
        made.link("r1", "2001:db8:2::1/64", "r2", "2001:db8:2::2/64")
        made.link("r2", "2001:db8:3::1/64", "them", "2001:db8:3::2/64")
        made.route("us", "default", "via", "2001:db8:1::1")
        made.route("r1", "2001:db8:3::/64", "via", "2001:db8:2::2")
        made.route("r2", "2001:db8:1::/64", "via", "2001:db8:2::1")
        made.route("them", "default", "via", "2001:db8:3::1")
        for number in (1, 2, 3):
            outcome = run(
                "check_mtr_path",
                "-H",
                "2001:db8:3::2",
                "--state-dir",
                str(tmp_path),
                "-v",
                inside=made.inside("us"),
            )
            assert outcome.code == 0, outcome
            assert f"3 hops, learning {number}/3" in outcome.line
        assert "2001:db8:2::2" in outcome.text
        assert outcome.perfdata["pl"].value == 0


def old_mtr(folder: Path) -> str:
    """An mtr that says it is 0.92, which holds no flow fixed."""
    old = folder / "mtr"
    known = need.program("mtr", "mtr-tiny")
    version = '*--version*) echo "mtr 0.92"'
    old.write_text(f'#!/bin/sh\ncase "$*" in {version};; *) exec {known} "$@";; esac\n')
    old.chmod(0o755)
    return str(old)


def test_one_flow_of_an_old_mtr_does_not_prove_a_reroute_at_once(
    lab: Chain, tmp_path: Path
) -> None:
    old = old_mtr(tmp_path)
    for number in (1, 2, 3):
        outcome = lab.check("--mtr-path", old, "-v")
        assert f"learning {number}/3" in outcome.line, outcome
    assert "by mtr 0.92, ICMP" in outcome.text
    lab.by("via", "10.0.27.2")
    for _ in range(2):
        outcome = lab.check("--mtr-path", old)
        assert outcome.code == 0, outcome
        assert "10.0.27.2 at hop 3 is new: a parallel path, or another one" in outcome.line
        assert outcome.perfdata["path_changed"].value == 0


@pytest.mark.soak
def test_an_old_mtr_is_judged_by_chance(lab: Chain, tmp_path: Path) -> None:
    old = old_mtr(tmp_path)
    for _ in range(5):
        outcome = lab.check("--mtr-path", old)
        assert outcome.code == 0, outcome
    lab.by("via", "10.0.27.2")
    codes = [lab.check("--mtr-path", old).code for _ in range(4)]
    assert codes == [0, 0, 0, 0]
    outcome = lab.check("--mtr-path", old)
    assert outcome.code == 1, outcome
    assert "then 10.0.2" in outcome.line
    assert "became 10.0.27.2" in outcome.line


def as_nobody(lab: Chain, installation: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The check as NRPE starts it: installed, user nobody, its environment, no standard input."""
    user = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")
    program = str(installation / "bin" / "check_mtr_path")
    return subprocess.run(
        [*lab.net.inside("src"), *user, program, "-H", TARGET, *arguments],
        capture_output=True,
        text=True,
        env=NRPE_ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder without permissions: pytest takes its own ones back when another run begins."""
    with daemons.folder() as made:
        yield made


def test_nobody_under_nrpe_can_run_it(lab: Chain, installation: Path, reachable: Path) -> None:
    state = reachable / "nobody"
    state.mkdir()
    os.chown(state, 65534, 65534)
    watch = Stopwatch()
    done = as_nobody(lab, installation, "--state-dir", str(state))
    assert done.returncode == 0, done
    assert "7 hops, learning 1/3" in done.stdout
    assert watch.seconds < 8
    assert (state / "memory-65534.sqlite").exists()


def test_no_route_is_unknown_with_the_remedy(lab: Chain) -> None:
    outcome = run(
        "check_mtr_path", "-H", "203.0.113.77", "--state", "off", inside=lab.net.inside("dst")
    )
    assert outcome.code != 0
    lab.net.host("alone")
    outcome = run(
        "check_mtr_path", "-H", "203.0.113.77", "--state", "off", inside=lab.net.inside("alone")
    )
    assert outcome.code == 3
    assert "no way from here to 203.0.113.77" in outcome.line
    assert outcome.seconds < 2


def test_a_missing_capability_is_unknown_with_the_remedy(
    lab: Chain, installation: Path, reachable: Path
) -> None:
    bare = reachable / "mtr-packet"
    bare.write_bytes(Path(need.program("mtr-packet", "mtr-tiny")).read_bytes())
    bare.chmod(0o755)
    done = as_nobody(lab, installation, "--state", "off", "--mtr-path", str(bare))
    assert done.returncode == 3, done
    assert f"run setcap cap_net_raw+ep {bare}" in done.stdout


@pytest.mark.soak
def test_the_kernels_own_rate_limit_is_no_loss(lab: Chain) -> None:
    for name in ("r1", "r2", "r3a", "r3b", "r4", "r5", "r6"):
        lab.net.set(name, "net.ipv4.icmp_ratelimit=1000")
    for _ in range(2):
        outcome = lab.check()
        assert outcome.code == 0, outcome
        assert outcome.perfdata["pl"].value == 0


@pytest.mark.soak
def test_a_hundred_runs_over_the_kernels_balancing_raise_no_alarm(lab: Chain) -> None:
    for number in range(100):
        outcome = lab.check()
        assert outcome.code == 0, (number, outcome)
        assert outcome.perfdata["path_changed"].value == 0
