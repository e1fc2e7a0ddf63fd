"""What the kernel of this host has counted on both versions of IP."""


def counted(group: str, name: str) -> int | None:
    """The sum over IPv4 and IPv6, as of `Udp` and `InCsumErrors`; None where Linux does not say."""
    try:
        with open("/proc/net/snmp", encoding="utf-8") as file:
            names, values = [line.split() for line in file if line.startswith(f"{group}:")]
        total = int(dict(zip(names, values, strict=True))[name])
        with open("/proc/net/snmp6", encoding="utf-8") as file:
            lines = [line.split() for line in file]
        return total + sum(int(value) for key, value in lines if key == f"{group}6{name}")
    except (OSError, ValueError, KeyError):
        return None
