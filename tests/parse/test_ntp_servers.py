"""Time servers in the files of chrony, systemd-timesyncd and ntpd."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.parse.ntp_servers import Server, TimeServers, from_directives, from_timesyncd

CHRONY = """
# comment
pool 2.debian.pool.ntp.org iburst
Server 192.0.2.1 iburst port 11123
! server 192.0.2.9
peer ntp.example.net
server 192.0.2.1 port 11123
refclock SHM 0
sourcedir /run/chrony-dhcp
confdir /etc/chrony/conf.d /etc/chrony/more
server -x
server 192.0.2.2 port none
driftfile /var/lib/chrony/drift
"""
NTP = """
driftfile /var/lib/ntp/ntp.drift
server 127.127.1.0
server -4 ntp1.example.net iburst
pool 0.debian.pool.ntp.org iburst
restrict -4 default
"""
TIMESYNCD = """
[Time]
#NTP=192.0.2.8
NTP=192.0.2.7
NTP=
NTP=ntp1.example.net  ntp2.example.net
FallbackNTP=0.debian.pool.ntp.org ntp1.example.net
RootDistanceMaxSec=5
"""


def test_chrony_names_servers_pools_and_other_files() -> None:
    assert from_directives(CHRONY) == TimeServers(
        (
            Server("2.debian.pool.ntp.org"),
            Server("192.0.2.1", 11123),
            Server("ntp.example.net"),
        ),
        ("/run/chrony-dhcp", "/etc/chrony/conf.d", "/etc/chrony/more"),
    )


def test_ntpd_names_servers_and_receivers_do_not_count() -> None:
    servers = from_directives(NTP).servers
    assert servers == (Server("ntp1.example.net"), Server("0.debian.pool.ntp.org"))


def test_openntpd_names_servers() -> None:
    servers = from_directives("servers pool.ntp.org\nserver 192.0.2.1\n").servers
    assert servers == (Server("pool.ntp.org"), Server("192.0.2.1"))


def test_timesyncd_names_its_own_before_its_fallbacks() -> None:
    assert from_timesyncd(TIMESYNCD).servers == (
        Server("ntp1.example.net"),
        Server("ntp2.example.net"),
        Server("0.debian.pool.ntp.org"),
    )


@given(st.text())
def test_whatever_stands_in_a_file_harms_nobody(text: str) -> None:
    for found in (from_directives(text), from_directives(f"server {text}"), from_timesyncd(text)):
        assert all(server.host and 0 < server.port < 65536 for server in found.servers)
