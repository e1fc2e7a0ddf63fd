"""Names looked up beside the system's resolver: dead servers, silent families, search lists."""

import re
import time
from pathlib import Path

import pytest

from bothsides.base.poll import ready
from bothsides.model.failure import Failure
from bothsides.parse.dns import AAAA
from bothsides.probe.net import second_opinion
from bothsides.probe.net.second_opinion import SecondOpinion, Verdict
from tests.support.name_servers import Answers, NameServers, says, serving, silent, zone

GOOD = zone({"a.test": ("192.0.2.1", "2001:db8::1"), "four.test": ("192.0.2.4",)})


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows which servers were silent in another."""
    monkeypatch.setattr(second_opinion, "_silent", {})


def opinion(
    known: NameServers, name: str, family: int = 0, patience: float = 3.0, canary: str | None = ""
) -> tuple[Verdict | None, float]:
    """The verdict on one name, and the seconds that it took."""
    began = time.monotonic()
    until = began + patience
    asking = SecondOpinion(family, canary, until, known.path, known.port)
    asking.add(name, until)
    while asking.verdict(name) is None and time.monotonic() < until + 0.5:
        ready(asking.sockets, 0.05)  # type: ignore[arg-type]
        asking.step()
    asking.close()
    return asking.verdict(name), time.monotonic() - began


def test_the_second_server_answers_for_the_first_that_is_dead(tmp_path: Path) -> None:
    with serving(tmp_path, silent, GOOD) as known:
        verdict, seconds = opinion(known, "four.test")
    assert verdict is not None and verdict.answer == ("192.0.2.4",)
    words = r"our resolver 127\.0\.0\.1 does not answer \(silent for 1\.[01] s\), 127\.0\.0\.2 does"
    assert re.fullmatch(words, verdict.fault)
    assert 0.95 < seconds < 1.6


def test_the_third_answers_for_two_that_are_dead_and_the_next_name_waits_for_none(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, silent, silent, GOOD) as known:
        first, slow = opinion(known, "four.test")
        second, quick = opinion(known, "four.test")
    assert first is not None and first.answer == ("192.0.2.4",)
    assert first.fault.startswith("our resolver 127.0.0.1, 127.0.0.2 do not answer")
    assert second is not None and second.answer == ("192.0.2.4",)
    assert quick < 0.5 < slow


def test_the_first_server_that_lives_counts_not_the_quickest(tmp_path: Path) -> None:
    def late(name: str, kind: int) -> tuple[int, tuple[str, ...]]:
        time.sleep(0.3 if name else 0)
        return GOOD(name, kind) or (0, ())

    with serving(tmp_path, late, says(3)) as known:
        verdict, _ = opinion(known, "four.test")
    assert verdict == Verdict(("192.0.2.4",))


def test_a_family_that_is_not_answered_is_a_fault_and_no_failure(tmp_path: Path) -> None:
    def without(name: str, kind: int) -> tuple[int, tuple[str, ...]] | None:
        return None if kind == AAAA else GOOD(name, kind)

    with serving(tmp_path, without) as known:
        verdict, seconds = opinion(known, "a.test")
        six, _ = opinion(known, "a.test", family=6, patience=1.0)
    assert verdict is not None and verdict.answer == ("192.0.2.1",)
    words = "our resolver 127.0.0.1 does not answer for the IPv6 address (AAAA) of a.test (silent"
    assert verdict.fault.startswith(words)
    assert seconds < 1.6
    assert six is not None
    words = "the name servers of a.test give no answer, while our resolver 127.0.0.1 works"
    assert six.answer == Failure("dns", words)


@pytest.mark.parametrize(
    ("answers", "blame", "words"),
    [
        (silent, "local", "our resolver 127.0.0.1 does not answer (target not tested)"),
        (says(5), "local", "our resolver 127.0.0.1 answers nothing but REFUSED (target not"
        " tested)"),
        (lambda name, kind: None if name else (0, ()), "dns",
         "the name servers of a.test give no answer, while our resolver 127.0.0.1 works"),
        (lambda name, kind: (2 if name else 0, ()), "dns",
         "the name servers of a.test give no answer, while our resolver 127.0.0.1 works"),
        (zone({}), "dns", "a.test has no address (the name does not exist)"),
        (zone({"a.test": ()}), "dns", "a.test has no address"),
    ],
)  # fmt: skip
def test_whose_fault_it_is_that_a_name_has_no_address(
    answers: Answers, blame: str, words: str, tmp_path: Path
) -> None:
    with serving(tmp_path, answers) as known:
        verdict, _ = opinion(known, "a.test", patience=1.0)
    assert verdict is not None and verdict.answer == Failure(blame, words)


def late(name: str, kind: int) -> tuple[int, tuple[str, ...]]:
    """Refuses the name at once, and knows the root a little later."""
    time.sleep(0 if name else 0.2)
    return (5 if name else 0), ()


@pytest.mark.parametrize(
    ("answers", "blame", "words"),
    [
        (late, "dns",
         "the name servers of a.test give no answer, while our resolver 127.0.0.1 works"),
        (lambda name, kind: (5, ()) if name else None, "local",
         "our resolver 127.0.0.1 answers REFUSED for a.test (target not tested)"),
    ],
)  # fmt: skip
def test_a_server_that_refuses_is_judged_only_when_the_canary_had_its_time(
    answers: Answers, blame: str, words: str, tmp_path: Path
) -> None:
    with serving(tmp_path, answers) as known:
        verdict, seconds = opinion(known, "a.test", patience=1.0)
    assert verdict is not None and verdict.answer == Failure(blame, words)
    assert seconds < 0.9


@pytest.mark.parametrize(
    ("answers", "words"),
    [(silent, "our resolver does not answer for a.test (target not tested)"),
     (says(2), "our resolver 127.0.0.1 answers SERVFAIL for a.test (target not tested)")],
)  # fmt: skip
def test_without_a_canary_no_other_name_is_asked_for(
    answers: Answers, words: str, tmp_path: Path
) -> None:
    with serving(tmp_path, answers) as known:
        verdict, _ = opinion(known, "a.test", patience=0.6, canary=None)
    assert {name for _, name, _ in known.asked} == {"a.test"}
    assert verdict is not None and verdict.answer == Failure("local", words)


def test_the_search_list_is_tried_as_the_c_library_does(tmp_path: Path) -> None:
    here = zone({"www.b.example": ("192.0.2.7",)})
    with serving(tmp_path, here, options="search a.example b.example") as known:
        verdict, _ = opinion(known, "www", family=4)
    assert verdict == Verdict(("192.0.2.7",))
    names = [name for _, name, _ in known.asked if name]
    assert names == ["www.a.example", "www.b.example"]


def test_names_beyond_ascii_go_over_the_wire_as_punycode(tmp_path: Path) -> None:
    with serving(tmp_path, zone({"xn--bcher-kva.test": ("192.0.2.8",)})) as known:
        verdict, _ = opinion(known, "b\u00fccher.test")
    assert verdict == Verdict(("192.0.2.8",))


def test_the_hosts_file_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hosts").write_text("192.0.2.77 a.test\n")
    monkeypatch.setattr(second_opinion, "_HOSTS", str(tmp_path / "hosts"))
    with serving(tmp_path, silent) as known:
        verdict, seconds = opinion(known, "a.test")
    assert verdict == Verdict(("192.0.2.77",))
    assert seconds < 0.5
