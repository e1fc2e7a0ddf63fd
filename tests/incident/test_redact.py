"""Private addresses and third hosts are hidden, and the verdict is the same."""

from bothsides.incident.redact import redacted
from bothsides.incident.report import ends_of
from bothsides.incident.report_evidence import to_text
from bothsides.incident.report_html import page_of
from bothsides.incident.report_text import text_of
from bothsides.model.evidence import LongHop, LongTrace, OwnTrouble
from bothsides.model.report import Kept
from tests.support.evidence import NOW
from tests.support.reports import lossy, report


def with_words(words: str) -> Kept:
    kept = lossy()
    first, *others = kept.run.documents
    first = first._replace(troubles=(OwnTrouble("local", words),))
    return kept._replace(run=kept.run._replace(documents=(first, *others)))


def test_private_routers_and_thirds_are_hidden_everywhere() -> None:
    kept = redacted(lossy(), ends_of(lossy()))
    made = report(kept)
    for text in (to_text(kept), text_of(made), page_of(made)):
        assert "10.0.0.1." not in text
        assert '"10.0.0.1"' not in text
        assert "C to B" not in text
        assert "10.0.0.10" in text  # the address of an end, which a provider needs
    assert kept.hidden == ("us-1", "us-2")
    assert made.thirds[0][0] == "us-1 to B"


def test_the_verdict_is_the_same() -> None:
    plain, hidden = report(lossy()).verdict, report(redacted(lossy(), ends_of(lossy()))).verdict
    assert (plain.side, plain.also, plain.confidence) == (
        hidden.side,
        hidden.also,
        hidden.confidence,
    )
    assert plain.loss_out == hidden.loss_out


def test_addresses_and_names_inside_sentences_are_hidden() -> None:
    words = "no answer of 192.168.7.7, fe80::1 and db7.corp.example, but of 192.0.2.9"
    kept = redacted(with_words(words), ends_of(lossy()))
    assert kept.run.documents[0].troubles[0].words == (
        "no answer of us-2, us-3 and us-4, but of 192.0.2.9"
    )


def test_the_command_of_a_trace_to_a_third_host_does_not_name_it() -> None:
    kept = lossy()
    third = kept.run.documents[2]
    hop = LongHop(1, ("10.7.7.7",), 5, 0, 0.1, 0.1, 0.1, 0.1, 0.1)
    trace = LongTrace(NOW, "icmp", 0, 5, "mtr -n -j -c 5 10.7.7.7", (hop,))
    peer = third.peers[0]._replace(peer="D", address="10.7.7.7", collected=(trace,))
    documents = (*kept.run.documents[:2], third._replace(peers=(peer,)))
    hidden = redacted(kept._replace(run=kept.run._replace(documents=documents)), ends_of(kept))
    assert "10.7.7.7" not in to_text(hidden)
    assert hidden.run.documents[2].peers[0].collected[0].command.startswith("mtr -n -j -c 5 us-")


def test_a_host_named_as_a_word_of_ours_does_no_harm() -> None:
    kept = lossy()
    third = kept.run.documents[2]._replace(host="local")
    kept = kept._replace(run=kept.run._replace(documents=(*kept.run.documents[:2], third)))
    assert redacted(kept, ends_of(kept)).run.documents[2].host == "us-1"
