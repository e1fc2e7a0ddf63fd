"""What is known before a run, and which addresses its owners are asked for."""

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.past import AsAnswer, Past, Remembered, addresses_on_the_way, look_up
from tests.support.sample_path import USUAL, Numbers, baseline_of, past, run


def test_an_address_that_is_not_known_has_an_empty_baseline() -> None:
    assert Past().path_to("10.9.9.9") == Remembered()
    assert past(*USUAL).path_to("10.2.9.9").fixed.runs == 50


def test_owners_are_asked_for_routers_of_the_run_and_of_the_known_paths() -> None:
    made = run("10.0.0.1", "", "router.example", "10.2.9.9")
    assert addresses_on_the_way(made, Baseline()) == ["10.0.0.1", "10.2.9.9"]
    assert addresses_on_the_way(made, baseline_of(past(*USUAL))) == sorted(USUAL)


def test_a_source_is_asked_once_for_a_run() -> None:
    source = Numbers({"10.0.0.1": (64500, "")}, "")
    assert look_up(source, run(*USUAL), Baseline(), 0.5).systems == {"10.0.0.1": (64500, "")}
    assert source.asked == [(sorted(USUAL), 0.5)]
    assert look_up(None, run(*USUAL), Baseline()) == AsAnswer()
