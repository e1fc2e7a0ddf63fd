"""Which pairs share a service, and the options that its check gets."""

from bothsides.command.check_options import tables
from bothsides.generate.services import PLUGIN, REPEATABLE, Service, services
from bothsides.inventory.keys import OPTIONS
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.read import read
from tests.inventory.big import big

HOSTS = (
    'server = [{ name = "a", ip = "192.0.2.1" }, { name = "b", ip = "192.0.2.2" }, { name ='
    ' "c", ip = "192.0.2.3", extra1 = "203.0.113.3" }]\n'
)
COMMON = {"landscape": "/etc/bothsides/known.json", "maintenance": "/var/lib/bothsides"}
"""What every check of the four gets."""


def run(text: str, host: str = "a") -> list[Service]:
    return list(services(Mesh(read(HOSTS + text)))[host])


def test_pairs_that_are_judged_alike_are_one_service() -> None:
    (service,) = run(
        '[[check]]\nfrom = "a"\nto = "b | c"\ncheck = "udp_ping"\nevery = "5m"\nwarning = "5%"\n'
    )
    assert (service.name, service.section, service.peers) == (
        "UDP loss to all",
        "udp_all",
        ("b", "c"),
    )
    assert dict(service.options) == {
        "hostname": "192.0.2.2,192.0.2.3",
        "port": "862",
        "wait": "1s",
        "warning": "5%",
        **COMMON,
    }
    assert PLUGIN[service.topic] == "check_udp_loss"


def test_other_limits_are_another_service() -> None:
    text = (
        '[[check]]\nfrom = "a"\nto = "all"\ncheck = "udp_ping"\nevery = "5m"\n'
        'except = "self"\n[[pair]]\nfrom = "a"\nto = "c"\nwarning = "9%"\n'
    )
    assert [(each.name, each.peers) for each in run(text)] == [
        ("UDP loss to all", ("b",)),
        ("UDP loss to all 2", ("c",)),
    ]


def test_each_pair_is_a_service_when_asked_for() -> None:
    text = (
        '[[check]]\nfrom = "a"\nto = "b | c"\ncheck = "udp_ping"\nservices = "pair"\n'
        'every = "10m"\n'
    )
    services = [(each.name, each.section, each.every) for each in run(text)]
    assert services == [("UDP loss to b", "udp_b", 600.0), ("UDP loss to c", "udp_c", 600.0)]


def test_a_path_goes_to_the_traced_address_and_keeps_its_state() -> None:
    (service,) = run(
        '[[path]]\nfrom = "a"\nto = "c"\nsticky = true\nperf_hops = false\n'
        'via = ["192.0.2.0/24", "AS1"]\n'
    )
    assert service.options == (
        ("hostname", "203.0.113.3"),
        ("sticky", ""),
        ("via", "192.0.2.0/24,AS1"),
        ("state-dir", "/var/lib/bothsides"),
        *COMMON.items(),
    )


def test_https_asks_the_address_for_the_name() -> None:
    (service,) = run(
        '[[https]]\nfrom = "a"\nto = "b"\nhostname = "www.example.org"\nurl = "/x"\n'
        'interval = "100ms"\nauth = "web"\n'
    )
    assert dict(service.options) == {
        "hostname": "www.example.org",
        "IP-address": "192.0.2.2",
        "url": "/x",
        "interval": "100ms",
        **COMMON,
    }
    assert service.auth == "web"


def test_two_urls_of_one_host_are_told_apart() -> None:
    text = "".join(f'[[https]]\nfrom = "a"\nto = "b"\nurl = "/{path}"\n' for path in "xy")
    assert [each.name for each in run(text)] == ["HTTPS to b", "HTTPS to b 2"]
    assert [each.section for each in run(text)] == ["https_b", "https_b_2"]
    named = text.replace('url = "/y"', 'url = "/y"\nname = "login"')
    assert [each.name for each in run(named)] == ["HTTPS to b", "HTTPS to b login"]


def test_a_monitor_without_an_address_has_a_service_for_each_host() -> None:
    text = '[[clock]]\nfrom = "monitor"\nto = "all"\n'
    assert [each.name for each in run(text, "monitor")] == [
        "Clock to a",
        "Clock to b",
        "Clock to c",
    ]
    real = text.replace('"monitor"', '"a"')
    assert [each.name for each in run(real)] == ["Clock to all"]


def test_a_thousand_hosts_have_about_a_thousand_services() -> None:
    made = services(Mesh(read(big(300, rows=True))))
    assert sum(len(each) for each in made.values()) <= 2 * 300


def test_options_that_may_be_repeated_are_those_of_the_checks() -> None:
    may = {
        option.name.lstrip("-")
        for topic, options in tables().items()
        for option in options
        if option.repeatable and option.name.lstrip("-").replace("-", "_") in OPTIONS.get(topic, {})
    }
    assert may == REPEATABLE


CONTINUOUS = '[[check]]\nfrom = "a"\nto = "b | c"\ncheck = "udp_ping"\n'


def test_what_is_measured_all_the_time_is_read_from_the_mesh() -> None:
    (service,) = run(f'{CONTINUOUS}warning = "100.0,5%"\ncritical = "pl=9"\nwindow = "5m"\n')
    assert (service.name, service.section, PLUGIN[service.kind]) == (
        "Mesh to all",
        "mesh_all",
        "check_mesh",
    )
    assert (service.peers, service.every, service.port) == (("b", "c"), 60.0, "862")
    assert dict(service.options) == {
        "hostname": "b | c",
        "critical": "worst=9",
        "warning": "rta=100.0ms,5%",
        "window": "300s",
    }


def test_a_pair_of_the_mesh_may_be_a_service() -> None:
    services = run(f'{CONTINUOUS}services = "pair"\n')
    assert [(each.name, dict(each.options)["hostname"]) for each in services] == [
        ("Mesh to b", "b"),
        ("Mesh to c", "c"),
    ]


def test_udp_echo_is_nothing_that_the_mesh_speaks() -> None:
    (service,) = run(f'{CONTINUOUS}protocol = "echo"\n')
    assert PLUGIN[service.kind] == "check_udp_loss"
