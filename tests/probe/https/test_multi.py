"""Several transfers at once."""

import socket
import time

import pytest

from bothsides.base.deadline import Deadline
from bothsides.model.https import Order, Outcome
from bothsides.parse.url import from_url
from bothsides.probe.https import curl_codes, multi
from bothsides.probe.https.multi import Transfers
from bothsides.probe.https.transfer import Transfer
from tests.support.servers import ANSWER, answering, serving
from tests.support.stopwatch import Stopwatch

URL = from_url("http://127.0.0.1/")


def order(port: int) -> Order:
    return Order(URL._replace(port=port), ("127.0.0.1",), 0.0)


def finished(transfers: Transfers) -> dict[Transfer, Outcome]:
    """Every transfer's outcome."""
    outcomes: dict[Transfer, Outcome] = {}
    while transfers.running:
        outcomes.update(transfers.step())
    return outcomes


def test_transfers_end_each_for_itself() -> None:
    transfers = Transfers(Deadline(5))
    with (
        serving(answering(ANSWER)) as server,
        socket.create_server(("127.0.0.1", 0)) as unused,
    ):
        closed = unused.getsockname()[1]
        unused.close()
        good = [transfers.add(order(server.port)) for _ in range(3)]
        bad = transfers.add(order(closed))
        outcomes = finished(transfers)
    transfers.close()
    assert [outcomes[one].head.code for one in good] == [200, 200, 200]
    assert outcomes[bad].code == curl_codes.COULDNT_CONNECT
    assert outcomes[bad].contacts[0].reason == "Connection refused"


def test_a_transfer_ends_before_the_deadline_does() -> None:
    transfers = Transfers(Deadline(0.4))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        watch = Stopwatch()
        transfers.add(order(silent.getsockname()[1]))
        (outcome,) = finished(transfers).values()
    assert outcome.code == curl_codes.OPERATION_TIMEDOUT
    assert outcome.phases.last == "server"
    assert watch.seconds < 0.4 + 0.3
    transfers.close()


def test_what_still_runs_is_given_back_at_the_end() -> None:
    transfers = Transfers(Deadline(5))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transfer = transfers.add(order(silent.getsockname()[1]))
        for _ in range(3):
            assert list(transfers.step(0.05)) == []
        half = transfer.outcome(curl_codes.ABORTED_BY_CALLBACK, "interrupted")
        assert half.phases.last == "server"
        assert half.phases.total > 0
        opened = [one.socket for one in transfer.listener.sockets]
        transfers.close()
    assert transfers.running == {}
    assert [one.fileno() for one in opened] == [-1]


def test_time_that_this_host_does_not_run_us_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def overslept(read: object, seconds: float, write: object = ()) -> None:
        time.sleep(seconds + 0.1)

    monkeypatch.setattr(multi, "ready", overslept)
    transfers = Transfers(Deadline(0.4))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transfers.add(order(silent.getsockname()[1]))
        (outcome,) = finished(transfers).values()
    transfers.close()
    assert 0.1 <= outcome.held < 2
