"""Path evidence out of recorded runs."""

from bothsides.analyse.evidence.from_path import path_evidence
from bothsides.base.record import from_record
from bothsides.model.evidence import PathEvidence, Refusal
from bothsides.model.path import ECHO, Plan, ProbeResult, Run
from tests.support.process import HOUSE


def recorded(name: str) -> PathEvidence:
    text = (HOUSE / f"tests/data/records/check_mtr_path-{name}.json").read_text()
    return path_evidence(*from_record(text, "check_mtr_path", Plan, Run))


def test_every_probe_is_counted_at_its_hop_and_flow() -> None:
    found = recorded("stable")
    assert found.length == max(hop.ttl for hop in found.hops)
    assert all(0 <= hop.lost <= hop.sent for hop in found.hops)
    assert {hop.host for hop in found.hops if hop.ttl == found.length} == {found.target}
    assert found.echoes_lost == 0


def test_a_target_that_is_not_reached_has_no_length() -> None:
    found = recorded("unreached")
    assert found.length == 0
    assert found.echoes == found.echoes_lost


def test_a_refusing_router_is_named_once_and_its_answers_count_as_losses() -> None:
    first = (
        ProbeResult(0, 1, "expired", "10.0.0.1", 0.001),
        ProbeResult(0, 2, "refused", "10.0.0.2", 0.001),
        ProbeResult(0, 3, "refused", "10.0.0.2", 0.001),
    )
    found = path_evidence(Plan("192.0.2.1"), Run("x", "x", "192.0.2.1", first=first))
    assert found.refusals == (Refusal("10.0.0.2", 2),)
    assert [(hop.ttl, hop.lost, hop.host) for hop in found.hops] == [
        (1, 0, "10.0.0.1"), (2, 1, ""), (3, 1, ""),
    ]  # fmt: skip


def test_routers_that_send_in_circles_are_a_loop() -> None:
    circle = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.2", "10.0.0.3", "10.0.0.2"]
    first = tuple(ProbeResult(0, ttl, "expired", host, 0.001) for ttl, host in enumerate(circle, 1))
    found = path_evidence(Plan("192.0.2.1"), Run("x", "x", "192.0.2.1", first=first))
    assert found.loop == ("10.0.0.2", "10.0.0.3")


def test_an_echo_request_that_a_router_answered_is_none_to_the_target() -> None:
    run = Run("x", "x", "192.0.2.1", echoes=(0.01, None))
    near = ProbeResult(ECHO, 2, "expired", "10.0.0.1", 0.00002)
    found = path_evidence(Plan("192.0.2.1"), run._replace(segments=(near,)))
    assert (found.echoes, found.echoes_lost, found.echo_best) == (2, 1, 0.01)
    again = ProbeResult(ECHO, 0, "reply", "192.0.2.1", 0.009)
    found = path_evidence(Plan("192.0.2.1"), run._replace(segments=(near, again)))
    assert (found.echoes, found.echoes_lost, found.echo_best) == (3, 1, 0.009)


def test_echo_requests_that_locate_a_loss_are_counted_at_their_hops() -> None:
    segments = (
        ProbeResult(ECHO, 1, "expired", "10.0.0.1", 0.001),
        ProbeResult(ECHO, 2, "expired", "10.0.0.2", 0.002),
        ProbeResult(ECHO, 2, "silent"),
        ProbeResult(ECHO, 0, "reply", "192.0.2.1", 0.009),
    )
    run = Run("x", "x", "192.0.2.1", segments=segments)
    found = path_evidence(Plan("192.0.2.1"), run)
    assert found.hops == ()
    assert [(hop.flow, hop.ttl, hop.sent, hop.lost, hop.host) for hop in found.echo_hops] == [
        (ECHO, 1, 1, 0, "10.0.0.1"), (ECHO, 2, 2, 1, "10.0.0.2"),
    ]  # fmt: skip
