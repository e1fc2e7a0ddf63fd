"""SNMPv3 messages with the user-based security model, by pysnmp's definitions, keys and ciphers.

SNMPv3Message = version, header (id, size, flags, model), security parameters, scoped PDU
(RFC 3412 section 6); UsmSecurityParameters = engine, boots, time, user, authentication, privacy
(RFC 3414 section 2.4).

pysnmp's engine would do the same, but costs an asyncio loop, its MIB modules and 100 ms of CPU.
"""

import os

from bothsides.base.errors import Unable
from bothsides.base.secret import Secret
from bothsides.base.types import Sequence
from bothsides.model.clock import AUTH, PRIV, User
from bothsides.parse import Unreadable
from bothsides.parse.snmp import Oid, Response
from bothsides.probe.snmp.message import (
    Asn1,
    Engine,
    decoded,
    from_pdus,
    get_request,
    prepare,
)

_AUTHENTICATED, _ENCRYPTED, _REPORTABLE = 1, 2, 4  # flags of a message
_FLAGS = (0, _AUTHENTICATED, _AUTHENTICATED | _ENCRYPTED)  # by level
_LARGEST = 65507  # octets of a message
_USM = 3  # security model
_USM_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)

UNKNOWN_ENGINE: Oid = (*_USM_STATS, 4, 0)
NOT_IN_WINDOW: Oid = (*_USM_STATS, 2, 0)
REPORTS = {
    (*_USM_STATS, 1, 0): "it does not offer this security level to us (unsupportedSecLevels)",
    NOT_IN_WINDOW: "it says that our message is out of its time window (notInTimeWindows)",
    (*_USM_STATS, 3, 0): "it does not know the user (unknownUserNames)",
    UNKNOWN_ENGINE: "it does not accept its own engine id (unknownEngineIDs)",
    (*_USM_STATS, 5, 0): "wrong authentication password or protocol (wrongDigests)",
    (*_USM_STATS, 6, 0): "wrong privacy password or protocol (decryptionErrors)",
}
"""What the usmStats counters of RFC 3414 mean when an agent reports them."""


class Usm:
    """Writes requests to one agent and reads its responses, as one user."""

    def __init__(self, user: User, keys: "Keys") -> None:
        """keys: of the user; may be shared by many agents."""
        prepare()
        self.user = user
        self.keys = keys
        self.engine: Engine | None = None
        self.local: tuple[Asn1, Asn1] = (None, None)  # keys of authentication and privacy

    def discover(self, request: int) -> bytes:
        """The octets that every agent answers with a report about its engine."""
        return self._message(request, 0, (b"", 0, 0, b"", b"", b""), self._scoped(request, (), b""))

    def learn(self, engine: Engine) -> None:
        """Takes over the engine that discovery found; Unable when we cannot encrypt for it."""
        if self.engine is None or self.engine.identity != engine.identity:
            self.local = self.keys.localized(engine.identity)
        self.engine = engine

    def ask(self, request: int, oids: Sequence[Oid]) -> bytes:
        """The octets of a GetRequest, encrypted and authenticated as the level says."""
        from pyasn1.codec.ber import encoder

        engine = self.engine or Engine(b"", 0, 0)
        scoped = self._scoped(request, oids, engine.identity)
        auth, priv = self.local
        name = self.user.name.encode("utf-8", "surrogateescape")
        salt = b""
        if self.user.level == 2:
            sealed, salt = self.keys.priv.encrypt_data(
                priv, (engine.boots, engine.time, None), encoder.encode(scoped)
            )
            scoped, salt = bytes(sealed), bytes(salt)
        blank = bytes(self.keys.auth.digest_length) if self.user.level else b""
        message = self._message(request, self.user.level, (*engine, name, blank, salt), scoped)
        return (
            bytes(self.keys.auth.authenticate_outgoing_message(auth, message))
            if self.user.level
            else message
        )

    def read(self, octets: bytes) -> tuple[int, tuple[Response, Engine]] | None:
        """The response or report in the octets, with its message id; None where none can be read.

        A forged one cannot be read either.
        """
        from pysnmp.proto.mpmod import rfc3412
        from pysnmp.proto.secmod.rfc3414 import service

        try:
            message = decoded(octets, rfc3412.SNMPv3Message())
            security = decoded(bytes(message[2]), service.UsmSecurityParameters())
            engine = Engine(bytes(security[0]), int(security[1]), int(security[2]))
            flags = bytes(message[1][2])[0]
            response = self._opened(message[3], flags, security, octets)
        except Unreadable:
            return None
        return int(message[1][0]), (response, engine)

    def _opened(self, data: Asn1, flags: int, security: Asn1, octets: bytes) -> Response:
        """The PDU inside, authenticated and decrypted; only reports may come unsecured."""
        from pysnmp.proto.error import ProtocolError

        auth, _ = self.local
        secured = flags & (_AUTHENTICATED | _ENCRYPTED)
        if secured == _ENCRYPTED or (secured and auth is None):
            raise Unreadable(
                "secured in a way that does not exist, or with keys that nobody can have yet"
            )
        try:
            if flags & _AUTHENTICATED:
                self.keys.auth.authenticate_incoming_message(auth, security[4], octets)
            encrypted = data.getName() == "encryptedPDU"
            plain = self._decrypted(data, flags, security) if encrypted else data.getComponent()
        except (ProtocolError, ValueError) as fault:
            raise Unreadable(str(fault)) from None
        response = from_pdus(plain[2])
        needed = _FLAGS[self.user.level]
        if not response.report and flags & needed != needed:
            raise Unreadable("an answer below our security level")
        return response

    def _decrypted(self, data: Asn1, flags: int, security: Asn1) -> Asn1:
        """The scoped PDU inside encrypted data."""
        from pysnmp.proto.mpmod import rfc3412

        if not flags & _ENCRYPTED or self.user.level != 2:
            raise Unreadable("encrypted, but not for us")
        times = (int(security[1]), int(security[2]), security[5])
        octets = self.keys.priv.decrypt_data(self.local[1], times, data.getComponent())
        return decoded(octets, rfc3412.ScopedPDU())

    def _scoped(self, request: int, oids: Sequence[Oid], engine: bytes) -> Asn1:
        from pysnmp.proto.mpmod import rfc3412

        scoped = rfc3412.ScopedPDU()
        scoped[0] = engine
        scoped[1] = self.user.context.encode("utf-8", "surrogateescape")
        scoped.setComponentByPosition(2)[2]["get-request"] = get_request(request, oids)
        return scoped

    def _message(
        self, identity: int, level: int, security: tuple[object, ...], scoped: Asn1
    ) -> bytes:
        from pyasn1.codec.ber import encoder
        from pysnmp.proto.mpmod import rfc3412
        from pysnmp.proto.secmod.rfc3414 import service

        parameters = service.UsmSecurityParameters()
        for place, part in enumerate(security):
            parameters[place] = part
        message = rfc3412.SNMPv3Message()
        message[0] = 3
        header = message.setComponentByPosition(1)[1]
        header[0], header[1], header[3] = identity, _LARGEST, _USM
        header[2] = bytes([_FLAGS[level] | _REPORTABLE])
        message[2] = encoder.encode(parameters)
        kind = "encryptedPDU" if isinstance(scoped, bytes) else "plaintext"
        message.setComponentByPosition(3)[3][kind] = scoped
        return bytes(encoder.encode(message))


class Keys:
    """A user's passwords as master keys (RFC 3414 A.2), computed once for all agents."""

    def __init__(self, user: User) -> None:
        from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel as Model

        auth, priv = _services()
        self.auth_id, self.priv_id = auth[user.auth], priv[user.priv]
        self.auth = Model.AUTH_SERVICES[self.auth_id]
        self.priv = Model.PRIV_SERVICES[self.priv_id]
        self.masters = (
            self.auth.hash_passphrase(_octets(user.auth_password)) if user.level else None,
            self.priv.hash_passphrase(self.auth_id, _octets(user.priv_password))
            if user.level == 2
            else None,
        )
        if user.level == 2:
            self._tested(user.priv)

    def localized(self, engine: bytes) -> tuple[Asn1, Asn1]:
        """The authentication and privacy keys for one engine."""
        from pyasn1.type.univ import OctetString

        auth, priv = self.masters
        identity = OctetString(engine)
        return (
            None if auth is None else self.auth.localize_key(auth, identity),
            None if priv is None else self.priv.localize_key(self.auth_id, priv, identity),
        )

    def _tested(self, name: str) -> None:
        """Encrypts and decrypts once: with an old `cryptography`, pysnmp lacks ciphers silently."""
        from pyasn1.type.univ import OctetString
        from pysnmp.proto.error import ProtocolError

        key, text = OctetString(os.urandom(32)), b"sixteen octets !"
        try:
            sealed, salt = self.priv.encrypt_data(key, (1, 1, None), text)
            whole = self.priv.decrypt_data(key, (1, 1, salt), sealed)[: len(text)] == text
        except (ProtocolError, ValueError, NameError) as fault:
            whole, text = False, str(fault).encode()
        if not whole:
            raise Unable(
                f"{name} does not work here: install cryptography 47 or newer for pysnmp"
                f" ({_cryptography()})"
            )


def _cryptography() -> str:
    try:
        import cryptography
    except ImportError:
        return "there is none"
    return f"there is {cryptography.__version__}"


def _octets(secret: Secret) -> bytes:
    return str(secret).encode("utf-8", "surrogateescape")


def _services() -> tuple[dict[str, Asn1], dict[str, Asn1]]:
    """pysnmp's service numbers by our names.

    AES-256 is net-snmp's key extension (Blumenthal), AES-256-C is Cisco's (Reeder).
    """
    from pysnmp.proto.secmod.eso.priv import aes192, aes256
    from pysnmp.proto.secmod.rfc3414.auth import hmacmd5, hmacsha
    from pysnmp.proto.secmod.rfc3414.priv import des
    from pysnmp.proto.secmod.rfc3826.priv import aes
    from pysnmp.proto.secmod.rfc7860.auth.hmacsha2 import HmacSha2

    auth = (
        hmacmd5.HmacMd5.SERVICE_ID,
        hmacsha.HmacSha.SERVICE_ID,
        HmacSha2.SHA224_SERVICE_ID,
        HmacSha2.SHA256_SERVICE_ID,
        HmacSha2.SAH384_SERVICE_ID,
        HmacSha2.SHA512_SERVICE_ID,
    )
    priv = (
        des.Des,
        aes.Aes,
        aes192.AesBlumenthal192,
        aes256.AesBlumenthal256,
        aes192.Aes192,
        aes256.Aes256,
    )
    return dict(zip(AUTH, auth, strict=True)), dict(
        zip(PRIV, (service.SERVICE_ID for service in priv), strict=True)
    )
