"""Whose routers the hops of a path are, in the border numbering of real networks."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.ownership import Maps, Owner, name_owners
from bothsides.analyse.path.router_owner import routers_along, section
from bothsides.parse.ip_owners import from_map

MAP = from_map(
    "193.8.40.0/24 = Alpenhaus, us\n62.2.0.0/16 = TalNet, isp\n"
    "80.249.208.0/24 = SwissIX, exchange\n"
    "4.68.0.0/16 = Rhonelink, transit\n52.93.0.0/16 = Nimbus, cloud\n8.0.0.0/8 = Lumora, transit\n"
    "10.200.0.0/16 = our tunnel, tunnel\n10.0.0.0/8 = Stammhaus, us\n"
)
OUT = (
    "193.8.40.1",
    "62.2.3.1",
    "62.2.10.2",
    "62.2.11.2",
    "80.249.208.30",
    "52.93.1.2",
    "52.93.9.10",
)
BACK = ("52.93.9.1", "52.93.3.2", "4.68.9.1", "4.68.1.2", "4.68.7.2", "62.2.3.6", "193.8.40.10")
VPN = ("10.10.0.1", "10.200.0.2", "10.20.0.10")


def owners_of(line: tuple[str | None, ...]) -> dict[str, Owner]:
    return name_owners([host for host in line if host], Maps(MAP), {})


def whose(line: tuple[str | None, ...]) -> list[str]:
    routers = routers_along(line, owners_of(line))
    return [" or ".join(map(str, router.owners)) for router in routers]


def names(line: tuple[str | None, ...], near: int, far: int) -> list[str]:
    place = section(routers_along(line, owners_of(line)), near, far)
    hosts = ["this host"] * place.host + list(map(str, place.owners)) + ["target"] * place.target
    return [*hosts, *["tunnel"] * place.tunnel]


def test_an_exchange_address_is_a_router_of_the_network_that_follows() -> None:
    assert whose(OUT) == ["Alpenhaus", "TalNet", "TalNet", "TalNet", "Nimbus", "Nimbus", "Nimbus"]


def test_the_last_address_of_a_provider_before_its_customer_is_the_customers_router() -> None:
    assert whose(BACK) == [
        "Nimbus",
        "Nimbus",
        "Rhonelink",
        "Rhonelink",
        "TalNet or Rhonelink",
        "Alpenhaus or TalNet",
        "Alpenhaus",
    ]


def test_between_equals_the_last_address_may_be_of_either() -> None:
    assert whose(("8.1.1.1", "4.68.1.1", "4.68.1.5"))[:2] == ["Lumora or Rhonelink", "Rhonelink"]


def test_peers_of_different_kinds_may_number_their_link_either_way_the_provider_is_likelier() -> (
    None
):
    line = ("62.2.1.1", "62.2.1.2", "52.93.1.2")
    routers = routers_along(line, owners_of(line))
    assert [str(owner) for owner in routers[1].owners] == ["Nimbus", "TalNet"]
    assert [str(owner) for owner in routers[1].likely] == ["Nimbus"]


def test_behind_an_unknown_hop_a_border_may_be_numbered_by_either() -> None:
    """An office that numbers the link to its provider: 193.8.40.254 is the provider's router."""
    line = ("193.8.40.1", "193.8.40.254", "10.77.1.2", "62.2.2.2")
    owners = {host: owner for host, owner in owners_of(line).items() if host != "10.77.1.2"}
    routers = routers_along(line, owners)
    assert [str(owner) for owner in routers[1].owners] == ["Alpenhaus", "TalNet"]
    assert whose(("193.8.40.1", "193.8.40.2", "62.2.2.2")) == ["Alpenhaus", "Alpenhaus", "TalNet"]


def test_a_tunnel_address_is_the_router_at_its_end() -> None:
    assert whose(VPN) == ["Stammhaus", "Stammhaus", "Stammhaus"]
    assert [router.tunnel for router in routers_along(VPN, owners_of(VPN))] == [False, True, False]


def test_a_section_holds_all_whose_it_may_be() -> None:
    assert names(OUT, 0, 1) == ["this host", "Alpenhaus"]
    assert names(OUT, 1, 2) == ["Alpenhaus", "TalNet"]
    assert names(OUT, 2, 3) == ["TalNet"]
    assert names(OUT, 4, 5) == ["TalNet", "SwissIX", "Nimbus"]
    assert names(OUT, 5, 6) == ["Nimbus"]
    assert names(OUT, 6, 7) == ["Nimbus", "target"]
    assert names(BACK, 4, 5) == ["Rhonelink", "TalNet"]
    assert names(BACK, 6, 7) == ["Alpenhaus", "TalNet", "target"]


def test_only_a_section_that_enters_the_tunnel_is_inside_it() -> None:
    assert names(VPN, 0, 1) == ["this host", "Stammhaus"]
    assert names(VPN, 1, 2) == ["Stammhaus", "tunnel"]
    assert names(VPN, 2, 3) == ["Stammhaus", "target"]


def test_hops_without_a_known_owner_leave_a_section_unknown() -> None:
    line = ("193.8.40.1", None, "52.93.1.2")
    routers = routers_along(line, owners_of(line))
    assert [section(routers, near, near + 1).known for near in (0, 1, 2)] == [True, False, False]


@given(st.lists(st.sampled_from([*OUT, *BACK, *VPN, None]), min_size=1, max_size=12), st.data())
def test_a_wider_section_never_names_fewer(line: list[str | None], data: st.DataObject) -> None:
    routers = routers_along(line, owners_of(tuple(line)))
    near = data.draw(st.integers(0, len(line) - 1))
    far = data.draw(st.integers(near + 1, len(line)))
    narrow, wide = section(routers, near, far), section(routers, max(0, near - 1), far)
    assert {owner.label for owner in narrow.owners} <= {owner.label for owner in wide.owners}


@given(st.lists(st.sampled_from([*OUT, *BACK, *VPN, None]), min_size=1, max_size=12))
def test_whose_a_router_likely_is_it_may_be(line: list[str | None]) -> None:
    for router in routers_along(line, owners_of(tuple(line))):
        if router.owners:  # of a silent hop nothing is said where a place is named
            assert {*router.likely} <= {*router.owners}
