"""hosts(5): addresses with their names.

192.0.2.7  www.example.net  www   # comment
"""


def from_hosts(text: str, name: str) -> tuple[str, ...]:
    """The addresses that the file gives a name, in their order; nothing where it has none."""
    wanted = name.rstrip(".").lower()
    addresses = []
    for line in text.split("\n"):
        address, *names = line.partition("#")[0].lower().split() or [""]
        if wanted in names:
            addresses.append(address)
    return tuple(dict.fromkeys(addresses))
