"""What a landscape costs every host."""

import pytest

from bothsides.inventory.load import loads, total
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.inventory.big import big

TWO = 'server = [{ name = "a", ip = "192.0.2.1" }, { name = "b", ip = "192.0.2.2" }]\n'


def test_probes_and_replies_are_counted_at_both_ends() -> None:
    text = TWO + '[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\nrate = "10/s"\n'
    one, other = loads(Mesh(read(text)))
    assert (one.asks, one.asked_by, one.probes, one.replies) == (1, 0, 10.0, 0.0)
    assert (other.asks, other.asked_by, other.probes, other.replies) == (0, 1, 0.0, 10.0)
    octets = 44 + 8 + 20
    assert one.kbit_out == one.kbit_in == other.kbit_out == pytest.approx(10 * octets * 8 / 1000)
    assert (one.services, other.services) == (1, 0)


def test_37_targets_of_10_packets_a_second_are_213_kilobits() -> None:
    rows = loads(Mesh(read('[defaults]\nrate = "10/s"\n' + big(38, rows=True))))
    assert rows[0].kbit_out == pytest.approx(2 * 213.12)  # probes and replies


@pytest.mark.parametrize(
    ("settings", "octets"),
    [('protocol = "mehsh"', 18 + 28), ("size = 100", 100 + 28), ('protocol = "echo"', 44 + 28)],
)
def test_the_size_of_a_packet_is_that_of_its_protocol(settings: str, octets: int) -> None:
    text = TWO + f'[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\nrate = 1\n{settings}\n'
    assert loads(Mesh(read(text)))[0].kbit_out == pytest.approx(octets * 8 / 1000)


def test_an_ipv6_header_is_20_octets_longer() -> None:
    text = (
        TWO.replace("192.0.2.2", "2001:db8::2")
        + '[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\nrate = 1\n'
    )
    assert loads(Mesh(read(text)))[0].kbit_out == pytest.approx((44 + 48) * 8 / 1000)


def test_a_check_that_runs_every_minute_sends_its_packets_on_average() -> None:
    text = TWO + '[[check]]\nfrom = "a"\nto = "b"\ncheck = "udp_ping"\nevery = "1m"\npackets = 30\n'
    row = loads(Mesh(read(text)))[0]
    assert (row.probes, row.checks) == (0.5, 1.0)
    assert row.cpu == pytest.approx(0.048 / 60, rel=0.1)


def test_services_are_one_for_each_kind_and_host_or_one_for_each_pair() -> None:
    per_host = big(5, rows=True) + '[[path]]\nfrom = "all"\nto = "all"\n'
    assert [row.services for row in loads(Mesh(read(per_host)))] == [2] * 5
    assert [row.services for row in loads(Mesh(read(per_host + 'services = "pair"\n')))] == [5] * 5


def test_the_monitor_is_listed_when_it_asks() -> None:
    text = TWO + '[[clock]]\nfrom = "monitor"\nto = "all"\nevery = "1m"\n'
    assert [(row.host, row.checks) for row in loads(Mesh(read(text)))] == [
        ("a", 0.0),
        ("b", 0.0),
        ("monitor", 2.0),
    ]


def test_the_cpu_is_near_what_was_measured() -> None:
    row = loads(Mesh(read('[defaults]\nrate = "40/s"\n' + big(39, rows=True))))[0]
    assert row.cpu == pytest.approx(0.032 + 0.028, rel=0.1)
    asks = '[[check]]\nfrom = "h1"\nto = "all"\ncheck = "udp_ping"\nrate = "10/s"\n'
    hosts = "".join(f'[[server]]\nname = "h{n}"\nip = "10.0.{n >> 8}.{n & 255}"\n'
                    for n in range(1, 1001))  # fmt: skip
    alone = next(row for row in loads(Mesh(read(hosts + asks))) if row.host == "h1")
    assert alone.probes == 10000.0
    assert alone.cpu == pytest.approx(0.105, rel=0.1)


def test_a_host_that_would_send_too_much_is_known_by_its_load() -> None:
    assert loads(Mesh(read("[defaults]\nmax_pps = 300\n" + big(20, rows=True))))[0].too_much
    assert not loads(Mesh(read("[defaults]\nmax_pps = 800\n" + big(20, rows=True))))[0].too_much


def test_the_total_adds_everything_up() -> None:
    rows = loads(Mesh(read(big(5, rows=True))))
    every = total(rows)
    assert (every.host, every.asks, every.asked_by, every.services) == ("all", 20, 20, 5)
    assert every.probes == every.replies == 20 * 40
