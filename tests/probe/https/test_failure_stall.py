"""Whose fault a stall is, by what TCP has counted (S10, S11, S15)."""

import errno

import pytest

from bothsides.model.https import Contact, Outcome, TcpCounters
from bothsides.parse.libcurl import Phases
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes, refusal
from bothsides.probe.https.failure_stall import of_timeout

URL = from_url("https://a.test/")
SHAKING = Phases(0.0, 0.01, None, 5.0)
WAITING = Phases(0.0, 0.01, None, 0.01, 5.0)
RECEIVING = Phases(0.0, 0.01, None, 0.01, 0.01, 5.0)
QUIET = TcpCounters(0, 0, 0, 0, 4000, 4.9, 1448)
T = "192.0.2.1 port 443"


def stalled(phases: Phases, counters: TcpCounters | None, again: int = 0) -> tuple[str, str, str]:
    """Blame, doubt and words."""
    used = Contact("192.0.2.1", True, "", 5.0, 0.01, again, counters)
    code = curl_codes.OPERATION_TIMEDOUT
    found = of_timeout(Outcome(URL, phases, code, contacts=(used,), size=900))
    return found.blame, found.doubt, found.words


def test_a_stall_after_all_was_acknowledged_may_still_be_large_packets_lost() -> None:
    words = f"{T} took the request, but sends no answer within 5.0 s"
    assert stalled(WAITING, QUIET) == ("path", "far end", words)
    words = f"connected to {T}, but the TLS handshake stalls within 5.0 s; all that we sent is"
    blame, doubt, said = stalled(SHAKING, QUIET._replace(received=0))
    assert (blame, doubt, said) == ("path", "far end", f"{words} acknowledged")


def test_large_packets_that_get_lost_while_small_ones_arrive_are_the_paths() -> None:
    blame, doubt, words = stalled(SHAKING, QUIET._replace(unacknowledged=2, sacked=1), 5)
    assert (blame, doubt) == ("path", "")
    assert "our large packets are lost, small ones arrive (MTU?)" in words
    blame, doubt, words = stalled(SHAKING, QUIET._replace(gaps=1))
    assert (blame, doubt) == ("path", "")
    assert "packets of the answer are lost, later ones arrive (MTU?)" in words


def test_packets_of_ours_without_an_acknowledgement_are_no_servers_fault() -> None:
    blame, doubt, words = stalled(WAITING, QUIET._replace(unacknowledged=1), 1)
    assert (blame, doubt) == ("path", "far end")
    assert words.endswith(": no acknowledgement, 1 packet sent again")


def test_a_server_is_blamed_only_for_a_slow_answer_without_gaps() -> None:
    steady = QUIET._replace(quiet=0.1)
    words = f"{T} sends too slowly: 900 octets in 5.0 s"
    assert stalled(RECEIVING, steady) == ("server", "", words)
    lossy = ("path", "far end", f"{words}, packets are lost on the way")
    assert stalled(RECEIVING, steady._replace(gaps=2)) == lossy
    assert stalled(RECEIVING, steady, 3) == lossy
    assert stalled(RECEIVING, steady._replace(needless=3), 3) == ("server", "", words)
    assert stalled(RECEIVING, None) == ("path", "far end", words)


def test_an_answer_that_stops_is_no_slow_one() -> None:
    blame, doubt, words = stalled(RECEIVING, QUIET)
    assert (blame, doubt) == ("path", "far end")
    assert words.startswith(f"the answer of {T} stalls: 900 octets, then nothing for 4.9 s")


def test_a_host_that_receives_nothing_at_all_may_be_to_blame_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(refusal, "filtered_here", lambda host, port: False)
    monkeypatch.setattr(refusal, "nothing_received", lambda: True)
    contacts = (Contact("192.0.2.1", False, "", 5.0, None, 3),)
    found = of_timeout(Outcome(URL, Phases(0.0, 5.0), 28, contacts=contacts))
    assert (found.blame, found.doubt) == ("path", "far end or this host")


def test_an_answer_without_an_end_is_not_slow() -> None:
    steady = QUIET._replace(quiet=0.0)
    used = Contact("192.0.2.1", True, "", 5.0, 0.01, 0, steady)
    found = of_timeout(Outcome(URL, RECEIVING, 28, contacts=(used,), size=6 << 30))
    assert found.blame == "server"
    assert found.words.startswith(
        f"the answer of {T} does not end: {6 << 30} octets in 5.0 s, more"
    )


@pytest.mark.parametrize("here", [False, True])
def test_silence_is_the_paths_or_the_far_ends_unless_our_firewall_drops_it(
    here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal, "filtered_here", lambda host, port: here)
    contacts = (Contact("192.0.2.1", False, "", 5.0, None, 3),)
    found = of_timeout(Outcome(URL, Phases(0.0, 5.0), 28, "", errno.EINPROGRESS, contacts=contacts))
    if here:
        words = f"our own firewall drops what we send to {T} (target not tested)"
        assert found == ("local", words, "")
    else:
        words = f"no answer from {T} to 4 SYN packets within 5.0 s; see check_mtr_path"
        assert found == ("path", words, "far end")


BUSY = "this host is too busy: it did not run the check for 4.2 of 5.0 s"


@pytest.mark.parametrize("phases", [SHAKING, WAITING, RECEIVING])
def test_time_that_a_busy_host_of_ours_took_is_no_stall_of_the_far_end(phases: Phases) -> None:
    """The kernel dates what came and what was sent, whether or not the check ran."""
    turn = QUIET._replace(quiet=0.3, sent=4.0)
    assert held(phases, turn, 4.2) == ("local", BUSY)
    assert held(phases, turn._replace(quiet=4.0, sent=0.3), 4.2) == ("local", BUSY)
    assert held(phases, turn._replace(quiet=0.1, unread=True), 4.2) == ("local", BUSY)
    assert held(phases, None, 4.2) == ("local", BUSY)


def test_an_answer_that_came_and_was_not_read_is_no_stall_of_the_far_end() -> None:
    unread = QUIET._replace(quiet=1.2, sent=4.0, unread=True)
    words = "this host is too busy: an answer stayed unread for 1.2 s"
    assert held(WAITING, unread, 0.0) == ("local", words)
    # a body that unpacks to gigabytes keeps the check busy, and the rest of it waits
    assert held(RECEIVING, unread, 0.0)[0] != "local"
    assert held(RECEIVING, unread, 4.2)[0] == "local"


@pytest.mark.parametrize("phases", [SHAKING, WAITING, RECEIVING])
def test_silence_that_the_kernel_has_seen_is_one_on_a_busy_host_too(phases: Phases) -> None:
    silence = QUIET._replace(quiet=4.0, sent=4.0)
    assert held(phases, silence, 4.2)[0] == "path"
    assert held(phases, silence._replace(quiet=0.3), 2.0)[0] != "local"


def test_a_short_time_is_enough_to_see_a_silence_of_most_of_it() -> None:
    """With -t 1 on a busy host, a server that never says a word."""
    phases = Phases(0.0, 0.01, None, 0.9)
    assert held(phases, QUIET._replace(quiet=0.8, sent=0.8), 0.6)[0] == "path"
    assert held(phases, QUIET._replace(quiet=0.8, sent=0.1), 0.6)[0] == "local"


def test_a_first_packet_without_an_answer_is_awaited_by_the_kernel() -> None:
    refused = Contact("192.0.2.1", False, "", 4.9, None, 3)
    for waited, blame in ((4.9, "path"), (0.4, "local")):
        contacts = (refused._replace(waited=waited),)
        found = of_timeout(Outcome(URL, Phases(0.0, 5.0), 28, contacts=contacts, held=4.2))
        assert found.blame == blame


def test_an_answer_without_end_is_the_servers_on_a_busy_host_too() -> None:
    assert held(RECEIVING, QUIET, 4.2, size=900)[0] == "local"
    assert held(RECEIVING, QUIET._replace(quiet=0.1), 4.2, size=1 << 27)[0] == "server"


def held(
    phases: Phases, counters: TcpCounters | None, seconds: float, size: int = 900
) -> tuple[str, str]:
    """Blame and words where this host did not run the check for so long."""
    used = Contact("192.0.2.1", True, "", 5.0, 0.01, 0, counters)
    code = curl_codes.OPERATION_TIMEDOUT
    found = of_timeout(Outcome(URL, phases, code, contacts=(used,), size=size, held=seconds))
    return found.blame, found.words
