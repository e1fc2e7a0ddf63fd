"""What line 1 says of a silent target: the most that is known, and nobody blamed by a guess."""

import pytest

from bothsides.check.udp_loss.silence_text import place_of, silence_words
from bothsides.model.udp import Silence, TargetRun
from tests.support.udp_run import analysed, target

NOTHING = Silence(False, False, 0, "")
SILENT = target(10, lost_out=range(10), closing=((), ()))


def said(silence: Silence | None, silent: TargetRun = SILENT) -> str:
    return silence_words(analysed(silent._replace(silence=silence)))


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (None, "no answer from 192.0.2.7:862 to 10 packets"),
        (NOTHING, "no answer from 192.0.2.7:862: nothing on the way answers either"),
        (NOTHING._replace(last_ttl=3), "routers answer up to hop 3, then nothing"),
        (NOTHING._replace(echo_answered=True), "the host answers ping, but no UDP: a firewall?"),
        (
            NOTHING._replace(host_lives=True),
            "the host lives (a closed port answered): its allow list, a missing key, or a firewall",
        ),
        (
            NOTHING._replace(host_lives=True, sealed=True),
            "the host lives (a closed port answered): its allow list, another key, or a firewall",
        ),
        (
            NOTHING._replace(host_lives=True, protocol="echo"),
            "the host lives (a closed port answered): no echo service, or a firewall",
        ),
        (
            NOTHING._replace(host_lives=True, protocol="mehsh"),
            "udp_reflector without --mehsh, or a firewall",
        ),
        (
            NOTHING._replace(host_lives=True, last_ttl=1, last_router="10.0.0.1", other_ttl=2),
            "udp port 862 ends behind hop 1 (10.0.0.1), other ports do not: a firewall?",
        ),
        (NOTHING._replace(small_answered=True), "larger ones are lost on the way (MTU?)"),
        (
            NOTHING._replace(small_answered=True, again_answered=True),
            "another source port was answered: this one is refused, or the outage is over",
        ),
        (
            NOTHING._replace(unsealed_answered=True, host_lives=True),
            "without a key it answers, so the reflector there has no keys",
        ),
    ],
)
def test_the_most_that_is_known_is_said(silence: Silence | None, words: str) -> None:
    assert said(silence).endswith(words)


def test_every_cause_has_room_on_line_1_behind_the_longest_address() -> None:
    address = "2001:db8:1111:2222:3333:4444:5555:6666"
    longest = SILENT._replace(host=address, address=address)
    words = said(NOTHING._replace(host_lives=True), longest)
    assert words.startswith("no answer from port 862: the host lives")
    assert len(f"UDP_LOSS CRITICAL - {address}: {words}") <= 176, (
        "the middle of the name goes first"
    )


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert place_of(SILENT._replace(address="2001:db8::1")) == "[2001:db8::1]:862"
