"""Whose router an address is, at borders between networks of every kind."""

import pytest

from bothsides.analyse.path.ownership import Owner
from bothsides.incident.routers import networks_of, routers_along, with_those_of
from bothsides.model.verdict import UNKNOWN

OWNERS = {
    "us1": Owner("Us", 0, "us"),
    "us2": Owner("Us", 0, "us"),
    "isp1": Owner("Isp", 0, "isp"),
    "isp2": Owner("Isp", 0, "isp"),
    "isp3": Owner("Isp", 0, "isp"),
    "peer1": Owner("Peer", 0, "isp"),
    "peer2": Owner("Peer", 0, "isp"),
    "ix": Owner("Ix", 0, "exchange"),
    "transit1": Owner("Transit", 0, "transit"),
    "transit2": Owner("Transit", 0, "transit"),
    "transit3": Owner("Transit", 0, "transit"),
    "cloud1": Owner("Cloud", 0, "cloud"),
    "cloud2": Owner("Cloud", 0, "cloud"),
    "vpn": Owner("Vpn", 0, "tunnel"),
}


def sides(*line: str) -> list[tuple[str, ...]]:
    return [hop.sides for hop in routers_along(line, OWNERS)]


def test_a_providers_last_address_in_front_of_its_customer_is_the_customers_router() -> None:
    assert sides("transit1", "transit2", "isp1", "isp2", "us1") == [
        ("Transit",), ("Isp",), ("Isp",), ("Us",), ("Us",),
    ]  # fmt: skip


def test_a_customers_last_address_in_front_of_its_provider_is_its_own() -> None:
    assert sides("us1", "us2", "isp1", "isp2", "transit1", "transit2")[:3] == [
        ("Us",), ("Us",), ("Isp",),
    ]  # fmt: skip


def test_the_only_address_of_a_provider_is_its_own() -> None:
    assert sides("us1", "isp1", "cloud1", "cloud2")[1] == ("Isp",)


def test_the_run_of_a_network_begins_with_its_router_that_the_provider_numbers() -> None:
    # transit2 is the router of Isp, so isp1 is not its first one, but Us'
    assert sides("transit1", "transit2", "isp1", "us1") == [
        ("Transit",), ("Isp",), ("Us",), ("Us",),
    ]  # fmt: skip


def test_between_networks_of_one_rank_both_come_into_question() -> None:
    assert sides("isp1", "isp2", "peer1", "peer2")[1] == ("Isp", "Peer")


def against(*line: str) -> list[str]:
    return [hop.against for hop in routers_along(line, OWNERS)]


def test_custom_alone_decides_no_border() -> None:
    # a cloud may number the link to its transit, and an office the one to its provider
    assert against("cloud1", "cloud2", "transit1", "transit2", "cloud1", "cloud2") == [
        "", "Transit", "", "Transit", "", "",
    ]  # fmt: skip
    assert against("us1", "us2", "isp1", "isp2")[:2] == ["", "Isp"]


def test_the_first_hop_the_target_and_exchanges_are_no_borders_of_custom() -> None:
    assert against("us1", "isp1", "isp2") == ["", "", ""]
    assert against("isp1", "isp2", "ix", "cloud1", "cloud2") == [""] * 5
    assert against("transit1", "transit2", "us1") == ["", "", ""]


def test_an_exchange_s_address_is_the_router_of_the_network_that_follows() -> None:
    assert sides("isp1", "isp2", "ix", "cloud1", "cloud2")[2] == ("Cloud",)
    assert sides("isp1", "ix", "ix", "")[1] == ()


def test_a_tunnel_s_address_is_the_router_of_the_network_behind_it() -> None:
    assert sides("us1", "vpn", "us2") == [("Us",), ("Us",), ("Us",)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("isp1", "", "isp2"), ("Isp",)),
        (("isp1", "", "cloud1"), ("Isp", "Cloud", UNKNOWN)),
        (("", ""), ()),
    ],
)
def test_a_silent_hop_belongs_to_the_networks_around_it(
    line: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert sides(*line)[line.index("")] == expected


def test_silent_hops_up_to_a_target_of_the_same_network_may_hide_another_one() -> None:
    assert sides("cloud1", "cloud2", "", "", "cloud1")[1:4] == [("Cloud", UNKNOWN)] * 3


def test_an_address_that_the_map_does_not_have_is_of_a_third_network() -> None:
    hops = routers_along(("us1", "strange1", "isp1", "strange2", "isp2", "cloud1"), OWNERS)
    assert hops[1].sides == ()
    assert hops[3].sides == ("Isp",)  # the same network on both sides of it


def test_an_exchange_alone_says_nothing_of_its_neighbours() -> None:
    hops = routers_along(("strange1", "ix", "strange2", "strange3"), OWNERS)
    assert [hop.sides for hop in hops] == [(), (), (), ()]
    assert networks_of(hops, UNKNOWN) == (UNKNOWN,)
    silent = routers_along(("strange1", "ix", "", "strange3"), OWNERS)
    assert silent[2].sides == ()


def test_an_address_that_no_map_knows_between_two_of_our_own_may_be_a_tunnel() -> None:
    assert sides("us1", "unknown", "us2", "us1")[1] == ("Us", UNKNOWN)
    assert sides("isp1", "unknown", "isp2", "isp3")[1] == ("Isp",)


def test_a_silent_first_hop_may_be_of_a_network_that_nobody_sees() -> None:
    assert sides("", "isp1", "isp2", "cloud1")[0] == ("Isp", UNKNOWN)


def test_the_address_of_the_host_tells_what_is_before_a_silent_first_hop() -> None:
    def first(source: str, *line: str) -> tuple[str, ...]:
        return routers_along(("", *line), OWNERS, source)[0].sides

    assert first("cloud2", "cloud1", "isp1", "isp2") == ("Cloud",)
    assert first("us2", "isp1", "isp2", "cloud1") == ("Us", "Isp", UNKNOWN)
    assert first("us2", "vpn", "us1", "us2") == ()  # a tunnel's carriers are not seen
    assert first("us2", "us1", "isp1", "isp2") == ("Us", UNKNOWN)


def test_silent_hops_before_an_exchange_may_be_of_a_member_that_nobody_sees() -> None:
    assert sides("cloud1", "", "", "ix", "cloud2")[1:3] == [("Cloud", UNKNOWN), ("Cloud", UNKNOWN)]


def test_a_silent_hop_between_two_of_our_own_may_be_a_tunnel() -> None:
    assert sides("us1", "", "us2", "us1")[1] == ("Us", UNKNOWN)
    assert sides("isp1", "", "isp2", "isp3")[1] == ("Isp",)


def test_a_tunnel_is_nobody_whose_router_a_silent_hop_may_be() -> None:
    assert sides("", "vpn", "us1", "us2")[0] == ()
    assert sides("us1", "", "vpn", "us2")[1] == ("Us",)


def test_a_router_before_a_network_that_the_map_lacks_may_be_that_network_s() -> None:
    strange = ("isp1", "isp2", "203.0.114.1", "203.0.114.2")
    assert sides(*strange)[1] == ("Isp", UNKNOWN)
    assert sides("isp1", "203.0.114.1", "isp2", "isp3")[0] == ("Isp",)
    assert sides("us1", "us2", "10.7.1.1", "isp1", "isp2")[1] == ("Us", "Isp")  # a private link


def test_silent_hops_on_a_way_that_shows_one_network_alone_may_hide_others() -> None:
    cloud = ("cloud1", "cloud2")
    assert sides(*cloud, "", "", *cloud)[1:4] == [("Cloud", UNKNOWN)] * 3
    assert sides("us1", *cloud, "", "", *cloud)[2:5] == [("Cloud",)] * 3
    assert sides(*cloud, "", *cloud)[2] == ("Cloud",)


def private(*line: str) -> list[tuple[str, float]]:
    """Whose the router at 10.0.0.1 may be."""
    return [
        (side, round(part, 3))
        for hop in routers_along(line, OWNERS)
        if hop.address in PRIVATE
        for side, part in hop.shares
    ]


PRIVATE = ("10.0.0.1", "100.64.0.1", "169.254.0.1", "fd00::1", "fe80::1")


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_between_providers_is_of_one_of_them(address: str) -> None:
    shares = [("Isp", 0.46), ("Peer", 0.46), (UNKNOWN, 0.08)]
    assert private("isp1", "isp2", address, "peer1", "peer2") == shares


def test_an_office_behind_private_addresses_may_have_a_provider_that_shows_no_other() -> None:
    to_isp = [("Us", 0.46), ("Isp", 0.46), (UNKNOWN, 0.08)]
    to_transit = [("Us", 0.35), ("Transit", 0.35), (UNKNOWN, 0.3)]
    assert private("us1", "10.0.0.1", "isp1", "isp2") == to_isp
    assert private("us1", "10.0.0.1", "transit1", "isp1") == to_transit
    assert private("isp1", "transit1", "10.0.0.1", "us1")[-1] == (UNKNOWN, 0.3)
    assert private("us1", "10.0.0.1", "cloud1", "isp1")[-1] == (UNKNOWN, 0.3)


def test_a_private_address_between_both_ends_alone_may_well_hide_a_provider() -> None:
    alone = [("Us", 0.25), ("Cloud", 0.25), (UNKNOWN, 0.5)]
    assert private("us1", "10.0.0.1", "cloud1", "cloud2") == alone


def test_without_roles_the_networks_of_both_ends_may_be_customers() -> None:
    plain = {label: owner._replace(role="") for label, owner in OWNERS.items()}

    def rest(*line: str) -> list[float]:
        return [hop.rest for hop in routers_along(line, plain) if hop.address == "10.0.0.1"]

    assert rest("isp1", "10.0.0.1", "peer1", "cloud1") == [0.3]
    assert rest("isp1", "peer1", "10.0.0.1", "cloud1", "us1") == [0.08]
    assert rest("isp1", "10.0.0.1", "peer1") == [0.5]


def test_private_first_hops_may_be_of_a_network_in_front_of_the_first_one_known() -> None:
    assert private("10.0.0.1", "isp1", "isp2") == [("Isp", 0.3), (UNKNOWN, 0.7)]
    assert private("10.0.0.1", "us1", "isp1") == [("Us", 0.92), (UNKNOWN, 0.08)]
    known = routers_along(("10.0.0.1", "isp1", "isp2"), OWNERS, source="us1")[0]
    assert known.shares == (("Us", 0.46), ("Isp", 0.46), (UNKNOWN, 0.08))
    assert private("10.0.0.1", "203.0.114.1", "10.9.9.9") == [(UNKNOWN, 1.0)]


def test_a_private_address_in_front_of_a_target_that_no_map_has_may_be_the_target_s() -> None:
    assert private("isp1", "isp2", "10.0.0.1", "strange") == [("Isp", 0.5), (UNKNOWN, 0.5)]


def test_private_addresses_beside_an_exchange_may_be_of_a_member_that_nobody_sees() -> None:
    assert private("isp1", "10.0.0.1", "ix", "cloud1") == [("Isp", 0.5), (UNKNOWN, 0.5)]
    hops = routers_along(("isp1", "ix", "10.0.0.1", "cloud1", "cloud2"), OWNERS)
    assert [(hop.sides, hop.rest) for hop in hops][1:3] == [(("Cloud",), 0.5)] * 2


def test_a_private_address_inside_of_one_network_is_its_own_and_may_be_a_tunnel_of_ours() -> None:
    assert private("isp1", "10.0.0.1", "isp2", "cloud1") == [("Isp", 1.0)]
    assert private("us1", "10.0.0.1", "us2") == [("Us", 0.5), (UNKNOWN, 0.5)]


def test_a_router_before_private_addresses_may_be_of_the_network_that_they_hide() -> None:
    def rests(*line: str) -> list[float]:
        return [hop.rest for hop in routers_along(line, OWNERS)]

    assert rests("isp1", "transit1", "10.0.0.1", "us1") == [0, 0.15, 0.3, 0]
    assert rests("us1", "10.0.0.1", "transit1", "isp1") == [0, 0.3, 0, 0]  # the first hop
    assert rests("isp1", "isp2", "10.0.0.1", "isp3", "us1") == [0, 0, 0, 0, 0]


def test_a_network_that_nobody_sees_counts_among_those_of_a_way() -> None:
    hops = routers_along(("isp1", "10.0.0.1", "peer1", "peer2"), OWNERS)
    assert networks_of(hops, UNKNOWN) == ("Isp", "Peer", UNKNOWN)
    assert networks_of(routers_along(("isp1", "isp2", "peer1"), OWNERS), UNKNOWN) == ("Isp", "Peer")


def test_a_network_hidden_by_private_addresses_may_be_one_that_the_way_back_shows() -> None:
    back = routers_along(("us1", "isp1", "isp2", "ix", "cloud1", "peer1"), OWNERS)

    def others(*line: str) -> tuple[str, ...]:
        hops = with_those_of(routers_along(line, OWNERS), back)
        return next(hop.others for hop in hops if hop.address == "10.0.0.1")

    assert others("transit1", "transit2", "10.0.0.1", "us1") == ("Isp",)
    assert others("cloud1", "10.0.0.1", "us1") == ("Isp",)
    assert others("peer1", "10.0.0.1", "us1") == ("Cloud", "Isp")
    assert others("peer1", "10.0.0.1", "transit1", "us1") == ("Cloud",)
    assert others("peer1", "cloud1", "10.0.0.1", "isp1", "us1") == ()
    assert others("cloud1", "10.0.0.1", "ix", "transit1") == ("Peer", "Isp")
    assert others("transit1", "10.0.0.1", "transit2") == ()
    hop = with_those_of(routers_along(("transit1", "10.0.0.1", "us1"), OWNERS), back)[1]
    shares = {side: round(part, 3) for side, part in hop.shares}
    assert shares == {"Transit": 0.35, "Us": 0.35, "Isp": 0.15, UNKNOWN: 0.15}
