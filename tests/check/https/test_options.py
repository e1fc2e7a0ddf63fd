"""check_https's options."""

from tests.support.process import run


def test_a_number_that_is_not_glued_to_all_addresses_is_no_address() -> None:
    outcome = run("check_https", "-H", "localhost", "--all-addresses", "2")
    assert (outcome.code, outcome.text.count("\n")) == (3, 1)
    assert "write --all-addresses=2" in outcome.line
    assert "--all-addresses [=N]" in run("check_https", "--help").text
