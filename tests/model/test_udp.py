"""UDP runs as data: what is kept, and what older records called it."""

from bothsides.base.record import from_json, to_json
from bothsides.base.secret import Secret
from bothsides.model import udp
from bothsides.model.udp import Plan, Run, TargetRun
from tests.support.udp_run import run, target


def test_former_fields_lead_to_fields_of_today() -> None:
    for record, fields in udp.FORMER_FIELDS.items():
        kind = getattr(udp, record)
        assert set(fields.values()) <= {*kind._fields, ""}
        assert not set(fields) & set(kind._fields)


def test_a_run_of_an_older_record_is_read() -> None:
    measured = run(target(3))
    old = to_json(measured) | {"patience": 1.0}
    old["clock"] = old.pop("clock_error")
    (first,) = old["targets"]
    for former, today in udp.FORMER_FIELDS["TargetRun"].items():
        first[former] = first.pop(today)
    assert from_json(Run, old) == measured


def test_a_plan_comes_back_without_its_key() -> None:
    plan = Plan(("far",), 862, key=Secret("00112233"))
    assert from_json(Plan, to_json(plan)) == plan._replace(key=Secret(""))


def test_closing_probes_have_names() -> None:
    made: TargetRun = target(3, 2)
    assert (made.closing_packets, made.closing_replies) == made.closing
