"""Reports of the kernel that have no known form: the requests are answered the general way."""

import socket
import time

import pytest

from bothsides.parse import stamp
from bothsides.probe.udp.mmsg import CONTROL_LENGTH, WORDS
from tests.reflector.test_usual import far, request


def test_a_kernel_that_reports_otherwise_is_answered_the_general_way() -> None:
    with far("127.0.0.1") as made:
        made.opened.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 0)
        replies = made.ask(request(1), request(2), request(3))
        assert [stamp.from_reply(each).number for each in replies] == [0, 1, 2]
        assert made.known == 0


def test_a_report_of_an_unknown_form_between_usual_ones_keeps_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with far("127.0.0.1") as made:
        made.ask(request(0))
        usual_way = made.server._usual
        form = usual_way.reports.form
        for number in range(1, 6):
            made.senders[0].send(request(number))
        batch = made.server._receiver.receive(made.opened.fileno())
        made.server._asked = made.opened.fileno()
        batch.words[2 * WORDS + CONTROL_LENGTH] -= 24  # the third one without its last message
        monkeypatch.setattr(
            usual_way.reports,
            "form",
            lambda batch, place: None if place == 2 else form(batch, place),
        )
        usual_way.answer(batch, made.opened.fileno(), time.monotonic())
        replies = [stamp.from_reply(made.senders[0].recv(100)) for _ in range(5)]
        assert [(reply.sequence, reply.number) for reply in replies] == [
            (number, number) for number in range(1, 6)
        ]
