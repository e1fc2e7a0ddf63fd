"""Keys of the memory, which stay as they are, and the addresses of a name."""

import pytest

from bothsides.store.path_memory import (
    addresses_of,
    classic_key,
    name_key,
    owners_key,
    path_key,
    to_addresses,
)


def test_the_keys_are_those_of_every_version() -> None:
    assert path_key("10.0.0.1") == "path 10.0.0.1"
    assert classic_key("10.0.0.1") == "loose 10.0.0.1"
    assert name_key("app") == "target app"
    assert owners_key("/etc/as.tsv") == "owners /etc/as.tsv"


def test_the_last_eight_addresses_of_a_name_are_kept_each_once() -> None:
    document = to_addresses("10.0.0.1", *(f"10.0.0.{number}" for number in range(9)))
    assert addresses_of(document) == ("10.0.0.1", *(f"10.0.0.{n}" for n in (0, *range(2, 8))))


@pytest.mark.parametrize("document", [None, {}, {"addresses": 7}, {"addresses": [7, "x", None]}])
def test_what_is_not_ours_is_no_address(document: dict[str, object] | None) -> None:
    assert addresses_of(document) == ()
