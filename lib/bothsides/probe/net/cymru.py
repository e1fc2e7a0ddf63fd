"""AS numbers of addresses by Team Cymru's DNS, all asked at once and within a second.

156.128.93.52.origin.asn.cymru.com  TXT  "16509 | 52.93.0.0/16 | US | arin | 2015-09-02"
AS16509.asn.cymru.com               TXT  "16509 | US | arin | 2000-05-04 | AMAZON-02, US"
"""

import socket
import time

from bothsides.base.poll import ready
from bothsides.base.types import Iterable, Mapping
from bothsides.parse import Unreadable
from bothsides.parse.dns import from_answer, to_question
from bothsides.parse.ip_owners import to_number
from bothsides.probe.net.name_servers import name_servers

_ZONE = "asn.cymru.com"


def origins(addresses: Iterable[str], seconds: float) -> dict[str, tuple[int, str]]:
    """AS number and name of each address that the DNS knows within so many seconds."""
    until = time.monotonic() + seconds
    servers = name_servers()
    if not servers:
        return {}
    texts = _ask(servers[0], {address: _reversed(address) for address in addresses}, until)
    numbers = {address: number for address, text in texts.items() if (number := _number(text))}
    zones = {str(number): f"AS{number}.{_ZONE}" for number in set(numbers.values())}
    names = {
        key: text.rpartition("|")[2].partition(",")[0].strip()
        for key, text in _ask(servers[0], zones, until).items()
    }
    return {address: (number, names.get(str(number), "")) for address, number in numbers.items()}


def _ask(server: str, names: Mapping[str, str], until: float) -> dict[str, str]:
    """The first TXT of each name, by key."""
    answers: dict[str, str] = {}
    keys = dict(enumerate(names, 1))
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        try:
            wire.connect((server, 53))
            for number, key in keys.items():
                wire.send(to_question(number, names[key]))
            while len(answers) < len(keys) and (left := until - time.monotonic()) > 0:
                if not ready((wire,), left):
                    break
                number, texts = from_answer(wire.recv(4096))
                answers[keys.get(number, "")] = texts[0] if texts else ""
        except (OSError, Unreadable):
            pass  # a label less, and nothing else, depends on it
    return {key: text for key, text in answers.items() if key and text}


def _number(text: str) -> int:
    word = text.partition("|")[0].split()
    return int(word[0]) if word and word[0].isdigit() and len(word[0]) <= 10 else 0


def _reversed(address: str) -> str:
    family, number = to_number(address)
    if family == 4:
        return ".".join(reversed(address.split("."))) + f".origin.{_ZONE}"
    return ".".join(reversed(f"{number:032x}")) + f".origin6.{_ZONE}"
