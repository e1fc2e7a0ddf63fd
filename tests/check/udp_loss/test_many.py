"""Many targets in one report."""

from bothsides.check.udp_loss.figures import FIGURES
from bothsides.plugin.finding import Reading, Remark, State
from tests.support.udp_run import judged, run, target


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
