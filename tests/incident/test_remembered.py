"""Evidence out of what the checks remember: which run counts, for which peer, and from when on."""

import pytest

from bothsides.base.record import to_json
from bothsides.incident.remembered import HELD, Named, Remembered, remembered, with_memory
from bothsides.model.evidence import Look
from bothsides.store.looks import StoredLook
from tests.support.evidence import NOW, OUT, document, https, trace, udp

PEERS = [Named("B", "52.1.9.10"), Named("www.example.org", "www.example.org")]
BAD, WELL = udp(out=40), udp()._replace(at=NOW - 300)


def kept(**changes: object) -> StoredLook:
    """A run of check_udp_loss that lost packets, and the one before it that did not."""
    look = StoredLook("udp", "b.example", "52.1.9.10", to_json(BAD), to_json(WELL))
    return look._replace(**changes)  # type: ignore[arg-type]


def found(*looks: StoredLook, since: float = NOW - 900, now: float = NOW) -> dict[str, Remembered]:
    return remembered(looks, PEERS, since, now)


def test_the_last_run_is_the_present_and_the_one_that_was_well_stands_before_it() -> None:
    assert found(kept())["B"] == Remembered(Look(udp=BAD), Look(udp=WELL), "52.1.9.10")


def test_a_run_that_is_too_old_or_in_the_future_is_not_the_present() -> None:
    for now in (NOW + 901, NOW - 100):
        told = found(kept(), since=now - 900, now=now)["B"]
        assert told.now == Look()
    assert found(kept(), now=NOW + HELD)["B"].before == Look()


def test_a_last_run_that_was_well_is_no_earlier_one() -> None:
    assert found(kept(well=to_json(BAD)))["B"].before == Look()


def test_a_peer_is_known_by_its_name_or_its_address_and_others_are_not_meant() -> None:
    assert found(kept(address=""))["B"] == Remembered()
    assert found(kept(host="WWW.example.org"))["www.example.org"].now.udp == BAD


def test_of_several_urls_of_a_host_the_one_that_fails_counts() -> None:
    fails, newer = https(phase="tls")._replace(at=NOW - 60), https()
    looks = [
        StoredLook("https", "www.example.org", "", to_json(each)) for each in (newer, fails, newer)
    ]
    assert found(*looks)["www.example.org"].now.https == fails


@pytest.mark.parametrize(
    "body", [{}, {"at": "x"}, to_json(BAD) | {"lost": -1}, to_json(BAD) | {"sent": None}]
)
def test_what_another_version_wrote_says_nothing(body: dict[str, object]) -> None:
    assert found(kept(now=body, well=body))["B"] == Remembered(address="52.1.9.10")


def test_what_is_measured_now_counts_and_the_rest_is_remembered() -> None:
    fresh = document("A", {"C": Look(), "B": Look(path=trace(OUT))})
    whole = with_memory(fresh, found(kept()))
    assert [peer.peer for peer in whole.peers] == ["B", "C"], "the one with trouble first"
    assert whole.peers[0].now == Look(BAD, trace(OUT))
    assert whole.peers[0].before == Look(udp=WELL)
    assert whole.peers[0].address == "52.1.9.10"
