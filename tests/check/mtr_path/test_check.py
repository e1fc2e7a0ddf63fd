"""What check_mtr_path says about a run: events and limits, words and figures; no packet is sent."""

import gzip
from collections.abc import Sequence
from pathlib import Path as File
from typing import Any

import pytest
from mmdb_writer import MmdbU32, MMDBWriter
from netaddr import IPSet

from bothsides.analyse.path.analysis import Analysis, analyse
from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.compare import Path
from bothsides.analyse.path.ownership import Maps, Systems
from bothsides.analyse.path.past import AsAnswer, Past, Remembered
from bothsides.base.errors import Misuse
from bothsides.check.mtr_path.check import CHECK
from bothsides.check.mtr_path.figures import FIGURES
from bothsides.check.mtr_path.judge import judge
from bothsides.check.mtr_path.limits import Limits, limits, own, short
from bothsides.check.mtr_path.memory import to_stored
from bothsides.model.failure import Failure
from bothsides.model.path import Plan, ProbeResult, Run
from bothsides.parse.ip_owners import from_map
from bothsides.parse.range import from_range
from bothsides.plugin.finding import Finding, Ranges, Reading, Remark, State, worst
from bothsides.plugin.parser import Namespace
from tests.support.process import HOUSE
from tests.support.process import run as plugin

MAP = from_map(
    "10.0.0.0/16 = us, us\n10.1.0.0/16 = ISP, isp\n10.2.0.0/16 = Amazon, cloud\n10.3.0.0/16 = Level3, transit\n"
)
USUAL = ("10.0.0.1", "10.1.0.1", "10.2.0.1", "10.2.0.2", "10.2.9.9")


def terms(warning: tuple[str, ...] = (), critical: tuple[str, ...] = (), **more: Any) -> Limits:
    plain: dict[str, Any] = {
        "expect_as": "",
        "forbid_as": "",
        "via": "",
        "perf_hops": False,
    }
    options = Namespace(warning=list(warning), critical=list(critical), **{**plain, **more})
    usual = Ranges(FIGURES, {"pl": from_range("10")}, {"pl": from_range("40")})
    return limits(options, usual)


def run(*line: str, lost: int = 0, looks: int = 1, **more: Any) -> Run:
    """A run whose six flows all went this way; the last hop is the target when it is 10.2.9.9; "" is silence."""
    answers = tuple(
        ProbeResult(
            flow,
            ttl,
            "silent" if not host else "reply" if host == "10.2.9.9" else "expired",
            host,
            0.001 * ttl if host else None,
        )
        for ttl, host in enumerate(line, 1)
        for flow in range(6)
    )
    echoes = (0.02,) * (20 - lost) + (None,) * lost
    made = Run(
        "app (10.2.9.9)",
        "app",
        "10.2.9.9",
        "10.0.0.9",
        ("10.2.9.9",),
        1e9,
        "mtr-packet",
        first=answers,
        echoes=echoes,
    )
    return made._replace(second=answers if looks > 1 else None, **more)


def past(*line: str) -> Past:
    hops = {ttl: (host,) for ttl, host in enumerate(line, 1) if host}
    flows = dict.fromkeys(range(6), hops)
    path = Path(1e9 - 1e6, 1e9 - 300, 50, flows, dict.fromkeys(range(6), len(line)), hops)
    baseline = Baseline(50, path, since=1e9 - 1e6, rtas=(0.02,) * 12, echo=True)
    return with_baseline(Past(addresses=("10.2.9.9",), maps=Maps(MAP)), baseline)


def baseline_of(known: Past) -> Baseline:
    return known.path_to("10.2.9.9").fixed


def with_baseline(known: Past, baseline: Baseline) -> Past:
    return known._replace(paths={"10.2.9.9": Remembered(baseline)})


NOTHING = Past(maps=Maps(MAP))


class Numbers:
    """AS numbers that are known already."""

    def __init__(self, systems: Systems, trouble: str) -> None:
        self.answer = AsAnswer(systems, trouble)

    def look_up(self, addresses: Sequence[str], seconds: float | None = None) -> AsAnswer:
        return self.answer


def analysed(made: Run, known: Past) -> Analysis:
    return analyse(Plan(made.host), made, known)


def judged(made: Run, held: Limits, known: Past) -> list[Finding]:
    return list(judge(analysed(made, known), held))


def remarks(findings: list[Finding]) -> list[tuple[State, str]]:
    return [(finding.state, finding.words) for finding in findings if isinstance(finding, Remark)]


def state(findings: list[Finding]) -> State:
    return worst(finding.state for finding in findings if isinstance(finding, Remark | Reading))


def test_the_same_path_is_ok_with_its_age_and_networks() -> None:
    said = judged(run(*USUAL), terms(), past(*USUAL))
    assert remarks(said) == [(State.OK, "5 hops, unchanged for 12 d, rta 20 ms, us ISP Amazon")]
    assert state(said) is State.OK


def test_a_change_names_hop_addresses_networks_flows_and_delay() -> None:
    other = ("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")
    slow = run(*other, looks=2)._replace(echoes=(0.061,) * 20)
    said = judged(slow, terms(), past(*USUAL))
    assert remarks(said)[0] == (
        State.WARNING,
        "same until hop 2 (10.1.0.1 ISP), then 10.2.0.1 became 10.3.0.1 (Amazon to Level3), 6 of 6 flows, rtt 20 to 61 ms",
    )
    assert (State.OK, "the path turns off between ISP and Level3 (border not certain)") in remarks(
        said
    )
    figures = {
        finding.figure.label: finding.value for finding in said if isinstance(finding, Reading)
    }
    assert (
        figures["path_changed"],
        figures["diverge_hop"],
        figures["flows_changed"],
        figures["as_hops"],
    ) == (1, 3, 6, 4)


def test_without_a_second_look_nothing_is_called_a_change() -> None:
    other = run("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9")
    said = judged(other, terms(), past(*USUAL))
    assert remarks(said)[0][0] is State.OK
    assert remarks(said)[0][1].startswith("not confirmed: same until hop 2")


def test_events_that_are_given_replace_the_default_ones_of_their_state() -> None:
    other = run("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9", looks=2)
    for warning, critical, expected in (
        ((), (), State.WARNING),
        (("flapping",), (), State.OK),
        (("none",), (), State.OK),
        ((), ("change",), State.CRITICAL),
        (("pl=50",), (), State.WARNING),
    ):
        assert state(judged(other, terms(warning, critical), past(*USUAL))) is expected, (
            warning,
            critical,
        )


def test_an_unknown_event_is_named_with_the_nearest() -> None:
    with pytest.raises(Misuse, match="did you mean change"):
        short(["chnage"])
    assert own("change")
    assert own("rta=+50%")
    assert not own("rta=50")
    assert not own("pl=10")


def test_limits_relative_to_what_is_usual() -> None:
    slow = run(*USUAL)._replace(echoes=(0.031,) * 20)
    assert state(judged(slow, terms(), past(*USUAL))) is State.WARNING
    assert state(judged(slow, terms(("rta=+20ms",)), past(*USUAL))) is State.OK
    assert state(judged(slow, terms(), NOTHING)) is State.OK
    near = run(*USUAL)._replace(echoes=(0.0001,) * 20)
    usual = past(*USUAL)
    tiny = with_baseline(usual, baseline_of(usual)._replace(rtas=(0.00005,) * 12))
    assert state(judged(near, terms(), tiny)) is State.OK  # twice as slow, but nobody would notice


def test_loss_is_held_against_the_usual_one_where_that_is_asked_for() -> None:
    words = (("pl=+10",), ("pl=+20", "unreached"))
    for losses, lost, expected in (
        ((0.0,) * 12, 1, State.OK),
        ((0.0,) * 12, 3, State.WARNING),
        ((0.0,) * 12, 5, State.CRITICAL),
        ((25.0,) * 12, 6, State.OK),
        ((25.0,) * 12, 8, State.WARNING),
        ((), 5, State.WARNING),  # not known yet: the default limits
    ):
        usual = past(*USUAL)
        usual = with_baseline(usual, baseline_of(usual)._replace(losses=losses))
        assert state(judged(run(*USUAL, lost=lost), terms(*words), usual)) is expected, (
            losses,
            lost,
        )


def test_loss_of_routers_is_nothing_and_of_the_target_is_critical() -> None:
    quiet = run("10.0.0.1", "", "10.2.0.1", "10.2.0.2", "10.2.9.9")
    assert state(judged(quiet, terms(), past(*USUAL))) is State.OK
    said = judged(run(*USUAL, lost=10), terms(), past(*USUAL))
    assert [
        finding.words
        for finding in said
        if isinstance(finding, Reading) and finding.state is State.CRITICAL
    ] == ["50 % loss"]


def test_an_unreached_target_tells_where_the_path_ends() -> None:
    dead = run("10.0.0.1", "10.1.0.1", "", "", "", lost=20, looks=2)
    said = judged(dead, terms(), past(*USUAL))
    words = "the target does not answer, the last answer comes from hop 2 (10.1.0.1 ISP), not from hop 3 (10.2.0.1 Amazon)"
    assert remarks(said)[0] == (State.CRITICAL, words)


def test_a_run_that_did_not_reach_the_target_is_remembered_as_one() -> None:
    dead = run("10.0.0.1", "10.1.0.1", "", "", "", lost=20, looks=2)
    stored = to_stored(analysed(dead, past(*USUAL)), State.CRITICAL)
    assert stored.words.startswith(
        "the target does not answer, the last answer comes from hop 2 (10.1.0.1 ISP)"
    )
    whole = to_stored(analysed(run(*USUAL), past(*USUAL)), State.OK)
    assert whole.words.startswith("5 hops, unchanged")


def test_a_refusal_and_a_ring_are_named() -> None:
    refusing = run("10.0.0.1", "10.1.0.1", lost=20)
    refused = tuple(ProbeResult(flow, 3, "refused", "10.1.0.1", 0.1) for flow in range(6))
    said = judged(refusing._replace(first=refusing.first + refused), terms(), NOTHING)
    assert remarks(said)[0] == (State.CRITICAL, "hop 2 (10.1.0.1 ISP) refuses to forward")
    ring = run("10.0.0.1", *("10.1.0.1", "10.2.0.1") * 4, lost=20)
    assert (
        remarks(judged(ring, terms(), NOTHING))[0][1]
        == "loop between 10.1.0.1 ISP and 10.2.0.1 Amazon"
    )


def test_another_address_of_the_target_is_no_change_of_path() -> None:
    moved = NOTHING._replace(addresses=("192.0.2.7",))
    said = remarks(judged(run(*USUAL), terms(), moved))
    assert said[0] == (State.OK, "app has another address: 10.2.9.9, was 192.0.2.7")
    assert state(judged(run(*USUAL), terms(("target",)), moved)) is State.WARNING


def test_what_somebody_insists_on() -> None:
    known = past(*USUAL)
    assert state(judged(run(*USUAL), terms(via="10.1.0.0/16"), known)) is State.OK
    assert state(judged(run(*USUAL), terms(via="10.7.0.0/16"), known)) is State.CRITICAL


SYSTEMS = {"10.0.0.1": (64500, ""), "10.1.0.1": (64501, ""), "10.2.0.1": (64502, "")}


def test_networks_are_insisted_on_only_where_owners_are_known() -> None:
    cases: tuple[tuple[Any, Any, str, State], ...] = (
        ({"expect_as": "64500,64502"}, SYSTEMS, "", State.OK),
        ({"expect_as": "64507"}, SYSTEMS, "", State.CRITICAL),
        ({"expect_as": "64500"}, {}, "", State.UNKNOWN),
        ({"expect_as": "64507"}, SYSTEMS, "cannot read a", State.UNKNOWN),
        ({"forbid_as": "64502"}, SYSTEMS, "", State.CRITICAL),
        ({"forbid_as": "64502"}, SYSTEMS, "cannot read a", State.CRITICAL),
        ({"forbid_as": "64507"}, SYSTEMS, "", State.OK),
        ({"forbid_as": "64507"}, {}, "", State.UNKNOWN),
        ({"forbid_as": "64507"}, SYSTEMS, "cannot read a", State.UNKNOWN),
    )
    for words, systems, trouble, expected in cases:
        unmapped = terms(**words)
        known = past(*USUAL)._replace(maps=Maps(), as_source=Numbers(systems, trouble))
        assert state(judged(run(*USUAL), unmapped, known)) is expected, (
            words,
            systems,
            trouble,
        )


@pytest.mark.parametrize("option", ["--expect-as", "--forbid-as"])
def test_a_missing_table_is_unknown_for_whoever_insists_on_networks(option: str) -> None:
    outcome = plugin(
        "check_mtr_path", "--replay", RECORD, "--as-file", "/nonexistent", option, "64500"
    )
    assert (outcome.code, outcome.error) == (3, "")
    assert "cannot read /nonexistent" in outcome.line
    assert "whose hops they are is not known" in outcome.text


def test_a_border_address_of_the_neighbour_is_no_change_of_networks() -> None:
    other = (
        "10.0.0.1",
        "10.1.0.1",
        "10.1.0.77",
        "10.2.0.2",
        "10.2.9.9",
    )  # the border carries the ISP's address now
    assert (
        state(judged(run(*other, looks=2), terms((), ("as-change", "unreached")), past(*USUAL)))
        is State.WARNING
    )


def test_a_failure_of_ours_is_unknown() -> None:
    failed = Run("app", "app", failure=Failure("local", "no way from here"))
    assert remarks(judged(failed, terms(), NOTHING)) == [(State.UNKNOWN, "no way from here")]
    assert CHECK.program == "check_mtr_path"


RECORD = str(HOUSE / "tests/data/records/check_mtr_path-stable.json")


def test_tables_may_be_packed_and_a_missing_one_is_said_beside_the_measurement(
    tmp_path: File,
) -> None:
    packed = tmp_path / "as.gz"
    packed.write_bytes(gzip.compress(b"10.0.0.0/16\t64500\n10.0.67.0/24\t64501\n"))
    outcome = plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(packed))
    assert outcome.code == 0
    assert "AS64500 AS64501" in outcome.line
    missing = plugin("check_mtr_path", "--replay", RECORD, "--as-file", "/nonexistent")
    assert missing.code == 3
    assert "cannot read /nonexistent" in missing.line
    assert missing.perfdata["hops"].value == 5


@pytest.mark.parametrize(
    "name", ["udp-ecmp-dns-asn.wide.txt", "udp-ecmp-dns-asn.csv", "udp-ecmp-dns-asn.json"]
)
def test_a_report_s_own_as_numbers_are_guesses_and_a_map_knows_better(
    tmp_path: File, name: str
) -> None:
    report = str(HOUSE / "tests/data/mtr/0.95" / name)
    assert "AS64500? AS64501? AS64502? AS16509?" in plugin("check_mtr_path", "--input", report).line
    (tmp_path / "map").write_text("10.0.1.0/24 = office, us\nAS16509 = Amazon, cloud\n")
    (tmp_path / "as").write_text("10.0.34.0/23\t64511\n")
    told = plugin(
        "check_mtr_path",
        "--input",
        report,
        "--map",
        str(tmp_path / "map"),
        "--as-file",
        str(tmp_path / "as"),
    )
    assert (told.code, told.error) == (0, "")
    assert "office AS64501? AS64511 Amazon?" in told.line
    assert told.perfdata["as_hops"].value == 4


def test_a_table_in_maxmind_s_format_names_the_networks_and_a_broken_one_is_said(
    tmp_path: File,
) -> None:
    table = tmp_path / "asn.mmdb"
    writer = MMDBWriter(4, "GeoLite2-ASN", description="for a test")
    for prefix, number, name in (
        ("10.0.0.0/16", 64500, "NEAR-NET"),
        ("10.0.67.0/24", 64501, "FAR-NET"),
    ):
        row = {"autonomous_system_number": MmdbU32(number), "autonomous_system_organization": name}
        writer.insert_network(IPSet([prefix]), row)
    writer.to_db_file(str(table))
    outcome = plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(table))
    assert outcome.code == 0
    assert "NEAR-NET FAR-NET" in outcome.line
    assert outcome.perfdata["as_hops"].value == 2
    table.write_bytes(table.read_bytes()[:40])
    broken = plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(table))
    assert (broken.code, broken.error) == (3, "")
    assert f"cannot read {table}" in broken.line
    assert broken.perfdata["hops"].value == 5
    table.unlink()
    assert (
        "No such file" in plugin("check_mtr_path", "--replay", RECORD, "--as-file", str(table)).line
    )


def test_an_old_report_is_judged_from_a_file_and_from_standard_input() -> None:
    data = HOUSE / "tests/data/mtr/0.95"
    outcome = plugin("check_mtr_path", "--input", str(data / "udp-ecmp.wide.csv"), "-v")
    assert outcome.code == 0
    assert "7 hops, a report" in outcome.line
    assert plugin("check_mtr_path", "--input", str(data / "fault-blackhole-r4.raw")).code == 2
    assert "empty" in plugin("check_mtr_path", "--input", str(data / "err-nocap.json")).line
    assert "empty" in plugin("check_mtr_path", "--input", "-").line


@pytest.mark.parametrize("name", ["udp-ecmp.wide.txt", "order-nospace.raw"])
def test_a_report_that_ends_at_another_router_than_the_address_asked_for_did_not_reach_it(
    name: str,
) -> None:
    report = str(HOUSE / "tests/data/mtr/0.95" / name)
    dead = plugin("check_mtr_path", "-H", "10.0.67.99", "--input", report)
    assert dead.code == 2
    assert "does not answer, the last answer comes from hop 7 (10.0.67.2)" in dead.line
    assert (dead.perfdata["reached"].value, dead.perfdata["pl"].value) == (0, 100)
    for known in ((), ("-H", "10.0.67.2"), ("-H", "app.example")):
        assert plugin("check_mtr_path", *known, "--input", report).code == 0, known
    six = str(HOUSE / "tests/data/mtr/0.95/ipv6.wide.txt")
    assert plugin("check_mtr_path", "-H", "2001:DB8:67:0::2", "--input", six).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--equiv", "a"),
        ("--ignore-hop", "x"),
        ("--ignore-hop", "7-1"),
        ("--via", "nowhere"),
        ("--expect-as", "ASx"),
        ("--expect-as", "64500"),
        ("--forbid-as", "64500", "--map", "/dev/null"),
        ("--map", "/nonexistent"),
        ("-w", "chnage"),
        ("-w", "rta=+x"),
        ("--keep", "soon"),
    ],
)
def test_what_makes_no_sense_is_one_unknown_line(words: tuple[str, ...]) -> None:
    outcome = plugin("check_mtr_path", "-H", "127.0.0.1", "--state", "off", *words)
    assert outcome.code == 3
    assert outcome.error == ""
