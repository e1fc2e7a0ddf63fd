"""Data centres by dotted names."""

import pytest

from bothsides.inventory.places import prefixes


@pytest.mark.parametrize(
    ("datacenter", "expected"),
    [("", []), ("eu", ["eu"]), ("eu.de.fsn1", ["eu", "eu.de", "eu.de.fsn1"])],
)
def test_the_prefixes_of_a_data_centre_begin_with_the_widest(
    datacenter: str, expected: list[str]
) -> None:
    assert prefixes(datacenter) == expected
