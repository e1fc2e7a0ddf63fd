"""What line 1 names, and the state: pairs, data centres, the prober's own trouble, maintenance."""

import pytest

from bothsides.model.mesh import CLOCK, OVERFLOW, SHORT, PairWindow
from bothsides.plugin.finding import Reading, Remark, State, Table, Target
from tests.support.mesh_window import CLOSED, failed, judged, pair, values, window

SINCE = ", since 22:13:20 UTC"


def mesh(bad: dict[str, PairWindow] | None = None) -> list[PairWindow]:
    """37 pairs in three data centres, some of them bad."""
    names = {f"p{n}": ("us.east", "us.west", "eu.de")[n % 3] for n in range(1, 38)}
    found = [
        (bad or {}).get(name, pair(name))._replace(name=name, datacenter=datacenter)
        for name, datacenter in names.items()
    ]
    return sorted(found, key=lambda each: (each.datacenter, each.name))


def test_all_is_well() -> None:
    state, words, findings = judged(window(mesh()))
    assert (state, words) == (State.OK, "web1 to 37 hosts: lost 0/88800 in 60 s")
    assert values(findings)["worst"] == 0


def test_one_pair_of_many_is_named() -> None:
    """mehsh, defect 10: it printed its losses, without a state, and nobody was woken."""
    state, words, _ = judged(window(mesh({"p5": pair(out=70, back=2)})))
    assert state is State.WARNING
    assert words == f"web1 to p5: lost 72/2400 (3 %: 70 out, 2 back){SINCE}"


def test_a_data_centre_all_of_whose_pairs_lose_is_named() -> None:
    bad = {f"p{n}": pair(back=70) for n in range(1, 38) if n % 3 == 1}
    state, words, _ = judged(window(mesh(bad)))
    assert state is State.WARNING
    assert (
        words == f"web1 to all 13 hosts of us.west: lost 910/31200 (2.9 %: 0 out, 910 back){SINCE}"
    )


def test_the_widest_data_centre_is_named() -> None:
    bad = {f"p{n}": pair(back=70) for n in range(1, 38) if n % 3 != 2}
    _, words, _ = judged(window(mesh(bad)))
    assert words.startswith("web1 to all 25 hosts of us: ")


def test_of_names_for_the_same_hosts_the_longest_is_named() -> None:
    """eu has no other data centre than eu.de: the loss is there, for all that is known."""
    bad = {f"p{n}": pair(out=72) for n in range(1, 38) if n % 3 == 2}
    _, words, _ = judged(window(mesh(bad)))
    assert words.startswith("web1 to all 12 hosts of eu.de: lost 864/28800 (3 %: 864 out, 0 back)")


def test_loss_to_everybody_is_the_way_of_this_host() -> None:
    bad = {f"p{n}": pair(out=72) for n in range(1, 38)}
    state, words, _ = judged(window(mesh(bad)))
    assert state is State.WARNING
    assert words == f"web1 to all 37 hosts: lost 2664/88800 (3 %: 2664 out, 0 back){SINCE}"


def test_the_pair_with_itself_hides_no_loss_to_everybody() -> None:
    """mehsh's examples have `to = "all"`: the host itself too, by its loopback interface."""
    bad = {f"p{n}": pair(out=72) for n in range(1, 38)}
    pairs = [*mesh(bad), pair("web1", datacenter="us.near")]
    assert judged(window(pairs))[1].startswith("web1 to all 37 hosts: lost 2664/88800 (3 %: ")
    alone = [*mesh({}), pair("web1", out=72, datacenter="us.near")]
    assert judged(window(alone))[1].startswith("web1 to web1: lost 72/2400 ")


def test_a_member_whose_loss_is_not_yet_certain_still_belongs_to_its_data_centre() -> None:
    bad = {f"p{n}": pair(back=30 if n == 1 else 70) for n in range(1, 38) if n % 3 == 1}
    assert "all 13 hosts of us.west" in judged(window(mesh(bad)))[1]


def test_the_worst_comes_first_and_the_others_are_counted() -> None:
    bad = {"p5": pair(out=72), "p9": pair(unknown=2400), "p12": pair(back=50)}
    state, words, findings = judged(window(mesh(bad)))
    assert state is State.CRITICAL
    assert words == f"web1 to p9: lost 2400/2400 (100 %, way unknown){SINCE}; 2 more"
    lines = [part for part in findings if isinstance(part, Remark)]
    assert [(line.state, line.words[:11]) for line in lines] == [
        (State.CRITICAL, "web1 to p9:"), (State.WARNING, "web1 to p5:"),
        (State.WARNING, "web1 to p12"),
    ]  # fmt: skip


def test_a_loss_below_the_limit_is_not_worth_a_word() -> None:
    state, words, findings = judged(window([pair(out=10, back=10)]))
    assert (state, words) == (
        State.OK,
        "web1 to db1: lost 20/2400 (0.83 %: 10 out, 10 back) in 60 s",
    )
    assert values(findings)["worst"] == pytest.approx(100 * 20 / 2400)


def test_a_loss_that_is_not_certain_alarms_nobody() -> None:
    assert judged(window([pair(out=30)]))[0] is State.OK  # 1.25 % of 2400 may be 1 %
    assert judged(window([pair(out=40)]))[0] is State.WARNING


def test_one_burst_alarms_nobody() -> None:
    burst = pair(out=100, bad=1)
    assert judged(window([burst]))[0] is State.OK
    assert judged(window([burst], expected=1))[0] is State.WARNING  # --window 5s


def test_an_end_is_said_with_its_time() -> None:
    over = pair(out=72, first_bad=CLOSED - 50, last_bad=CLOSED - 30)
    assert judged(window([over]))[1].endswith(", 22:13:30 to 22:13:55 UTC")


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        (SHORT, "this host did not send what was due"),
        (CLOCK, "its clock was set"),
        (OVERFLOW, "its sockets dropped replies"),
    ],
)
def test_a_pair_that_this_host_spoilt_is_unknown_with_the_reason(flag: int, words: str) -> None:
    state, line, findings = judged(window([pair(suspect=8, flags=flag, sent=800)]))
    assert state is State.UNKNOWN
    assert line == f"web1 to db1: 8 of 12 slices are suspect: {words}"
    assert values(findings)["unknown"] == 1


def test_a_pair_without_a_slice_is_unknown() -> None:
    state, words, _ = judged(window([pair(slices=0, sent=0)]))
    assert (state, words) == (State.UNKNOWN, "web1 to db1: no slice in the window yet")


def test_after_a_start_the_words_say_so() -> None:
    _, words, _ = judged(window([pair(slices=0, sent=0)], started=CLOSED - 1.0))
    assert words == "web1 to db1: no slice in the window yet, udp_mesh was started 3 s ago"


def test_a_pair_that_a_reload_has_just_added_is_no_trouble_yet() -> None:
    new = pair("db9", slices=0, sent=0)
    run = window([pair("db1"), new], added=(("db9", 3.0),))
    state, words, findings = judged(run, "-c", "pl=1", "-c", "rta=1s")
    assert (state, words) == (State.OK, "web1 to 2 hosts: lost 0/2400 in 60 s, 1 just added")
    said = "web1 to db9: added 3 s ago, its first slice is not complete yet"
    assert [part.words for part in findings if isinstance(part, Remark)] == [said]
    assert values(findings)["unknown"] == 1
    alone = run._replace(pairs=(new,), started=CLOSED - 30.0)
    for options in (("-c", "rta=1s"), ("-c", "pl=1", "--output", "json")):
        state, words, findings = judged(alone, *options)
        assert (state, words) == (State.OK, said)
        assert not any("missing" in part.words for part in findings if isinstance(part, Remark))
    assert judged(run._replace(added=()))[0] is State.UNKNOWN  # it is due, and missing


def test_an_unknown_pair_hides_no_bad_one() -> None:
    state, words, _ = judged(window([pair("a", slices=0, sent=0), pair("b", out=2000)]))
    assert state is State.CRITICAL
    assert words.startswith("web1 to b: ")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"now": CLOSED + 40.0}, "the last slice ended 40 s ago: udp_mesh hangs or is overloaded"),
        ({"stalled": 15.0}, "udp_mesh did not run for 15 s of the window"),
    ],
)
def test_a_prober_in_trouble_is_unknown(more: dict[str, object], words: str) -> None:
    state, line, _ = judged(window([pair()], **more))
    assert (state, line) == (State.UNKNOWN, words)


def test_a_window_without_pairs_is_unknown() -> None:
    assert judged(window([]))[:2] == (State.UNKNOWN, "no pair is probed")


def test_a_prober_that_is_not_there_is_unknown_and_measures_nothing() -> None:
    state, words, findings = judged(failed("udp_mesh is not running: there is no /x"))
    assert (state, words) == (State.UNKNOWN, "udp_mesh is not running: there is no /x")
    assert set(values(findings).values()) == {None}


def test_maintenance_alarms_nobody_and_hides_no_figure() -> None:
    held = pair(unknown=2400, maintenance="new switch (ann, until 2023-11-14 23:00 UTC)")
    state, words, findings = judged(window([held]))
    assert state is State.OK
    assert words == (
        "web1 to db1: MAINTENANCE, lost 2400/2400 (100 %, way unknown);"
        " new switch (ann, until 2023-11-14 23:00 UTC)"
    )
    assert values(findings)["pl"] == 100
    state, words, _ = judged(window([held, pair("b")]))
    assert (state, words.endswith(", 1 in MAINTENANCE")) == (State.OK, True)


def test_any_figure_may_have_limits() -> None:
    slow = window([pair(rtt_max=900_000)])
    assert judged(slow)[0] is State.OK
    assert judged(slow, "-w", "rtmax=500ms")[0] is State.WARNING
    assert judged(window([pair(out=30)]), "-c", "pl=1")[0] is State.CRITICAL


def test_a_bare_limit_is_the_loss_of_a_pair() -> None:
    assert judged(window([pair(out=40)]), "-w", "3%")[0] is State.OK
    assert judged(window([pair(out=40)]), "-w", "0.5%", "-c", "1%")[0] is State.CRITICAL


def test_the_grid_has_a_sign_for_each_pair() -> None:
    found = [
        pair("a", datacenter="eu"), pair("b", out=72, datacenter="eu"),
        pair("c", back=72, datacenter="eu"), pair("d", out=40, back=40, datacenter="us"),
        pair("e", slices=0, sent=0, datacenter="us"),
        pair("f", unknown=2400, maintenance="x", datacenter="us"),
    ]  # fmt: skip
    tables = [part for part in judged(window(found))[2] if isinstance(part, Table)]
    assert tables[0].lines[:2] == ("eu  .ob", "us  X?m")


def test_json_has_a_report_on_every_pair() -> None:
    found = [pair("a"), pair("b", out=72), pair("c", slices=0, sent=0), pair("d", maintenance="x")]
    targets = [
        part for part in judged(window(found), "--output", "json")[2] if isinstance(part, Target)
    ]
    assert [(target.name, target.state.value) for target in targets] == [
        ("a", "OK"), ("b", "WARNING"), ("c", "UNKNOWN"), ("d", "OK"),
    ]  # fmt: skip


def test_data_centres_have_figures_of_their_own_where_they_are_asked_for() -> None:
    findings = judged(window(mesh({"p5": pair(out=72)})), "--perf-datacenters")[2]
    more = [part for part in findings if isinstance(part, Reading)][18:]
    assert [reading.figure.label for reading in more] == [
        "pl_eu", "pl_us", "pl_eu_de", "pl_us_east", "pl_us_west",
    ]  # fmt: skip
    assert more[0].value == pytest.approx(100 * 72 / (12 * 2400))


def test_a_gap_by_a_restart_is_said() -> None:
    pairs = [pair("db1", slices=7), pair("db2", slices=5)]
    _, words, findings = judged(window(pairs, started=float(CLOSED - 34)))
    assert words.endswith(" in 35 s")
    said = [part.words for part in findings if isinstance(part, Remark)]
    assert said == ["udp_mesh was started at 22:13:46 UTC: 5 of 12 slices are missing"]
    _, _, findings = judged(window([pair("db1")], started=float(CLOSED - 34)))
    assert not [part for part in findings if isinstance(part, Remark)], "all slices are there"


def test_trouble_of_the_prober_that_spoils_nothing_is_said_below_line_one() -> None:
    state, words, findings = judged(window([pair()], notes=("slices are not stored: x",)))
    assert (state, words) == (State.OK, "web1 to db1: lost 0/2400 in 60 s")
    assert Remark(State.OK, "slices are not stored: x") in findings
