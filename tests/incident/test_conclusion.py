"""How sure a rule may be of the side that it names."""

import pytest

from bothsides.incident.conclusion import confidence_of
from bothsides.model.verdict import UNKNOWN, Suspect


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"TalNet": 0.97, UNKNOWN: 0.02}, "open"),
        ({"TalNet": 0.6, "Nimbus": 0.25, UNKNOWN: 0.15}, "open"),
        ({"TalNet": 0.6, "Nimbus": 0.2, UNKNOWN: 0.2}, "none"),
        ({UNKNOWN: 0.6, "TalNet": 0.4}, "none"),
        ({"TalNet": 0.48, "Nimbus": 0.47, UNKNOWN: 0.05}, "none"),
    ],
)
def test_beside_an_unknown_network_a_side_is_named_that_is_far_ahead(
    shares: dict[str, float], expected: str
) -> None:
    suspects = tuple(Suspect(code, "", share) for code, share in shares.items())
    assert confidence_of(suspects) == expected
