"""The first hop on the way, by the kernel's tables."""

import sys

from bothsides.probe.net.next_hop import NextHop, next_hop
from tests.support import net
from tests.support.process import HOUSE


def test_a_host_on_our_own_link_needs_no_router() -> None:
    assert next_hop("127.0.0.1") == next_hop("::1") == NextHop("", False)
    assert next_hop("no address") is None


def test_the_gateway_of_a_route_is_found_for_both_families() -> None:
    code = f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); "
    code += "from bothsides.probe.net.next_hop import next_hop; "
    code += "print(*map(next_hop, ['192.0.2.1', '10.82.1.9', '2001:db8::1']))"
    with net.network() as network:
        network.host("us")
        network.host("far")
        network.link("us", "10.82.1.2/24", "far", "10.82.1.1/24")
        device = network.link("us", "fd82::2/64", "far", "fd82::1/64")[0]
        inside = network.inside("us")
        net.command(*inside, "ip", "route", "add", "default", "via", "10.82.1.1")
        net.command(*inside, "ip", "-6", "route", "add", "default", "via", "fd82::1", "dev", device)
        said = net.command(*inside, sys.executable, "-c", code)
    hops = [NextHop("10.82.1.1", False), NextHop("", False), NextHop("fd82::1", False)]
    assert said.strip() == " ".join(map(str, hops))
