"""mehsh's lines and metrics, to the octet; and the faults of its own that are not ours."""

import pytest

from bothsides.mesh.mehsh_lines import Line, lines, metrics
from bothsides.model.mesh import Slice

ZERO = Slice(0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 240, 300, 812)
DEAD = ZERO._replace(lost=200, rtt_min=0, rtt_mean=0, rtt_max=0)


def line(
    name: str = "db1", datacenter: str = "us.east", row: Slice = ZERO, held: bool = False
) -> Line:
    return Line(name, "192.0.2.7", datacenter, held, row)


def printed(*found: Line) -> list[str]:
    return [text[20:] for text in lines("web1", "eu.de", found, 0.0)]


def test_a_server_and_its_data_centres(monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(lines("web1", "eu.de", [line(row=ZERO._replace(lost=3))], 1_700_000_000.0))
    assert found[0][20:] == (
        "server: web1 -> db1, ip: 192.0.2.7, req: 200, resp: 197, max_lat: Some(812),"
        " min_lat: Some(240), mode: normal, loss: 3, withloss"
    )
    assert [text[20:].partition(", req")[0] for text in found[1:]] == [
        "datacenter: eu.de -> us", "datacenter: eu.de -> us.east",
    ]  # fmt: skip
    assert len({text[:19] for text in found}) == 1


def test_a_dead_server_takes_no_delays_from_its_data_centre() -> None:
    """mehsh, defect 5: one dead server made the whole data centre None/None."""
    found = printed(line(), line("db2", row=DEAD))
    assert found[1].endswith("max_lat: None, min_lat: None, mode: normal, loss: 200, withloss")
    assert found[2] == (
        "datacenter: eu.de -> us, req: 400, resp: 200, max_lat: Some(812), min_lat: Some(240),"
        " mode: normal, loss: 200, withloss"
    )


def test_the_longest_delay_of_a_data_centre_is_the_longest() -> None:
    """mehsh, defect 5: its longest delay was the shortest of the servers' longest."""
    slow = ZERO._replace(rtt_max=90_000)
    assert "max_lat: Some(90000), min_lat: Some(240)" in printed(line(), line("db2", row=slow))[2]


def test_sums_do_not_wrap() -> None:
    """mehsh, defect 6: counters of 16 bits wrapped at 328 servers."""
    found = printed(*(line(f"db{n}") for n in range(400)))
    assert "req: 80000, resp: 80000" in found[-1]


def test_maintenance_is_a_mode_and_hides_no_loss() -> None:
    (text, *sums) = printed(line(row=DEAD, held=True), line("db2", "eu"))[:1]
    assert text.endswith("mode: MAINTENANCE, loss: 200, withloss")
    modes = [text.partition("mode: ")[2][:6] for text in printed(line(held=True), line("x", "us"))]
    assert modes == ["MAINTE", "normal", "normal", "MAINTE"]
    assert sums == []


def test_a_host_without_data_centre_is_called_as_mehsh_calls_it() -> None:
    assert printed(line(datacenter=""))[1].startswith("datacenter: eu.de -> no-datacenter, req")


def test_metrics_are_those_of_its_agent() -> None:
    found = list(metrics("web-1", [line(row=ZERO._replace(lost=20))]))
    assert found == [
        bytes.fromhex("002c000000146d656873682e6c6f7373"),
        bytes.fromhex("002a00000014") + b"mehsh.sendloss.web-1",
        bytes.fromhex("002a00000014") + b"mehsh.recvloss.db1",
    ]
    assert all(data[2:6] == bytes(4) for data in metrics("a", [line(row=DEAD, held=True)]))
    assert all(len(data) <= 300 for data in metrics("a" * 400, [line()]))
