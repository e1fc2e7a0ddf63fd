"""What an operator meets: each with how to make it, and what the first line has to say of it.

The world is near, two routers, and far; the reflector runs on far. A rule is an nftables rule on a
host at a hook; `--size`, a port or a key make the rest.
"""

from typing import NamedTuple

PORT = 8620
FAR = "10.84.2.2"
_UDP = f"udp dport {PORT}"
_REPLY = f"udp sport {PORT}"
_ANY = "meta l4proto { udp, icmp }"
_LIVES = "the host lives (a closed port answered)"
_FIREWALL = f"{_LIVES}: its allow list, a missing key, or a firewall"
_OTHER_KEY = f"{_LIVES}: its allow list, another key, or a firewall"


class Situation(NamedTuple):
    """One of them."""

    says: str  # part of line 1
    code: int = 2
    rules: tuple[tuple[str, str, str], ...] = ()  # host, hook, nftables rule
    options: tuple[str, ...] = ()  # of the check, behind -H and the usual ones
    host: str = FAR
    reflector: tuple[str, ...] | None = ()  # its options; None for no reflector
    route: tuple[str, ...] = ()  # a host and words of ip route
    mtu: int = 0  # of the last link but one
    other: str = ""  # answers as this instead: "garbage", "echo", "elsewhere"


SITUATIONS = {
    "a router has no route": Situation(
        "reported by 10.84.0.2 (no route to its network)", host="10.99.9.9"
    ),
    "all is well": Situation("lost 0/20, rta", 0),
    "no reflector runs": Situation("reflector not running on", reflector=None),
    "a router prohibits the way out": Situation(
        "administratively prohibited by 10.84.0.2",
        rules=(("west", "forward", f"{_UDP} reject with icmp type admin-prohibited"),),
    ),
    "a router rejects as if it were the host": Situation(
        "are rejected by 10.84.0.2 (port unreachable: a firewall?)",
        rules=(("west", "forward", f"{_UDP} reject with icmp type port-unreachable"),),
    ),
    "a router says that the host is unreachable": Situation(
        "is unreachable, reported by 10.84.0.2"
        " (no answer from the host on its last link, or no route)",
        rules=(("west", "forward", f"{_UDP} reject with icmp type host-unreachable"),),
    ),
    "routers send packets in a circle": Situation(
        "TTL exceeded at 10.84.",
        host="10.98.9.9",
        route=("west", "10.98.9.0/24", "via", "10.84.1.2"),
    ),
    "packets are too big and a router says so": Situation(
        "too big for 10.84.0.2 (MTU 1000)", options=("--size", "1200"), mtu=1000
    ),
    "packets are too big and nobody says so": Situation(
        "a small packet was answered, larger ones are lost on the way (MTU?)",
        rules=(("west", "forward", "udp length > 500 drop"),),
        options=("--size", "1200"),
    ),
    "the first router drops the port on the way out": Situation(
        f"udp port {PORT} ends behind hop 1 (10.84.0.2), other ports do not: a firewall?",
        rules=(("west", "forward", f"{_UDP} drop"),),
    ),
    "the far host drops the port": Situation(_FIREWALL, rules=(("far", "input", f"{_UDP} drop"),)),
    "the far host drops its replies": Situation(
        _FIREWALL, rules=(("far", "output", f"{_REPLY} drop"),)
    ),
    "a router drops the replies": Situation(
        _FIREWALL, rules=(("east", "forward", f"{_REPLY} drop"),)
    ),
    "a router rejects the replies": Situation(
        _FIREWALL,
        rules=(("east", "forward", f"{_REPLY} reject with icmp type admin-prohibited"),),
    ),
    "this host is not in --allow": Situation(_FIREWALL, reflector=("--allow", "192.0.2.0/24")),
    "a key is wanted and none is given": Situation(_FIREWALL, reflector=("--key-file", "KEYS")),
    "another key is given": Situation(
        _OTHER_KEY,
        reflector=("--key-file", "KEYS"),
        options=("--key-file", "OTHER"),
    ),
    "the key's SSID is not known there": Situation(
        _OTHER_KEY,
        reflector=("--key-file", "KEYS"),
        options=("--key-file", "UNKNOWN"),
    ),
    "a key is given and the reflector has none": Situation(
        "are not sealed with this key", options=("--key-file", "OTHER")
    ),
    "a router drops all UDP and lets ping through": Situation(
        "the host answers ping, but no UDP: a firewall?",
        rules=(("west", "forward", "meta l4proto udp drop"),),
    ),
    "everything to the far host is lost behind the first router": Situation(
        "routers answer up to hop 1, then nothing", rules=(("west", "forward", f"{_ANY} drop"),)
    ),
    "everything is lost behind the second router": Situation(
        "routers answer up to hop 2, then nothing",
        rules=(("east", "forward", f"ip daddr {FAR} {_ANY} drop"),),
    ),
    "this host drops what comes in": Situation(
        "nothing on the way answers either", rules=(("near", "input", f"{_ANY} drop"),)
    ),
    "this host's firewall stops the requests": Situation(
        "operation not permitted (on this host)", 3, rules=(("near", "output", f"{_UDP} drop"),)
    ),
    "this host's firewall stops half of the requests": Situation(
        "this host could not send 10 of 20 packets (operation not permitted)",
        1,
        rules=(("near", "output", f"{_UDP} numgen inc mod 2 == 0 drop"),),
    ),
    "this host has no route": Situation(
        "no route to host (on this host)",
        3,
        host="10.97.9.9",
        route=("near", "unreachable", "10.97.9.0/24"),
    ),
    "the name does not exist": Situation("no-such-name.invalid", 3, host="no-such-name.invalid"),
    "packets are lost on the way out": Situation(
        "lost 4/20 (20 %: 4 out, 0 back), above 15 %",
        rules=(("far", "input", f"{_UDP} udp length 52 numgen inc mod 5 == 3 drop"),),
    ),
    "replies are lost on the way back": Situation(
        "lost 4/20 (20 %: 0 out, 4 back), above 15 %",
        rules=(("near", "input", f"{_REPLY} udp length 52 numgen inc mod 5 == 3 drop"),),
    ),
    "a router rejects some packets": Situation(
        "rejected by 10.84.0.2",
        rules=(
            (
                "west",
                "forward",
                f"{_UDP} udp length 52 numgen inc mod 2 == 0 reject with icmp type"
                f" admin-prohibited",
            ),
        ),
    ),
    "the reflector's rate is too low": Situation(
        "lost 16/20 (80 %: 0 out, 0 back, 16 refused by its rate limit)",
        reflector=("--rate", "2"),
    ),
    "something else answers on the port": Situation(
        "are no answers (", reflector=None, other="garbage"
    ),
    "a reflector answers where an echo is asked for": Situation(
        "a reflector answers: try --protocol stamp", options=("--protocol", "echo")
    ),
    "replies come from another address": Situation(
        f"answers come from 10.84.3.3 instead of {FAR}", 1, reflector=None, other="elsewhere"
    ),
    "the path is slow": Situation(", above ", 2, options=("-c", "0.001,100%")),
    "there is no time for the plan": Situation(
        "more than -t 1", 3, options=("-n", "100", "-i", "20ms", "-t", "1")
    ),
}
