"""The words about intervals contain the intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.check.whose_fault.text import line, share_words, side_words
from bothsides.incident.join import verdict
from bothsides.model.interval import Interval
from bothsides.model.verdict import UNKNOWN, Confidence, Fault, Suspect, Verdict
from tests.support.evidence import WELL, case


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_interval_in_words_contains_the_interval(one: float, other: float) -> None:
    share = Interval(min(one, other), max(one, other))
    words = share_words(share)
    if " to " in words:
        low, _, high = words.removesuffix(" %").partition(" to ")
        assert float(low) <= 100 * share.low + 1e-9
        assert float(high) >= 100 * share.high - 1e-9


@pytest.mark.parametrize(
    ("share", "words"),
    [((0.0, 0.0), "0 %"), ((1.0, 1.0), "100 %"), ((0.1234, 0.2), "12.3 to 20 %")],
)
def test_examples(share: tuple[float, float], words: str) -> None:
    assert share_words(Interval(*share)) == words


def test_sides_in_words() -> None:
    said = verdict(case(*WELL))
    assert side_words(said, "far end") == "the far end B"
    assert side_words(said, "monitor") == "the host A"
    assert side_words(said, "Elsewhere") == "Elsewhere"
    assert line(said) == "nothing is wrong between them"


def test_line_1_says_that_an_unknown_network_may_be_it_as_well() -> None:
    suspects = (Suspect("TalNet", "isp", 0.8), Suspect(UNKNOWN, "", 0.1))
    fault = Fault("delay", "out", suspects, "open", "late", "R5")
    said = verdict(case(*WELL))._replace(
        side=("TalNet",), also=(UNKNOWN,), confidence="open", faults=(fault,)
    )
    seen = "packets are delayed on the way out"
    assert line(said) == f"{seen}: TalNet (isp), likeliest, not excluded: an unknown network"
    many = said._replace(also=("Z", "Y", UNKNOWN, "X", "W"))
    assert line(many).endswith("not excluded: W, X, Y, an unknown network and 1 more")
    nobody = said._replace(side=(), also=("TalNet", UNKNOWN), confidence="none")
    assert line(nobody) == f"{seen}: cannot tell which of TalNet (isp), an unknown network"
    alone = said._replace(side=(), also=(UNKNOWN,), confidence="none")
    assert line(alone) == f"{seen}: an unknown network, cannot tell whose"


def two_faults(confidence: Confidence, one: Fault | None = None) -> Verdict:
    talnet, nimbus = Suspect("TalNet", "isp", 0.995), Suspect("Nimbus", "cloud", 0.8)
    out = one or Fault("loss", "out", (talnet,), confidence, "A to B lost 60", "R3")
    rest = Suspect("Bergnet", "isp", 0.2)
    back = Fault("loss", "back", (nimbus, rest), "open", "B to A lost 48", "R3")
    return verdict(case(*WELL))._replace(
        side=(out.suspects[0].code,),
        also=("Bergnet", "Nimbus"),
        confidence=out.confidence,
        faults=(out, back),
        loss_out=Interval(0.25, 0.35),
        loss_back=Interval(0.16, 0.24),
    )


def test_line_1_says_that_there_are_two_faults_and_whose_each_is() -> None:
    parts = (
        "lost 25 to 35 % out, TalNet (isp) (likely);"
        " lost 16 to 24 % back, Nimbus (cloud) (likeliest), not excluded Bergnet (isp)"
    )
    assert line(two_faults("likely")) == f"two faults: {parts}"
    maybe = parts.replace("(likely)", "(likeliest)")
    assert line(two_faults("open")) == f"likely two faults: {maybe}"


def test_line_1_says_that_a_lost_packet_is_no_fault_of_a_service_that_is_down() -> None:
    down = Fault("service", "", (Suspect("far end", "", 1.0),), "certain", "refused", "R6")
    assert line(two_faults("certain", down)) == (
        "two faults: one service fails, the far end B (certain);"
        " lost 16 to 24 % back, Nimbus (cloud) (likeliest), not excluded Bergnet (isp)"
    )
    same = down._replace(suspects=(Suspect("Nimbus", "cloud", 1.0),))
    assert line(two_faults("certain", same)).startswith("one service fails: Nimbus")
