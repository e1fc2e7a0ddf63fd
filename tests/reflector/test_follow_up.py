"""The stamps that are kept for the next reply to a session."""

from bothsides.parse import stamp_tlv
from bothsides.reflector.follow_up import FollowUps

SESSION = ("10.0.0.9", 40000, 99)


def test_a_session_learns_of_its_last_reply_only() -> None:
    kept = FollowUps()
    assert kept.answer(SESSION) == stamp_tlv.FollowUp(stamp_tlv.UNKNOWN)
    kept.note(SESSION, 4, 1_700_000_000_000_000_000)
    kept.note(SESSION, 5, 1_700_000_000_000_009_000)
    assert kept.answer(SESSION) == stamp_tlv.FollowUp(1, 5, 1_700_000_000_000_009_000)
    assert kept.answer(("10.0.0.9", 40001, 99)).status == stamp_tlv.UNKNOWN


def test_memory_is_bounded_and_the_session_that_was_silent_longest_makes_room() -> None:
    kept = FollowUps()
    for port in range(5000):
        kept.note(("10.0.0.9", port, 1), 0, 1)
        kept.note(("10.0.0.9", 1, 1), port, 1)
    assert len(kept) == 4096
    assert kept.answer(("10.0.0.9", 1, 1)).number == 4999
    assert kept.answer(("10.0.0.9", 2, 1)).status == stamp_tlv.UNKNOWN
