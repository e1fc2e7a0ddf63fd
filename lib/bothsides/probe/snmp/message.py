"""SNMP messages of versions 1 and 2c to octets and back, by pysnmp's own definitions of them.

pysnmp's high-level interface costs 45 times the CPU of snmpget; its message definitions and
pyasn1's codec, used here alone, cost a tenth of that.
"""

import sys

from bothsides.base.partial_import import standing_in
from bothsides.base.types import TYPE_CHECKING, Any, NamedTuple, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.snmp import Oid, Response, Value

if TYPE_CHECKING:
    from bothsides.probe.snmp.shapes import Shapes

_SWITCHES = ("logger", *(f"DEBUG_{of}" for of in ("NONE", "ENCODER", "DECODER", "ALL"))) + tuple(
    f"FLAG_{of}" for of in ("IO", "DSP", "MP", "SM", "BLD", "MIB", "INS", "ACL", "PRX", "APP")
)
_NONE_OF_OURS = "not an SNMP message"
_KINDS = {
    "Integer": "Integer32",
    "NoSuchObject": "noSuchObject",
    "NoSuchInstance": "noSuchInstance",
    "EndOfMibView": "endOfMibView",
}
"""Names of pysnmp's types that differ from ours."""

Asn1 = Any  # an object of pyasn1 or pysnmp, whose classes are made at run time and carry no types


def prepare() -> None:
    """Loads both without the Python halves of datetime and warnings, and without MIBs' errors."""
    import _datetime  # type: ignore[import-not-found]
    import _warnings

    with (
        standing_in("datetime", _datetime),
        standing_in("warnings", warn=_warnings.warn),
        standing_in("pysnmp.smi"),
        standing_in("pysnmp.smi.error", SmiError=ValueError),
    ):
        import pyasn1.codec.ber.decoder
        import pyasn1.codec.ber.encoder
        import pyasn1.type.useful  # noqa: F401
        import pysnmp.proto.rfc1155
        import pysnmp.proto.rfc1901  # noqa: F401


def _slim() -> None:
    """Lets pyasn1 and pysnmp be imported without their debug modules.

    Those import logging for switches that are never turned on here: 5 ms of CPU in every run, more
    than all of snmpget. The stand-ins say to every question that debugging is off.
    """
    for package in ("pyasn1", "pysnmp"):
        name = f"{package}.debug"
        if name not in sys.modules:
            stand_in = type(sys)(name)
            vars(stand_in).update(dict.fromkeys(_SWITCHES, 0), registerLoggee=lambda *_, **__: 0)
            sys.modules[name] = stand_in


_slim()


class Engine(NamedTuple):
    """The SNMPv3 engine of an agent, as it describes itself."""

    identity: bytes
    boots: int  # how often it started
    time: int  # s since then


_NUMBERED = 1 << 24  # request-ids from here to 2^31 are four octets long
_SHAPES = 100  # kept at most
_shapes: dict[object, tuple[bytes, bytes]] = {}  # a request around its request-id

_shapes_known: dict[tuple[int, bytes], "Shapes"] = {}  # by version and community

Received = tuple[Response, Engine | None]
"""What an agent sent; the engine only with SNMPv3."""


class Community:
    """Writes requests to one agent and reads its responses, by community."""

    def __init__(self, version: int, community: str, many: bool = False) -> None:
        """version: 0 is v1, 1 is v2c; many: whether many agents are asked alike."""
        prepare()
        self.version = version
        self.community = community.encode("utf-8", "surrogateescape")
        self._shapes = self._common() if many else None

    def ask(self, request: int, oids: Sequence[Oid]) -> bytes:
        """The octets of a GetRequest; one that differs in its request-id alone is made once."""
        around = _shapes.get((self.version, self.community, tuple(oids)))
        if around is not None and request >= _NUMBERED:
            return request.to_bytes(4, "big").join(around)
        octets = self._encoded(request, oids)
        number = request.to_bytes(4, "big")
        if request >= _NUMBERED and octets.count(number) == 1 and len(_shapes) < _SHAPES:
            before, _, behind = octets.partition(number)
            _shapes[self.version, self.community, tuple(oids)] = before, behind
        return octets

    def _encoded(self, request: int, oids: Sequence[Oid]) -> bytes:
        from pyasn1.codec.ber import encoder
        from pysnmp.proto import rfc1901

        message = rfc1901.Message()
        message[0] = self.version
        message[1] = self.community
        message.setComponentByPosition(2)[2]["get-request"] = get_request(request, oids)
        return bytes(encoder.encode(message))

    def read(self, octets: bytes) -> tuple[int, tuple[Response, None]] | None:
        """The response in the octets with its request id; None for what is no response."""
        shapes = self._shapes
        response = self._decoded(octets) if shapes is None else shapes.read(octets)
        return None if response is None else (response.request, (response, None))

    def _common(self) -> "Shapes":
        """The shapes of the responses to all sessions of this version and community."""
        from bothsides.probe.snmp.shapes import Shapes

        key = self.version, self.community
        if key not in _shapes_known:
            _shapes_known[key] = Shapes(self._decoded)
        return _shapes_known[key]

    def _decoded(self, octets: bytes) -> Response | None:
        from pysnmp.proto import rfc1901

        try:
            message = decoded(octets, rfc1901.Message())
            response = from_pdus(message[2])
        except Unreadable:
            return None
        if int(message[0]) != self.version or response.report:
            return None
        return response


def get_request(request: int, oids: Sequence[Oid]) -> Asn1:
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


def decoded(octets: bytes, specification: Asn1) -> Asn1:
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


def from_pdus(pdus: Asn1) -> Response:
    """The content of a decoded PDUs choice; Unreadable for all but a response or a report."""
    name = pdus.getName()
    if name not in ("response", "report"):
        raise Unreadable(f"{_NONE_OF_OURS}: a {name}")
    pdu = pdus.getComponent()
    names = tuple(tuple(variable[0]) for variable in pdu[3])
    values = tuple(_value(variable[1]) for variable in pdu[3])
    report = names[0] if name == "report" and names else ()
    return Response(
        request=int(pdu[0]),
        error=int(pdu[1]),
        place=int(pdu[2]),
        names=names,
        values=values,
        report=report,
    )


def _value(choice: Asn1) -> Value:
    """One value out of pysnmp's nested choices: SimpleSyntax, ApplicationSyntax or an exception."""
    value = choice
    while hasattr(value, "getComponent") and hasattr(value, "getName"):
        value = value.getComponent()
    name = type(value).__name__
    kind = _KINDS.get(name, name)
    if kind in ("noSuchObject", "noSuchInstance", "endOfMibView", "Null"):
        return Value(kind)
    if kind == "ObjectIdentifier":
        return Value(kind, ".".join(str(part) for part in value).encode())
    if kind in ("OctetString", "Opaque", "IpAddress"):
        return Value(kind, bytes(value))
    return Value(kind, int(value))
