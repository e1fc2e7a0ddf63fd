"""When the last reply to each session left this host, for sessions that ask for it; bounded."""

from bothsides.parse import stamp_tlv

_SESSIONS = 4096  # the one that was silent longest makes room

Session = tuple[str, int, int]
"""Address, port and SSID of a sender."""


class FollowUps:
    """The kernel's stamps of the last replies."""

    def __init__(self) -> None:
        self._stamps: dict[Session, tuple[int, int]] = {}  # number of the reply, ns since 1970

    def __len__(self) -> int:
        return len(self._stamps)

    def note(self, session: Session, number: int, left: int) -> None:
        """Remembers when the reply with this number left, ns since 1970."""
        self._stamps.pop(session, None)
        if len(self._stamps) >= _SESSIONS:
            del self._stamps[next(iter(self._stamps))]
        self._stamps[session] = number, left

    def answer(self, session: Session) -> stamp_tlv.FollowUp:
        """What is known of the previous reply to a session."""
        number, left = self._stamps.get(session, (0, 0))
        return stamp_tlv.FollowUp(
            stamp_tlv.ANSWERED if left else stamp_tlv.UNKNOWN, number=number, left=left
        )
