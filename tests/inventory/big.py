"""Landscapes of many hosts, for measuring."""


def big(count: int, *, rows: bool) -> str:
    """A landscape in which all hosts measure each other."""
    hosts = [
        (
            f"h{number:04}",
            f"10.{number >> 8}.{number & 255}.1",
            f"z{number % 7}.s{number % 31}",
            f"p{number % 20}",
        )
        for number in range(count)
    ]
    if rows:
        listed = ",\n".join(
            f'  ["{name}", "{ip}", "{dc}", "{provider}"]' for name, ip, dc, provider in hosts
        )
        servers = (
            f'[servers]\ncolumns = ["name", "ip", "datacenter", "provider"]\n'
            f"rows = [\n{listed}\n]\n"
        )
    else:
        servers = "".join(
            f'[[server]]\nname = "{name}"\nip = "{ip}"\ndatacenter = "{dc}"\n'
            f'provider = "{provider}"\n'
            for name, ip, dc, provider in hosts
        )
    providers = "".join(f'[[provider]]\nname = "p{number}"\n' for number in range(min(count, 20)))
    check = '[[check]]\nfrom = "all"\nto = "all"\ncheck = "udp_ping"\nexcept = "self"\n'
    return (
        servers + providers + check + '[[pair]]\nfrom = "dc:z1"\nto = "dc:z2"\nwarning = "pl=3"\n'
    )
