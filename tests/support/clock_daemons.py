"""Real agents and time servers whose clocks faketime shifts."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.support import daemons, need


@contextmanager
def shifted(config: str, *shifts: str, at: Sequence[str] = ()) -> Iterator[list[int]]:
    """Ports of agents whose clocks faketime shifts; with `at` each has an address, all one port."""
    faketime = need.program("faketime", "faketime")
    with ExitStack() as stack:
        root = stack.enter_context(daemons.folder())
        ports: list[int] = []
        for place, shift in enumerate(shifts):
            before = (faketime, "-f", shift)
            address, port = (at[place], ports[0] if ports else 0) if at else ("127.0.0.1", 0)
            agent = daemons.snmpd(config, root / str(place), before, address=address, port=port)
            ports.append(stack.enter_context(agent).port)
        yield ports


@contextmanager
def chronyd(shift: str, lines: str = "local stratum 8") -> Iterator[int]:
    """An NTP server of that shift; its port."""
    need.root()
    program, faketime = need.program("chronyd", "chrony"), need.program("faketime", "faketime")
    with daemons.folder() as root:
        port = daemons.free_port(socket.SOCK_DGRAM)
        config = root / "chrony.conf"
        config.write_text(
            f"port {port}\nbindaddress 127.0.0.1\nallow 127.0.0.0/8\n{lines}\n"
            "cmdport 0\nbindcmdaddress /\n"
            f"pidfile {root}/pid\ndriftfile {root}/drift\nuser root\n"
        )
        request = b"\x23" + bytes(47)
        with daemons.running(
            [faketime, "-f", shift, program, "-x", "-d", "-f", str(config)],
            lambda: daemons.answers(port, request),
            root / "log",
        ):
            yield port
