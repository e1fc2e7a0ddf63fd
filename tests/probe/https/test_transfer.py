"""One transfer, and the addresses that it skipped."""

import socket
import time

from bothsides.base.curl import library
from bothsides.model.https import Order
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes
from bothsides.probe.https.transfer import Transfer

ORDER = Order(from_url("http://a.test/"), ("192.0.2.1",), 0.0)


def transfer(slow: dict[str, bool]) -> Transfer:
    """A transfer with one socket whose first packet has no answer."""
    made = Transfer(library(), ORDER, 5.0, slow, lambda: (0.0, 0.0))
    address = (socket.AF_INET, socket.SOCK_STREAM, 0, ("192.0.2.77", 9))
    opened = made.listener.open_socket(0, address)
    assert not isinstance(opened, int)
    opened.setblocking(False)
    opened.connect_ex(("192.0.2.77", 9))
    return made


def test_a_transfer_that_has_not_ended_is_not_settled() -> None:
    made = Transfer(library(), ORDER, 5.0, {}, lambda: (0.0, 0.0))
    assert not made.settled()
    made.end(curl_codes.COULDNT_CONNECT, "refused", 1.0)
    assert made.settled()
    assert made.outcome(*(made.ended or (0, ""))).code == curl_codes.COULDNT_CONNECT
    made.close()


def test_a_skipped_address_is_awaited_once_in_a_run() -> None:
    slow: dict[str, bool] = {}
    first = transfer(slow)
    first.end(0, "", 0.05)
    awaited = bool(first.silent())  # not where this machine has no route at all
    assert first.settled() is not awaited
    time.sleep(0.06)
    assert first.settled()
    assert slow == ({"192.0.2.77": False} if awaited else {})
    second = transfer(slow)
    second.end(0, "", 5.0)
    assert second.silent() == []
    assert second.settled()
    for one in (first, second):
        one.close()
