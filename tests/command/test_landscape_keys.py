"""The keys of a landscape for its manual page."""

from bothsides.command.landscape_keys import landscape_keys
from bothsides.inventory.keys import TABLES


def test_each_table_is_a_part_with_the_kinds_of_its_keys() -> None:
    lines = list(landscape_keys())
    assert sum(line.startswith("== [") for line in lines) == len(TABLES)
    assert "= `ip`\naddress (required)" in lines
    assert any(line.startswith("= `role`\nus, isp, transit, exchange") for line in lines)
    assert "= `sticky`\ntrue or false" in lines
