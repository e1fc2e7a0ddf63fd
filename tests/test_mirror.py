"""tests/ mirrors lib/: each module has its test file, or a line here about where it is tested."""

from pathlib import Path

import pytest

from tests.support.process import HOUSE

ROOT = HOUSE / "lib/bothsides"
TESTS = HOUSE / "tests"
MODULES = sorted(
    path.relative_to(ROOT) for path in ROOT.rglob("*.py") if path.name != "__init__.py"
)

ELSEWHERE = {
    "base/errors.py": "two classes without a body; whoever raises them is tested for their words",
    "check/*/check.py": "puts the parts together; tests/contract runs every check as a process",
    "check/left_evidence.py": "command/test_evidence_memory.py runs the checks and reads what"
    " they left",
    "check/*/figures.py": "labels and units are pinned by tests/contract/test_output.py",
    "generate/grafana_influx.py": "real/test_dashboards.py runs every query against InfluxDB",
    "generate/grafana_prometheus.py": "real/test_dashboards.py runs every query against Prometheus",
    "incident/joint.py": "test_join.py, test_doubles.py, and the faults of four worlds",
    "incident/locate.py": "test_join.py, and the faults of four worlds that it judges again",
    "incident/report_style.py": "a style sheet; test_report_html.py reads it for foreign resources",
    "incident/rule_network.py": "test_join.py: losses and silence in every direction",
    "incident/rule_own.py": "test_join.py: own trouble comes first",
    "incident/trace_trust.py": "test_join.py, and kept faults with altered traces",
    "inventory/model.py": "records without functions; test_read.py and test_works.py fill them",
    "probe/udp/batch.py": "room for datagrams; mesh/test_exchange.py, reflector/test_usual.py",
    "mesh/loop.py": "mesh/test_daemon.py and command/test_udp_mesh.py run it as a process",
    "mesh/peer.py": "records of packets; mesh/test_closing.py and mesh/test_exchange.py use all"
    " of it",
    "mesh/wire.py": "mesh/test_exchange.py sends it every other kind of reply",
    "model/*.py": "records without functions; mypy proves their types, the probes fill them",
}
"""Modules, or patterns of them, without a test file: where they are tested, or why not."""

TOGETHER = {
    "check/mesh/test_alarms.py": "what line 1 names and how often health alarms: rings to words",
    "check/snmp_clock/test_earlier_runs.py": "what a memory adds to the findings: host.py, text.py",
    "check/udp_loss/test_alarms.py": "how often chance alone alarms: the whole check on random"
    " runs",
    "command/test_batch_killed.py": "kills, two batches at once, rubbish and secrets of a batch",
    "command/test_udp_mesh_asked.py": "strange requests to a running udp_mesh: window, control,"
    " loop",
    "command/test_udp_mesh_kept.py": "kills and disks of a running udp_mesh: memory, store,"
    " control",
    "incident/test_join_evidence.py": "what silent routers, full queues and few losses prove: all"
    " rules",
    "incident/test_altered.py": "verdicts about kept faults as other networks show them: all rules",
    "incident/test_odd_values.py": "odd values in every field: reader, verdict, text and page",
    "incident/test_doubles.py": "two faults at once in simulated worlds: all rules",
    "incident/test_past_incidents.py": "two recorded incidents, from the evidence to the"
    " printed page",
    "incident/test_report_picture.py": "README's picture, made from the real page",
    "incident/test_variations.py": "verdicts about kept faults with worse evidence: all rules",
    "inventory/test_pure.py": "no module of the folder but files.py touches files or clocks",
}
"""Test files about several modules of a folder together."""

NOT_MIRRORED = ("contract", "real", "support", "bench", "data")
"""Folders of tests/ that are not about one module: all checks, real daemons, helpers, costs."""


def mirror_of(module: Path) -> Path:
    """The place of a module's tests below tests/."""
    return module.parent / f"test_{module.name}"


def missing(module: Path) -> str:
    """What to do about a module without tests; "" where there is nothing to do."""
    if (TESTS / mirror_of(module)).exists():
        return ""
    if any(module.match(pattern) for pattern in ELSEWHERE):
        return ""
    return (
        f"lib/bothsides/{module} has no tests: write tests/{mirror_of(module)}, or a line in"
        " ELSEWHERE of tests/test_mirror.py that says where it is tested"
    )


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_test_file(module: Path) -> None:
    assert missing(module) == ""


def test_every_test_file_of_the_mirror_has_its_module() -> None:
    tests = {path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    mirrored = {mirror_of(module) for module in MODULES}
    stray = [
        f"tests/{path}"
        for path in sorted(tests - mirrored)
        if len(path.parts) > 1 and path.parts[0] not in NOT_MIRRORED and str(path) not in TOGETHER
    ]
    assert stray == [], (
        "rename each of these after the module that it tests, move it to tests/real, or give the"
        " reason in TOGETHER"
    )
    gone = [name for name in TOGETHER if not (TESTS / name).exists()]
    assert gone == [], "take these out of TOGETHER"


def test_every_line_of_the_list_is_needed() -> None:
    for pattern in ELSEWHERE:
        matched = [module for module in MODULES if module.match(pattern)]
        assert matched, f"no module {pattern} any more: take it out of ELSEWHERE"
        tested = "*" not in pattern and (TESTS / mirror_of(matched[0])).exists()
        assert not tested, f"{pattern} has a test file now: take it out of ELSEWHERE"


def test_a_module_without_tests_is_seen() -> None:
    assert "write tests/probe/test_planted.py" in missing(Path("probe/planted.py"))
    assert missing(Path("model/planted.py")) == ""
