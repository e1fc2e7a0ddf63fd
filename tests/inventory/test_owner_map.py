"""The owner map that check_mtr_path reads."""

from pathlib import Path

import pytest

from bothsides.inventory.files import load
from bothsides.inventory.owner_map import owner_map
from bothsides.inventory.read import read
from bothsides.parse.ip_owners import ROLES, from_map

DATA = Path(__file__).parents[1] / "data" / "landscapes"


def test_the_map_is_one_that_the_check_reads() -> None:
    text = owner_map(load(str(DATA / "kuenzler.toml")))
    assert text.splitlines()[0] == "AS16509 = aws, cloud"
    made = from_map(text)
    assert made.systems[16509] == ("aws", "cloud")
    assert ("us", "us") in {(span.label, span.role) for span in made.spans}


@pytest.mark.parametrize("role", [role for role in ROLES if role != "far end"])
def test_every_role_is_one_of_the_check(role: str) -> None:
    landscape = read(
        'server = [{ name = "a", ip = "192.0.2.1" }]\n'
        f'provider = [{{ name = "h", role = "{role}", networks = ["AS1"] }}]'
    )
    assert owner_map(landscape) == f"AS1 = h, {role}\n"
    assert from_map(owner_map(landscape)).systems[1] == ("h", role)


def test_a_role_may_be_missing() -> None:
    landscape = read(
        'server = [{ name = "a", ip = "192.0.2.1" }]\n'
        'provider = [{ name = "x", networks = ["AS2"] }]'
    )
    assert owner_map(landscape) == "AS2 = x\n"
