"""Results reach their places as they come, and once, also where a place refuses for a while."""

from pathlib import Path

import pytest

from bothsides.check.delivery import Destinations
from bothsides.command import batch_delivery
from bothsides.command.batch_delivery import Delivery
from bothsides.command.batch_lines import Order, from_text, orders
from bothsides.command.batch_run import Done
from bothsides.export.deliver import Means
from bothsides.export.destination import from_submit
from bothsides.export.exported import Rows
from bothsides.export.http import Trust
from bothsides.export.login import Secrets
from bothsides.export.schema import Origin


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_delivery, "_PAUSE", 0.0)


def places(folder: Path, *names: str) -> Destinations:
    submits = tuple(from_submit(f"nagios:{folder / name}") for name in names)
    means = Means(Secrets(), Trust(""), spool=str(folder / "waiting"), pulse="")
    return Destinations((), submits, means, Origin("mon1", ""))


def lines(number: int) -> tuple[Order, ...]:
    text = "\n".join(f"h!s{place} check_udp_loss -H x" for place in range(number))
    return tuple(orders(from_text(text).lines))


def done(place: int) -> Done:
    return Done(place, f"UDP_LOSS OK - {place}\n", 0, 1.7e9 + place, 1.7e9 + place, Rows())


def delivered(spool: Path) -> list[str]:
    texts = [path.read_text() for path in spool.iterdir() if path.suffix != ".ok"]
    rows = (row for text in texts for row in text.splitlines())
    return sorted(row for row in rows if row.startswith("service_description="))


def test_what_has_come_is_delivered_and_the_rest_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1.7e9 + 100)
    (tmp_path / "a").mkdir()
    delivery = Delivery(lines(3), places(tmp_path, "a"), 5.0, 0.0)
    delivery.take(done(1))
    delivery.deliver()
    assert delivered(tmp_path / "a") == ["service_description=s1"]
    delivery.take(done(0))
    delivery.take(done(2))
    assert delivery.finish() == (3, ())
    assert delivered(tmp_path / "a") == [f"service_description=s{place}" for place in range(3)]


def test_a_place_that_refuses_gets_all_of_it_once_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1.7e9 + 100)
    (tmp_path / "well").mkdir()
    delivery = Delivery(lines(2), places(tmp_path, "well", "ill"), 5.0, 0.0)
    delivery.take(done(0))
    delivery.deliver()
    delivery.take(done(1))
    delivery.deliver()
    assert len(delivered(tmp_path / "well")) == 2
    (tmp_path / "ill").mkdir()
    assert delivery.finish() == (2, ())
    assert delivered(tmp_path / "ill") == ["service_description=s0", "service_description=s1"]
    assert len(delivered(tmp_path / "well")) == 2


def test_without_a_login_what_needs_one_is_kept_and_files_are_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1.7e9 + 100)
    (tmp_path / "a").mkdir()
    own = places(tmp_path, "a")
    means = own.means._replace(trouble="cannot read login.ini")
    both = (*own.submits, from_submit("icinga:https://127.0.0.1:1"))
    delivery = Delivery(lines(2), own._replace(submits=both, means=means), 5.0, 0.0)
    for place in range(2):
        delivery.take(done(place))
        delivery.deliver()
    assert len(delivered(tmp_path / "a")) == 2
    number, (line,) = delivery.finish()
    assert number == 0
    assert line == "not taken by icinga:https://127.0.0.1:1/: cannot read login.ini; 2 parcels wait"
