"""Every field of real documents with every kind of odd value: one line, or a verdict and a page."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bothsides.check.whose_fault.text import line, long_text
from bothsides.command.report import judged
from bothsides.incident.case import addresses_of, joined_case
from bothsides.incident.clocks import by_one_clock
from bothsides.incident.document import from_text, to_text
from bothsides.incident.join import verdict
from bothsides.incident.redact import redacted
from bothsides.incident.report import ends_of
from bothsides.incident.report_evidence import checked
from bothsides.incident.report_html import page_of
from bothsides.incident.report_text import text_of
from bothsides.model.report import Kept
from bothsides.model.verdict import Verdict
from bothsides.model.whose_fault import NamedOwner, Run
from bothsides.parse import Unreadable
from tests.support.evidence import WELL, owners_of
from tests.support.evidence_hosts import LOSS

SCRIPT = "<script>alert(1)</script>"
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**400, -(10**400), float("nan"), float("inf"),
    float("-inf"), 1e308, -1e308, 1e-320, 0.5, -0.5, 9.9e10, 1e11, "", SCRIPT, "\x00\x1b[31m|;`",
    "\ud800", "a" * 20_000, "10.0.0.1", "::", "\u202e\u2028x", [], {}, [[]], [None], [{}], [1] * 3,
)  # fmt: skip
"""Values that no host writes at most of the places."""

Place = tuple[str | int, ...]


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in a document that holds something."""
    if here:
        yield here
    parts = value if isinstance(value, dict) else dict(enumerate(value))
    for key, part in parts.items():
        if isinstance(part, dict | list):
            yield from places(part, (*here, key))
        else:
            yield (*here, key)


def changed(document: Any, place: Place, value: object) -> str:
    """The document with another value at one place, as text."""
    whole = copy.deepcopy(document)
    part = whole
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return json.dumps(whole)


def joined(texts: list[str]) -> tuple[Verdict, Kept]:
    """The verdict about A and B, and what a report is made from."""
    timed = by_one_clock([from_text(text) for text in texts], "A")
    owners = owners_of(addresses_of(timed.documents))
    named = tuple(NamedOwner(at, each.label, 0, each.role, True) for at, each in owners.items())
    run = Run("A to B", "A", "B", timed.documents, named, timed.witnesses)
    return verdict(joined_case("A", "B", timed.documents, owners), run.witnesses), Kept(run)


def tried(original: tuple[Any, Any], place: Place, value: object) -> bool:
    """Whether the first document is still read with the value at that place."""
    texts = [changed(original[0], place, value), json.dumps(original[1])]
    try:
        judgement, kept = joined(texts)
        kept = checked(kept)
    except Unreadable:
        return False
    assert judgement.confidence != "certain"
    words = [line(judgement), *(text for table in long_text(judgement) for text in table.lines)]
    assert all("\n" not in each for each in words)
    report = judged(redacted(kept, ends_of(kept)))
    page, text = page_of(report), text_of(report)
    assert (page.count("<script"), SCRIPT in page) == (1, False)
    assert not set("\x00\x1b\u202e\u2028") & {*page, *text}
    assert max(map(len, text.split("\n"))) <= 72
    return True


def sets() -> Iterator[tuple[Any, Any]]:
    """Pairs of documents: with a loss, and without any trouble."""
    for first, second in (LOSS, WELL):
        yield json.loads(to_text(first)), json.loads(to_text(second))


def jobs() -> list[tuple[tuple[Any, Any], Place, object]]:
    """Every field once, with every odd value, in a random order that is always the same."""
    made = []
    for pair in sets():
        fields = {tuple(key for key in place if isinstance(key, str)): place
                  for place in places(pair[0])}  # fmt: skip
        made += [(pair, place, value) for place in fields.values() for value in ODD]
    random.Random(1).shuffle(made)
    return made


def test_odd_values_are_one_line_or_a_verdict_and_a_safe_page() -> None:
    read = [tried(*job) for job in jobs()[:250]]
    assert 5 < sum(read) < 150


@pytest.mark.soak
def test_each_odd_value_in_each_field() -> None:
    assert sum(tried(*job) for job in jobs()) > 100
