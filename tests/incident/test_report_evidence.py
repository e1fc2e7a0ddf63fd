"""The evidence in a page comes back as it was, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.incident.report_evidence import MOST, checked, from_page, to_text, without_thirds
from bothsides.incident.report_html import page_of
from bothsides.model.report import Span
from bothsides.parse import Unreadable
from tests.support.evidence import OUT, trace
from tests.support.reports import lossy, recorded, report


def page_with(text: str) -> str:
    return f'<script type="application/json" id="evidence">{text}</script>'


@pytest.mark.parametrize("name", ["dead_link", "two_faults"])
def test_a_page_gives_back_what_it_was_made_from(name: str) -> None:
    kept = recorded(name)
    page = page_of(report(kept))
    again = from_page(page)
    assert again == kept
    assert page_of(report(again)) == page


def test_no_character_of_the_evidence_has_a_meaning_in_html() -> None:
    kept = lossy()._replace(ticket="</script><script>alert(1)</script> & <!--")
    text = to_text(kept)
    assert not set("<>&") & set(text)
    assert from_page(page_with(text)) == kept


def test_a_changed_digit_is_found() -> None:
    page = page_of(report(lossy()))
    with pytest.raises(Unreadable, match="changed after the report was made"):
        from_page(page.replace('"lost":40', '"lost":4', 1))


@given(st.one_of(st.text(), st.text().map(page_with)))
def test_other_texts_are_unreadable_and_nothing_else(text: str) -> None:
    with pytest.raises(Unreadable):
        from_page(text)


@pytest.mark.parametrize(
    "body",
    ["{}", "[]", "1", '{"digest":1,"report":NaN}', '{"digest":"","report":{}}', "[" * 100_000],
)
def test_other_json_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        from_page(page_with(body))


def test_impossible_values_are_refused() -> None:
    kept = lossy()
    first = kept.run.documents[0]
    far = trace(OUT)._replace(length=10**9)
    for path in (far, far._replace(length=7, hops=far.hops * 1000), far._replace(at=1e300)):
        peer = first.peers[0]._replace(now=first.peers[0].now._replace(path=path))
        bad = kept._replace(run=kept.run._replace(documents=(first._replace(peers=(peer,)),)))
        with pytest.raises(Unreadable, match="evidence of A"):
            checked(bad)
    with pytest.raises(Unreadable, match="ends before"):
        checked(kept._replace(spans=(Span("during", 5.0, 4.0),)))
    assert checked(kept) is kept


def test_a_page_that_would_be_too_long_leaves_thirds_out_and_says_so() -> None:
    kept = lossy()
    third = kept.run.documents[2]
    many = tuple(third._replace(host=f"C{number}") for number in range(60))
    kept = kept._replace(run=kept.run._replace(documents=(*kept.run.documents[:2], *many)))
    made = report(kept)
    assert len(to_text(kept)) > MOST >= len(made.evidence)
    assert from_page(page_of(made)) == without_thirds(kept)
    assert any("a replay lacks it" in line for line in made.limits)
