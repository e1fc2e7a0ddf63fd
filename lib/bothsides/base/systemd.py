"""sd_notify(3): says to systemd that a daemon is ready, alive or ending."""

import os

_NEVER = float("inf")


def notify(words: str) -> None:
    """Sends words such as `READY=1`, where systemd has asked for them."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    import socket

    address = "\0" + place[1:] if place.startswith("@") else place
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice:
            notice.setblocking(False)
            notice.sendto(words.encode(), address)
    except OSError:
        pass  # systemd does not listen any more


def watchdog() -> float:
    """Seconds between two `WATCHDOG=1`, half of what systemd waits; infinite without a watchdog."""
    text, process = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not text.isdigit() or (process and process != str(os.getpid())):
        return _NEVER
    return int(text) / 2e6
