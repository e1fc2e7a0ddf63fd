"""The options of the checks, by the kind of service."""

from bothsides.command.check_options import tables
from bothsides.generate.services import PLUGIN
from bothsides.inventory.keys import OPTIONS
from tests.inventory.test_keys import COMING


def test_every_kind_of_measurement_has_a_table() -> None:
    assert set(tables()) == set(PLUGIN)


def test_every_option_that_a_landscape_may_set_is_in_the_table() -> None:
    for topic, options in tables().items():
        if topic not in OPTIONS:
            continue
        known = {name.lstrip("-") for option in options for name in option.spellings}
        wanted = {name.replace("_", "-") for name in OPTIONS[topic]}
        assert wanted <= known | COMING.get(topic, set()), topic
