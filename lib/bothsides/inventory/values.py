"""One value of a landscape: checked by the kind that its key asks for, and made canonical."""

import ipaddress
import math
import re
from datetime import datetime

from bothsides.base.types import Callable, Mapping
from bothsides.inventory import quantities, url_template
from bothsides.inventory.faults import Wrong, quoted, remedy_for
from bothsides.inventory.keys import Key, Kind
from bothsides.inventory.model import Value

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_DATACENTER = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_NUMBER = r"[0-9]*\.?[0-9]+(?:us|ms|s|m|h|d|w|%|B)?"
_LIMIT = re.compile(
    rf"(?:[a-z][a-z0-9_]*=)?(?:@?(?:~|[-+]?{_NUMBER})?:?(?:-?{_NUMBER})?|[a-z_]+)", re.ASCII
)
_AS = re.compile(r"AS[0-9]{1,10}")
_URL = re.compile(r"https?://[^\s/@?#]+(?:[/?#]\S*)?")
_MAIL = re.compile(r"(?:mailto:)?[^\s@:]+@[^\s@:]+")
_REFUSED = set("`|><;[]{}\\") | {"'"}  # characters that NRPE or Nagios refuse in a command
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
PLACEHOLDERS = tuple(
    f"server.{end}.{key}" for end in ("from", "to") for key in ("ip", "extra1", "extra2", "extra3")
)
"""What mehsh's commands may hold between {{ and }}."""


def canonical(key: Key, value: object) -> Value:
    """The value in the form in which it is used. Raises Wrong with a remedy."""
    if key.kind == "word":
        return _word(key.words, value)
    return _READERS[key.kind](value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise quantities.wrong(value, "a text", "put it in quotes")
    if not value.isprintable():
        raise quantities.wrong(
            value, "a text of one line", "take out line breaks and control characters"
        )
    return value


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_text(value),)
    if not isinstance(value, list):
        raise quantities.wrong(value, "a list of texts", 'write ["a", "b"]')
    return tuple(map(_text, value))


def _name(value: object) -> str:
    text = _text(value)
    if not _NAME.fullmatch(text):
        raise quantities.wrong(
            value, "a name", "use letters, digits, . _ - and at most 100 characters"
        )
    return text


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(_name, _texts(value)))


def _datacenter(value: object) -> str:
    text = _text(value)
    if not _DATACENTER.fullmatch(text):
        raise quantities.wrong(
            value, "a data centre", "write words joined by dots, widest first: eu.de.fsn1"
        )
    return text


def _word(words: tuple[str, ...], value: object) -> str:
    text = _text(value)
    if text not in words:
        raise Wrong(f"unknown word {quoted(text)}", remedy_for(text, words))
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise quantities.wrong(value, "a switch", "write true or false without quotes")
    return value


def _address(value: object) -> str:
    text = _text(value)
    bare = text[3:] if text.startswith(("v4:", "v6:")) else text
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        raise quantities.wrong(
            value, "an address", 'write numbers as "192.0.2.1" or "2001:db8::1"'
        ) from None
    if text != bare and text[1] != str(address.version):
        raise quantities.wrong(
            value, "an address", f"write v{address.version}: before it, or nothing"
        )
    if address.is_unspecified or address.is_multicast or text.endswith("255.255.255.255"):
        raise quantities.wrong(
            value, "the address of one host", "write the address that others reach"
        )
    if isinstance(address, ipaddress.IPv6Address) and (address.scope_id or address.ipv4_mapped):
        remedy = "write it without a %zone" if address.scope_id else f"write {address.ipv4_mapped}"
        raise quantities.wrong(value, "an address that others reach", remedy)
    return str(address)


def _networks(value: object) -> tuple[str, ...]:
    result = []
    for text in _texts(value):
        try:
            network = text if _AS.fullmatch(text) else str(ipaddress.ip_network(text))
        except ValueError as fault:
            bits = "host bits" in str(fault)
            remedy = str(ipaddress.ip_network(text, strict=False)) if bits else "192.0.2.0/24"
            wrong = quantities.wrong(text, "a network", f'write "{remedy}" or "AS64500"')
            raise wrong from None
        result.append(network)
    return tuple(result)


def _expression(value: object) -> str:
    if isinstance(value, list):
        raise quantities.wrong(value, "a text", 'join names by |, as "web1 | web2"')
    text = _text(value)
    if not text.strip():
        raise Wrong("an empty expression", 'name a host or a group, or write "all"')
    return text


def _expressions(value: object) -> str:
    parts = [_expression(part) for part in _texts(value)]
    if not parts:
        raise Wrong("an empty list", "name a host or a group, or leave the key out")
    # A single word keeps its form, because a name may hold characters that expressions use.
    return parts[0] if len(parts) == 1 else " | ".join(f"({part})" for part in parts)


def _limits(value: object) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    texts = _texts(value)
    for text in texts:
        for item in text.split(","):
            if not item or not _LIMIT.fullmatch(item):
                remedy = "write ranges as 100,5% or label=range as pl=3,jitter=5ms"
                raise quantities.wrong(text, "a limit", remedy)
    return ",".join(texts)


def _option(value: object) -> Value:
    if isinstance(value, bool | int | float):
        return value
    texts = _texts(value)
    for text in texts:
        bad = sorted(_REFUSED & set(text))
        if bad:
            raise Wrong(
                f"{quoted(text)} has a {bad[0]}", "NRPE refuses this character; leave it out"
            )
        if re.search(r"://[^/]*@", text):
            raise Wrong(
                "a user or a password in a URL", 'put it into the ini and name it by "auth"'
            )
    return texts[0] if isinstance(value, str) else texts


def _url(value: object) -> str:
    text = _text(value)
    if re.match(r"https?://[^/?#]*@", text):
        raise Wrong("a user or a password in a URL", 'put it into the ini and name it by "auth"')
    if not _URL.fullmatch(text):
        raise quantities.wrong(value, "a URL", 'write "https://www.example.org/path"')
    return text


def _ticket(value: object) -> str:
    text = _text(value)
    if not (_URL.fullmatch(text) or _MAIL.fullmatch(text)):
        raise quantities.wrong(value, "a URL or a mail address", 'write "mailto:noc@isp.example"')
    return text


def _moment(value: object) -> Value:
    if not isinstance(value, datetime):
        remedy = "write 2026-01-31T22:00:00+01:00 without quotes"
        raise quantities.wrong(value, "a time with its offset", remedy)
    if value.tzinfo is None:
        raise Wrong("a time without an offset", f"write {value.isoformat()}Z for UTC, or +01:00")
    return value.isoformat()


def _zone(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+", text):
        raise quantities.wrong(
            value, "a time zone", 'write "UTC" or an area and a town as "Europe/Berlin"'
        )
    return text


def _command(value: object) -> str:
    if isinstance(value, str) and value.strip() and "\0" not in value:
        return _placeholders(value)  # for a shell: it may have several lines
    raise Wrong("no command", 'write it in quotes, as "mtr -n {{server.to.ip}}"')


def _argv(value: object) -> tuple[str, ...]:
    words = _texts(value) if isinstance(value, list) else ()
    if not words or not words[0]:
        raise Wrong("no command", 'write the program and its words as ["mtr", "-n"]')
    return tuple(map(_placeholders, words))


def _placeholders(text: str) -> str:
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in PLACEHOLDERS:
            words = f"unknown placeholder {quoted(match[0])}"
            raise Wrong(words, remedy_for(match[1], PLACEHOLDERS))
    return text


_READERS: Mapping[Kind, Callable[[object], Value]] = {
    "address": _address,
    "addresses": lambda value: tuple(map(_address, _texts(value))),
    "argv": _argv,
    "command": _command,
    "datacenter": _datacenter,
    "datacenters": lambda value: tuple(map(_datacenter, _texts(value))),
    "duration": quantities.duration,
    "expression": _expression,
    "expressions": _expressions,
    "flag": _flag,
    "limits": _limits,
    "loss": quantities.loss,
    "moment": _moment,
    "name": _name,
    "names": _names,
    "networks": _networks,
    "option": _option,
    "port": quantities.port,
    "rate": quantities.rate,
    "section": _name,
    "template": url_template.read,
    "text": _text,
    "texts": _texts,
    "ticket": _ticket,
    "url": _url,
    "whole": quantities.whole,
    "zone": _zone,
}
