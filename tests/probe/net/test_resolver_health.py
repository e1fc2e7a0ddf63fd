"""What is said of our own resolver, by servers on loopback."""

import re
import time
from pathlib import Path

import pytest

from bothsides.model.failure import Failure
from bothsides.parse.dns import NS, A
from bothsides.probe.net.dns_servers import Question, Servers
from bothsides.probe.net.name_servers import configuration
from bothsides.probe.net.resolver_health import silence_words, silent_servers, whose_fault
from tests.support.name_servers import Answers, says, serving, silent, zone

GOOD = zone({})


def asked(folder: Path, *answers: Answers) -> Servers:
    """Servers that were asked for the root and for a.test, half a second ago."""
    with serving(folder, *answers) as known:
        servers = Servers(configuration(known.path), time.monotonic() + 5, known.port)
        for question in (Question("", NS), Question("a.test", A)):
            servers.ask(question)
        assert silent_servers(servers) == [], "nobody is silent before there was time to answer"
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            servers.step()
            time.sleep(0.02)
    servers.close()
    return servers


def test_silent_servers_are_named_beside_one_that_answers(tmp_path: Path) -> None:
    servers = asked(tmp_path, silent, GOOD)
    assert silent_servers(servers) == ["127.0.0.1"]
    words = r"our resolver 127\.0\.0\.1 does not answer \(silent for \d\.\d s\), 127\.0\.0\.2 does"
    assert re.fullmatch(words, silence_words(servers))


def test_of_servers_that_all_answer_nothing_is_said(tmp_path: Path) -> None:
    assert silence_words(asked(tmp_path, GOOD, says(5))) == ""


@pytest.mark.parametrize(
    ("answers", "tested", "blame", "words"),
    [
        (GOOD, True, "dns",
         "the name servers of a.test give no answer, while our resolver 127.0.0.1 works"),
        (says(5), True, "local",
         "our resolver 127.0.0.1 answers nothing but REFUSED (target not tested)"),
        (says(9), False, "local", "our resolver 127.0.0.1 answers code 9 for a.test (target not"
        " tested)"),
        (silent, True, "local", "our resolver 127.0.0.1 does not answer (target not tested)"),
        (silent, False, "local", "our resolver does not answer for a.test (target not tested)"),
    ],
)  # fmt: skip
def test_whose_fault_a_name_without_an_answer_is(
    answers: Answers, tested: bool, blame: str, words: str, tmp_path: Path
) -> None:
    servers = asked(tmp_path, answers)
    assert whose_fault(servers, "a.test", "", tested) == Failure(blame, words)
