"""check_http's labels."""

import pytest

from bothsides.parse.libcurl import Phases
from bothsides.plugin.finding import Reading, State
from tests.support.https import GOOD, at, judged_visits, values
from tests.support.lab import Lab, lab
from tests.support.process import run
from tests.support.servers import ANSWER, answering, serving


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return lab(tmp_path_factory.mktemp("lab"))


def test_the_old_labels_of_check_http_on_request(made: Lab) -> None:
    with serving(answering(ANSWER), made.file("good")) as server:
        url = (
            f"https://127.0.0.1:{server.port}/",
            "--ca-cert",
            made.bundle,
            "--perfdata-style",
            "check_http",
        )
        outcome = run("check_https", *url)
        limited = run("check_https", *url, "-w", "time_tls=0.000001")
    labels = [
        "time",
        "size",
        "time_connect",
        "time_ssl",
        "time_headers",
        "time_firstbyte",
        "time_transfer",
    ]
    assert list(outcome.perfdata) == labels
    assert (outcome.perfdata["time"].uom, outcome.perfdata["size"].uom) == ("s", "B")
    assert list(limited.perfdata) == [*labels, "time_tls"]


def test_a_limit_holds_for_a_figure_that_has_another_label_here() -> None:
    limited = ("--perfdata-style", "check_http", "-w", "time_tls=0.000001")
    broken = [each for each in judged_visits((GOOD,), *limited) if each.state is not State.OK]
    assert [(each.figure.label, each.state) for each in broken if isinstance(each, Reading)] == [
        ("time_tls", State.WARNING)
    ]


def test_the_old_labels_hold_the_worst_of_several_urls() -> None:
    slow = GOOD._replace(
        hops=(GOOD.hops[0]._replace(phases=Phases(0, 0.01, None, 0.5, 0.6, 0.01)),)
    )
    said = values(
        judged_visits((at(slow, "https://a.test/"), GOOD), "--perfdata-style", "check_http")
    )
    assert (said["time_ssl"], said["time_firstbyte"]) == (0.5, 0.6)
