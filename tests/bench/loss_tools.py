"""What several tools say about the loss of one wire, each in its own form."""

import re
import subprocess
import time

from tests.support import net
from tests.support.harm import FAR, PORT, reflecting
from tests.support.process import run


def ask_ours(made: net.Network) -> str:
    """check_udp_loss: all loss, out and back."""
    with reflecting(made, "far"):
        found = run(
            "check_udp_loss",
            "-H",
            FAR,
            "-p",
            str(PORT),
            "-i",
            "5ms",
            "--wait",
            "0.3",
            inside=made.inside("near"),
        ).perfdata
    parts = [
        "?" if (value := found[label].value) is None else f"{value:.0f}"
        for label in ("pl_out", "pl_back")
    ]
    return f"{found['pl'].value:.0f} = {parts[0]} + {parts[1]}"


def ask_irtt(made: net.Network) -> str:
    """irtt: all loss, upstream and downstream."""
    server = subprocess.Popen(
        [*made.inside("far"), "irtt", "server", "-i", "1ms"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(0.3)
        command = [
            *made.inside("near"),
            "irtt",
            "client",
            "-i",
            "5ms",
            "-d",
            "500ms",
            "--wait=500ms",
            "-Q",
            "-o",
            "-",
            FAR,
        ]
        text = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False
        ).stdout
    finally:
        server.kill()
        server.wait()
    found = [
        re.search(rf'"{name}_loss_percent": ([0-9.e+]+)', text)
        for name in ("packet", "upstream", "downstream")
    ]
    loss, out, back = ("?" if one is None else f"{float(one[1]):.3g}" for one in found)
    return f"{loss} = {out} + {back}"


def ask_fping(made: net.Network) -> str:
    """fping: echoes without a reply."""
    command = [*made.inside("near"), "fping", "-q", "-C", "100", "-p", "5", "-t", "300", FAR]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    return str(said.partition(" : ")[2].split().count("-"))


def ask_icmp(made: net.Network) -> str:
    """check_icmp."""
    return _plugin(
        made, "check_icmp", "-H", FAR, "-n", "20", "-i", "5ms", "-w", "500,99%", "-c", "900,100%"
    )


def ask_ping(made: net.Network) -> str:
    """check_ping."""
    return _plugin(
        made, "check_ping", "-H", FAR, "-p", "6", "-w", "500,99%", "-c", "900,100%", "-t", "30"
    )


def _plugin(made: net.Network, name: str, *arguments: str) -> str:
    command = [*made.inside("near"), f"/usr/lib/nagios/plugins/{name}", *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"pl=([0-9.]+)%", said)
    return found[1] if found else said.strip()[:20]
