"""--output json: the same facts, by the published schema, and every target as if it were alone."""

import json
from typing import Any

import jsonschema

from bothsides.parse.range import from_range
from bothsides.plugin.finding import Figure, Finding, Ranges, Reading, Remark, State, Table, Target
from bothsides.plugin.output import Report, Style, render
from tests.support.process import HOUSE

RTA = Figure("rta", "s", "mean round trip")
PL = Figure("pl", "%", "loss", 0, 100)
FIGURES = (RTA, PL)
LIMITS = Ranges(
    FIGURES,
    {"rta": from_range("0.1"), "pl": from_range("5")},
    {"rta": from_range("0.2"), "pl": from_range("15")},
)
SCHEMA = json.loads((HOUSE / "lib/bothsides/plugin/report.schema.json").read_text())


def shown(*findings: Finding, **style: Any) -> Report:
    return render("UDP_LOSS", "10.0.0.2", findings, FIGURES, Style(**style))


def test_json_holds_the_same_facts_and_follows_its_schema() -> None:
    findings = (
        LIMITS.reading("rta", 0.15, "rta 150 ms"),
        Remark(State.OK, "a | b"),
        LIMITS.reading("pl", None, ""),
        Table(("t",), 1),
    )
    report = shown(*findings, json=True)
    parsed = json.loads(report.text)
    jsonschema.validate(parsed, SCHEMA)
    assert report.code == parsed["exit_code"] == 1
    assert parsed["state"] == "WARNING"
    assert [figure["label"] for figure in parsed["perfdata"]] == ["rta", "pl"]
    assert parsed["perfdata"][0] | {"min": 0} == {
        "label": "rta", "value": 0.15, "uom": "s", "warning": "0.1", "critical": "0.2",
        "min": 0, "max": None, "state": "WARNING",
    }  # fmt: skip
    assert parsed["perfdata"][1]["value"] is None


def test_json_has_one_target_where_the_run_is_about_one() -> None:
    findings = (Remark(State.WARNING, "lost 3"), LIMITS.reading("rta", 0.1), Table(("t",)))
    parsed = json.loads(shown(*findings, json=True).text)
    (target,) = parsed["targets"]
    assert target["name"] == "10.0.0.2"
    for same in ("state", "text", "findings", "perfdata", "tables"):
        assert target[same] == parsed[same]


def test_json_has_every_target_as_if_it_were_alone() -> None:
    bad: tuple[Reading | Remark, ...] = (LIMITS.reading("pl", 28, "lost 28 of 100"),)
    findings = (
        Target("b.example", "192.0.2.2", bad),
        Target("a.example", "", (Remark(State.UNKNOWN, "no such name"),)),
        Target("silent.example", "", ()),
        Remark(State.CRITICAL, "1 of 2 in trouble"),
    )
    report = shown(*findings, json=True)
    parsed = json.loads(report.text)
    jsonschema.validate(parsed, SCHEMA)
    assert [target["name"] for target in parsed["targets"]] == [
        "b.example",
        "a.example",
        "silent.example",
    ]
    first, second, third = parsed["targets"]
    assert first["text"] == "UDP_LOSS CRITICAL - b.example: lost 28 of 100, above 15 %"
    assert (
        first["text"]
        == render("UDP_LOSS", "b.example", bad, FIGURES, Style()).text.partition(" |")[0]
    )
    assert [figure["value"] for figure in first["perfdata"]] == [None, 28.0]
    assert second["text"] == "UDP_LOSS UNKNOWN - a.example: no such name"
    assert (third["state"], third["text"]) == (
        "UNKNOWN",
        "UDP_LOSS UNKNOWN - silent.example: nothing measured",
    )
    assert parsed["text"] == "UDP_LOSS CRITICAL - 10.0.0.2: 1 of 2 in trouble"
    assert report.code == 2


def test_what_nobody_could_be_asked_about_has_no_targets() -> None:
    failed = render("UDP_LOSS", "", [Remark(State.UNKNOWN, "no key")], FIGURES, Style(json=True))
    assert json.loads(failed.text)["targets"] == []
