"""Many targets in one report."""

import re

import pytest

from bothsides.analyse.account_loss import AtReflector
from bothsides.analyse.udp_run import TargetAnalysis
from bothsides.check.udp_loss.figures import FIGURES
from bothsides.check.udp_loss.many import Judged, _over_rate, label_names
from bothsides.plugin.finding import Reading, Remark, State, Table
from tests.support.udp_run import analysed, judged, reply, reports, run, target, values


def test_the_worst_of_many_targets_leads() -> None:
    well, ill = target(20), target(20, lost_back=range(10), host="ill", address="192.0.2.9")
    found = judged(run(well, ill))
    assert found[0] == Remark(
        State.CRITICAL, "1 of 2 targets in trouble, worst ill: lost 10/20 (50 %: 0 out, 10 back)"
    )
    lines = [finding.words for finding in found if isinstance(finding, Remark)]
    assert [line.partition(":")[0] for line in lines[1:]] == ["ill", "far"]
    readings = {
        finding.figure.label: finding.value for finding in found if isinstance(finding, Reading)
    }
    assert (
        readings["pl"],
        readings["sent"],
        readings["recv"],
        readings["pl_far"],
        readings["pl_ill"],
    ) == (50, 40, 30, 0, 50)


def test_many_targets_have_only_the_common_figures() -> None:
    found = judged(run(*(target(8, host=f"host{number}") for number in range(5))))
    assert [f.figure.label for f in found if isinstance(f, Reading)] == [
        figure.label for figure in FIGURES
    ]
    assert found[0] == Remark(
        State.OK, "all 5 targets answer, worst host0: lost 0/8, rta 10 ms, p95 10 ms"
    )


def labelled(*hosts: str) -> list[str]:
    found = judged(run(*(target(8, host=host) for host in hosts)))
    own = [f.figure.label for f in found if isinstance(f, Reading)][len(FIGURES) :]
    return [label.removeprefix("pl_") for label in own if label.startswith("pl_")]


def test_hosts_whose_names_look_alike_have_figures_of_their_own() -> None:
    assert labelled("b-1.test", "b.1.test", "web") == ["b_1_test_c48e", "b_1_test_de13", "web"]
    assert "out" not in labelled("out", "web")


def test_the_label_of_a_long_name_does_not_depend_on_the_other_targets() -> None:
    long = "reflector.north.example.net"
    (alone, _) = labelled(long, "web")
    assert alone == "reflector_44e5"
    assert alone in labelled("a.example.net", long, "reflector.south.example.net")


def test_each_target_has_the_report_that_it_would_have_alone() -> None:
    well, ill = target(20), target(20, lost_back=range(10), host="ill", address="192.0.2.9")
    found = reports(run(well, ill))
    assert [(report.name, report.address) for report in found] == [
        ("ill", "192.0.2.9"),
        ("far", "192.0.2.7"),
    ]
    for report, alone in zip(found, (ill, well), strict=True):
        assert list(report.findings) == judged(run(alone))
    assert [report.state for report in found] == [State.CRITICAL, State.OK]


def test_one_target_alone_has_its_report_too() -> None:
    (report,) = reports(run(target(20)))
    assert (report.name, report.address) == ("far", "192.0.2.7")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("bursts=0", "1 of 2 targets in trouble, worst ill: bursts 1"),
        ("owd_out=1", "2 of 2 targets in trouble, worst ill: owd_out was not measured"),
    ],
)
def test_a_figure_without_words_can_be_the_worst_of_a_target(limit: str, said: str) -> None:
    well, ill = target(100), target(100, lost_back={7}, host="ill", address="192.0.2.9")
    first = judged(run(well, ill), limit)[0]
    assert isinstance(first, Remark)
    assert first.words.startswith(said)


def test_the_worst_of_every_figure_is_named_where_it_breaks_its_limit() -> None:
    slow = target(20, host="slow")
    slow = slow._replace(
        replies=tuple(reply(asked, n, 0.5) for n, asked in enumerate(slow.packets))
    )
    found = judged(run(target(20), slow), "rta=0.1,pl=5")
    words = {f.figure.label: f.words for f in found if isinstance(f, Reading)}
    assert words["rta"] == "worst rta of all targets 500 ms"
    assert words["pl"] == ""


def test_every_label_name_is_different_and_short() -> None:
    hosts = ["a.b", "a-b", "x" * 40, "x" * 39 + "y", "out", "web", "ümlaut.example"]
    names = list(label_names(hosts))
    assert len(set(names)) == len(hosts)
    assert all(re.fullmatch(r"[a-z0-9_]{1,15}", name) for name in names)


def test_the_figures_of_many_targets_are_the_worst_and_all_packets_together() -> None:
    one, other = target(20), target(30, 2, lost_back={3}, host="other")
    alone = values(run(other))
    both = values(run(one, other))
    assert (both["sent"], both["recv"]) == (50, 49)
    assert both["pl"] == alone["pl"]
    assert both["rtmin"] == min(values(run(one))["rtmin"] or 0, alone["rtmin"] or 0)
    assert both["owd_out"] is None


def test_reflectors_that_refused_packets_for_their_rate_are_named_with_counts() -> None:
    """One reflector asked by many hosts is over its rate, which shows as 8 to 26 % loss."""
    assert list(_over_rate([Judged(_refusing("a", 0), {}, ())])) == []
    refusing = [
        Judged(_refusing(name, refused), {}, ())
        for name, refused in (("a", 0), ("b", 5), ("c", 9), ("d", 9), ("e", 1))
    ]
    (table,) = _over_rate(refusing)
    assert table == Table(
        ("packets refused by the reflector's --rate: c 9, d 9, b 5 and 1 more",), 0
    )


def _refusing(name: str, refused: int) -> TargetAnalysis:
    """The analysis of a target whose reflector refused so many packets."""
    return analysed(target(8, host=name))._replace(
        at_reflector=AtReflector(over_rate=refused, overflow=0)
    )
