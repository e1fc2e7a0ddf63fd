"""What the judge says of one visit, and of several."""

import pytest

from bothsides.plugin.finding import Remark, State
from tests.support.https import answered, judged, values


def test_a_good_answer_is_ok_with_every_figure() -> None:
    findings = judged(answered())
    assert findings[0] == Remark(State.OK, "200 OK in 150 ms, 100 B")
    figures = values(findings)
    assert figures["time"] == pytest.approx(0.15)
    assert figures["time_proxy"] is None
    assert (figures["cert_days"], figures["chain_days"]) == (80.0, 20.0)
    assert (figures["http_status"], figures["tcp_rtt"], figures["tcp_retrans"]) == (
        200.0,
        0.018,
        0.0,
    )
    assert (figures["addresses"], figures["addresses_ok"]) == (1.0, 1.0)
