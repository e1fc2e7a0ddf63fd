"""Baselines survive their documents; a document that is not ours is an empty baseline."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.baseline import Baseline
from bothsides.analyse.path.baseline_classic import ClassicBaseline
from bothsides.analyse.path.baseline_document import (
    from_classic_document,
    from_document,
    to_classic_document,
    to_document,
)
from tests.analyse.path.test_baseline import route
from tests.analyse.path.test_baseline_classic import STABLE, after, run
from tests.support.networks import changed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
FIELDS = ("runs", "normal", "other", "known", "switches", "since", "replies", "rtas", "counts")


def test_the_memory_survives_its_document() -> None:
    made = route(1, 5)
    made.tell(changed(made.prober.world.about, 4, "80.249.208.99"))
    made.run(2)
    document = json.loads(json.dumps(to_document(made.memory)))
    assert from_document(document) == made.memory
    assert len(json.dumps(document)) < 60000
    for broken in (
        None,
        {},
        {"version": 2},
        {"version": 1},
        {**document, "normal": 7},
        {**document, "replies": [1]},
    ):
        assert from_document(broken) == Baseline()
    path = document["normal"]
    for name, value in (
        ("switches", "abc"), ("switches", [None]), ("rtas", "abc"), ("losses", ["x"]),
        ("since", "x"), ("runs", math.inf), ("normal", {**path, "members": {"3": []}}),
        ("normal", {**path, "members": {"999999999": ["a"]}}),
        ("normal", {**path, "lengths": {"0": 999999999}}),
        ("other", {**path, "members": {"3": [7]}}), ("runs", 10**400), ("since", -1.0),
        ("since", math.nan), ("rtas", [math.inf]), ("replies", {"3": [12, 1e11]}),
        ("replies", {"0": [1, 1]}),
    ):  # fmt: skip
        assert from_document({**document, name: value}) == Baseline(), (name, value)


def test_the_baseline_for_classic_traces_survives_its_document() -> None:
    memory, _ = after([run(path) for path in sorted((STABLE / "icmp").glob("*.raw"))[:5]])
    assert from_classic_document(json.loads(json.dumps(to_classic_document(memory)))) == memory
    aside = memory._replace(beside_runs=2, beside={3: {"192.0.2.1": 6}}, beside_since=7.0)
    assert from_classic_document(json.loads(json.dumps(to_classic_document(aside)))) == aside
    earlier = {
        name: value
        for name, value in to_classic_document(memory).items()
        if not name.startswith("beside")
    }
    assert from_classic_document(earlier) == memory
    for broken in (None, {}, {"version": 1}, {**to_classic_document(memory), "counts": 3}):
        assert from_classic_document(broken) == ClassicBaseline()
    for name, value in (
        ("counts", {"3": {"a": math.inf}}), ("counts", {"999999999": {"a": 1}}),
        ("other", {"3": {"a": -1}}), ("beside", {"3": {"a": -1}}), ("beside_runs", math.inf),
        ("doubt", {"3": math.nan}), ("runs", 10**400),
    ):  # fmt: skip
        assert (
            from_classic_document({**to_classic_document(memory), name: value}) == ClassicBaseline()
        ), (name, value)


@given(st.sampled_from(FIELDS), JSON)
def test_whatever_stands_in_a_document_makes_a_baseline(field: str, value: object) -> None:
    for read, written in (
        (from_document, to_document(Baseline())),
        (from_classic_document, to_classic_document(ClassicBaseline())),
    ):
        read({**written, field: value})
