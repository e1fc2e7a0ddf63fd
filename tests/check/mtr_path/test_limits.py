"""Events, ranges, limits relative to the usual value, and networks that a path must pass."""

from typing import Any

import pytest

from bothsides.analyse.path.ownership import Maps
from bothsides.base.errors import Misuse
from bothsides.check.mtr_path.limits import Relative, own, short
from bothsides.plugin.finding import State
from tests.support.sample_path import (
    NOTHING,
    USUAL,
    Numbers,
    baseline_of,
    judged,
    limits_of,
    past,
    run,
    state,
    with_baseline,
)


def test_events_that_are_given_replace_the_default_ones_of_their_state() -> None:
    other = run("10.0.0.1", "10.1.0.1", "10.3.0.1", "10.2.0.2", "10.2.9.9", looks=2)
    for warning, critical, expected in (
        ((), (), State.WARNING),
        (("flapping",), (), State.OK),
        (("none",), (), State.OK),
        ((), ("change",), State.CRITICAL),
        (("pl=50",), (), State.WARNING),
    ):
        assert state(judged(other, limits_of(warning, critical), past(*USUAL))) is expected, (
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
    assert state(judged(slow, limits_of(), past(*USUAL))) is State.WARNING
    assert state(judged(slow, limits_of(("rta=+20ms",)), past(*USUAL))) is State.OK
    assert state(judged(slow, limits_of(), NOTHING)) is State.OK
    near = run(*USUAL)._replace(echoes=(0.0001,) * 20)
    usual = past(*USUAL)
    tiny = with_baseline(usual, baseline_of(usual)._replace(rtas=(0.00005,) * 12))
    assert (
        state(judged(near, limits_of(), tiny)) is State.OK
    )  # twice as slow, but nobody would notice


def test_other_figures_have_no_usual_value_to_be_above() -> None:
    with pytest.raises(Misuse, match=r"hops=\+3: only rta and pl have limits above"):
        own("hops=+3")


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
        assert state(judged(run(*USUAL, lost=lost), limits_of(*words), usual)) is expected, (
            losses,
            lost,
        )


def test_what_somebody_insists_on() -> None:
    known = past(*USUAL)
    assert state(judged(run(*USUAL), limits_of(via="10.1.0.0/16"), known)) is State.OK
    assert state(judged(run(*USUAL), limits_of(via="10.7.0.0/16"), known)) is State.CRITICAL


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
        unmapped = limits_of(**words)
        known = past(*USUAL)._replace(maps=Maps(), as_source=Numbers(systems, trouble))
        assert state(judged(run(*USUAL), unmapped, known)) is expected, (
            words,
            systems,
            trouble,
        )


def test_a_relative_limit_is_a_short_figure_in_words() -> None:
    assert Relative(0.5, 0.0).range(0.0458453, 0.0).end == 0.0688
