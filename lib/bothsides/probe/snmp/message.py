"""SNMP messages of versions 1 and 2c to octets and back, by pysnmp's own definitions of them.

pysnmp's high-level interface costs 45 times the CPU of snmpget; its message definitions and
pyasn1's codec, used here alone, cost a tenth of that.
"""

import sys
import types

from bothsides.base.types import Any, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.snmp import Oid, Value

_SWITCHES = ("logger", *(f"DEBUG_{of}" for of in ("NONE", "ENCODER", "DECODER", "ALL"))) + tuple(
    f"FLAG_{of}" for of in ("IO", "DSP", "MP", "SM", "BLD", "MIB", "INS", "ACL", "PRX", "APP")
)
_NONE_OF_OURS = "not an SNMP message"


def _slim() -> None:
    """Lets pyasn1 and pysnmp be imported without their debug modules.

    Those import logging for switches that are never turned on here: 5 ms of CPU in every run, more
    than all of snmpget. The stand-ins say to every question that debugging is off.
    """
    for package in ("pyasn1", "pysnmp"):
        name = f"{package}.debug"
        if name not in sys.modules:
            stand_in = types.ModuleType(name)
            vars(stand_in).update(dict.fromkeys(_SWITCHES, 0), registerLoggee=lambda *_, **__: 0)
            sys.modules[name] = stand_in


_slim()


class Answer(NamedTuple):
    """A response PDU. error, place: error-status and error-index (RFC 3416), 0 for none; report: the OID of a v3 report."""

    request: int
    error: int
    place: int
    names: tuple[Oid, ...]
    values: tuple[Value, ...]
    report: Oid = ()


class Community:
    """Writes requests and reads responses of one agent, by community. version: 0 is v1, 1 is v2c."""

    def __init__(self, version: int, community: str) -> None:
        self.version = version
        self.community = community.encode("utf-8", "surrogateescape")

    def ask(self, request: int, oids: Sequence[Oid]) -> bytes:
        """The octets of a GetRequest."""
        from pyasn1.codec.ber import encoder
        from pysnmp.proto import rfc1901

        message = rfc1901.Message()
        message[0] = self.version
        message[1] = self.community
        message.setComponentByPosition(2)[2]["get-request"] = get_request(request, oids)
        return bytes(encoder.encode(message))

    def read(self, octets: bytes) -> tuple[int, tuple[Answer, None]] | None:
        """The response in the octets with its request id; None for what is no response."""
        from pysnmp.proto import rfc1901

        try:
            message = decoded(octets, rfc1901.Message())
            answer = from_pdus(message[2])
        except Unreadable:
            return None
        return (
            None
            if int(message[0]) != self.version or answer.report
            else (answer.request, (answer, None))
        )


def get_request(request: int, oids: Sequence[Oid]) -> Any:
    """pysnmp's GetRequest-PDU for these variables."""
    from pysnmp.proto import rfc1905

    pdu = rfc1905.GetRequestPDU()
    pdu[0], pdu[1], pdu[2] = request, 0, 0
    variables = pdu.setComponentByPosition(3)[3]
    variables.clear()  # makes an empty list a list at all
    for place, oid in enumerate(oids):
        variable = rfc1905.VarBind()
        variable[0] = oid
        variable.setComponentByPosition(1)[1]["unSpecified"] = rfc1905.unSpecified
        variables[place] = variable
    return pdu


def decoded(octets: bytes, specification: Any) -> Any:
    """The octets as what pysnmp specifies; Unreadable for anything else."""
    from pyasn1.codec.ber import decoder
    from pyasn1.error import PyAsn1Error

    try:
        return decoder.decode(octets, asn1Spec=specification)[0]
    except (
        PyAsn1Error,
        ValueError,
        IndexError,
        TypeError,
        RecursionError,
        UnicodeError,
        OverflowError,
    ) as fault:
        raise Unreadable(f"{_NONE_OF_OURS}: {fault}") from None


def from_pdus(pdus: Any) -> Answer:
    """What a decoded PDUs choice says; Unreadable for everything but a response or a report."""
    name = pdus.getName()
    if name not in ("response", "report"):
        raise Unreadable(f"{_NONE_OF_OURS}: a {name}")
    pdu = pdus.getComponent()
    names = tuple(tuple(variable[0]) for variable in pdu[3])
    values = tuple(_value(variable[1]) for variable in pdu[3])
    report = names[0] if name == "report" and names else ()
    return Answer(int(pdu[0]), int(pdu[1]), int(pdu[2]), names, values, report)


def _value(choice: Any) -> Value:
    """One value out of pysnmp's nested choices: SimpleSyntax, ApplicationSyntax or an exception."""
    value = choice
    while hasattr(value, "getComponent") and hasattr(value, "getName"):
        value = value.getComponent()
    kind = type(value).__name__
    kind = {
        "Integer": "Integer32",
        "NoSuchObject": "noSuchObject",
        "NoSuchInstance": "noSuchInstance",
    }.get(kind, kind)
    if kind in ("noSuchObject", "noSuchInstance", "Null"):
        return Value(kind)
    if kind == "EndOfMibView":
        return Value("endOfMibView")
    if kind in ("OctetString", "Opaque", "IpAddress"):
        return Value(kind, bytes(value))
    if kind == "ObjectIdentifier":
        return Value(kind)
    return Value(kind, int(value))
