"""Certificates as libcurl lists them, the same whether OpenSSL or GnuTLS read them.

OpenSSL   Expire date:Nov 25 13:36:46 2026 GMT      Subject:O = Lab, CN = x
GnuTLS    Expire Date:2026-11-25 13:36:46 GMT       Subject:O=Lab,CN=x

Source: CURLINFO_CERTINFO(3); RFC 5280 section 4.1.
"""

from bothsides.base.types import Iterable, NamedTuple, Sequence

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Object identifiers of extensions (RFC 5280 section 4.2.1, RFC 7633), and of OCSP in AIA.
_SUBJECT_KEY = b"\x06\x03\x55\x1d\x0e"
_SUBJECT_ALT_NAME = b"\x06\x03\x55\x1d\x11"
_AUTHORITY_KEY = b"\x06\x03\x55\x1d\x23"
_TLS_FEATURE = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x18"
_OCSP = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01"
# How three of them stand in base64, by the place of their first octet, and with the first bits of
# the tag that follows: where none of these stands, the certificate need not be decoded, for which
# another module is loaded, 0.5 ms of CPU.
_TLS_FEATURE_64 = ("BggrBgEFBQcBG", "YIKwYBBQUHAR", "GCCsGAQUFBwEY")
_OCSP_64 = ("BggrBgEFBQcwA", "YIKwYBBQUHMA", "GCCsGAQUFBzAB")
_SUBJECT_ALT_NAME_64 = ("BgNVHRE", "YDVR0R", "GA1UdEQ")
_KEY_IDENTIFIER = 0x80  # tag within the authority's
_CRITICAL = b"\x01\x01\xff"  # BOOLEAN TRUE, in between where nothing else names the subject
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87  # tags of two kinds of names


class Certificate(NamedTuple):
    """One certificate of a chain."""

    subject: str
    issuer: str
    starts: float | None  # s since 1970, UTC; None: not readable
    ends: float | None  # s since 1970, UTC; None: not readable
    serial: str = ""  # in hex
    pem: str = ""  # the certificate itself
    key: str = ""  # kind and size of its key, as "RSA 1024"; "" where that is not known

    @property
    def name(self) -> str:
        """What people call it: its common name, organization or whole subject.

        Without any of them, the first host that it is for.
        """
        return common_name(self.subject) or alternative_name(self.pem) or "nobody"

    @property
    def self_signed(self) -> bool:
        """Whether it names itself as its issuer."""
        return bool(self.subject) and self.subject == self.issuer


def from_certinfo(chain: Iterable[Sequence[tuple[str, str]]]) -> tuple[Certificate, ...]:
    """The chain in the order in which the server sent it, leaf first."""
    return tuple(_certificate({key.lower(): value for key, value in one}) for one in chain)


def _certificate(fields: dict[str, str]) -> Certificate:
    return Certificate(
        subject=fields.get("subject", ""),
        issuer=fields.get("issuer", ""),
        starts=from_date(fields.get("start date", "")),
        ends=from_date(fields.get("expire date", "")),
        serial=fields.get("serial number", ""),
        pem=fields.get("cert", ""),
        key=_key(fields),
    )


def _key(fields: dict[str, str]) -> str:
    """`RSA Public Key:(1024 bits)` or `rsa:1024` in either back end's spelling."""
    bits = "".join(c for c in fields.get("rsa public key", "") if c.isdigit())
    return f"RSA {bits}" if bits else ""


def from_date(text: str) -> float | None:
    """Seconds since 1970 of a date in either back end's spelling; None for anything else.

    Without strptime: its month names are those of the locale, and its import is slow.
    """
    words = text.replace(":", " ").split()
    if len(words) == 7 and words[0] in MONTHS:  # Nov 25 13:36:46 2026 GMT
        words = [words[5], str(MONTHS.index(words[0]) + 1), *words[1:5], words[6]]
    elif text.count("-") == 2:  # 2026-11-25 13:36:46 GMT
        words = text.replace(":", " ").replace("-", " ").split()
    if len(words) != 7 or words[6] != "GMT" or not plain(words[:6]):
        return None
    return instant(*(int(word) for word in words[:6]))


def plain(words: Sequence[str]) -> bool:
    """Whether all of them are numbers in plain digits, and none longer than a year."""
    return all(word.isascii() and word.isdigit() and len(word) < 5 for word in words)


def instant(year: int, month: int, day: int, hour: int, minute: int, second: int) -> float | None:
    """Seconds since 1970 of a UTC date and time; None when there is no such day or hour."""
    if (
        year > 9999
        or not 1 <= month <= 12
        or not 1 <= day <= 31
        or hour > 23
        or minute > 59
        or second > 60
    ):
        return None
    # Days from a civil date, counted in years that begin in March so that the leap day comes last.
    shifted = year - (month <= 2)
    era_day = shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400
    days = era_day + (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 719468
    return days * 86400.0 + hour * 3600 + minute * 60 + second


def common_name(subject: str) -> str:
    """CN of a distinguished name in either spelling, else O, else OU, else the whole of it."""
    parts = {}
    for part in reversed(subject.replace("\\,", "\0").split(",")):
        key, _, value = part.replace("\0", ",").partition("=")
        parts[key.strip()] = value.strip()
    return parts.get("CN") or parts.get("O") or parts.get("OU") or subject


def alternative_name(pem: str) -> str:
    """The first DNS name or address of subjectAltName (RFC 5280 section 4.2.1.6).

    "" when there is none to read. Authorities begin to issue certificates without any other name.
    """
    return next(iter(alternative_names(pem)), "")


def alternative_names(pem: str) -> tuple[str, ...]:
    """All DNS names and addresses of subjectAltName."""
    decoded = []
    _, names, _ = _element(_extension(_octets(pem), _SUBJECT_ALT_NAME))
    while names:
        tag, value, names = _element(names)
        if tag == _DNS_NAME:
            decoded.append(value.decode("ascii", "replace"))
        if tag == _IP_ADDRESS and len(value) == 4:
            decoded.append(".".join(map(str, value)))
        elif tag == _IP_ADDRESS and len(value) == 16:
            import ipaddress  # 3 ms

            decoded.append(str(ipaddress.ip_address(value)))
    return tuple(decoded)


def has_alternative_names(certificate: Certificate) -> bool:
    """Whether it has a subjectAltName, of whatever kind of names."""
    text = "".join(certificate.pem.split())
    return any(part in text for part in _SUBJECT_ALT_NAME_64)


def fits(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key is the one that the certificate names; True where none is named."""
    _, wanted, _ = _element(_extension(_octets(certificate.pem), _AUTHORITY_KEY))
    tag, key, _ = _element(wanted)
    _, own, _ = _element(_extension(_octets(issuer.pem), _SUBJECT_KEY))
    return tag != _KEY_IDENTIFIER or not own or key == own


def must_staple(certificate: Certificate) -> bool:
    """Whether it says that its server staples an OCSP answer (RFC 7633)."""
    return _has(certificate.pem, _TLS_FEATURE, _TLS_FEATURE_64)


def has_ocsp(certificate: Certificate) -> bool:
    """Whether it names a server that says by OCSP whether it is revoked."""
    return _has(certificate.pem, _OCSP, _OCSP_64)


def _has(pem: str, octets: bytes, in_base64: Iterable[str]) -> bool:
    text = "".join(pem.split())
    return any(part in text for part in in_base64) and octets in _octets(pem)


def way_up(chain: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    """The way up from the server's own certificate among those that it sends."""
    way, others = list(chain[:1]), list(chain[1:])
    while way and not way[-1].self_signed:
        named = [one for one in others if one.subject == way[-1].issuer]
        fitting = [one for one in named if fits(way[-1], one)]
        if not named:
            break
        way.append((fitting or named)[0])
        others.remove(way[-1])
    return tuple(way)


def _extension(octets: bytes, identifier: bytes) -> bytes:
    """The value of an extension; nothing where it is missing."""
    _, _, rest = octets.partition(identifier)
    return _element(rest.removeprefix(_CRITICAL))[1]


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first DER element (X.690 section 8.1), and what comes after it.

    Nothing for what is none.
    """
    if len(data) < 2:
        return 0, b"", b""
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    return data[0], data[start : start + length], data[start + length :]


def fingerprint(certificate: Certificate) -> str:
    """SHA-256 of the certificate's octets in lower case hex; "" when it is not known."""
    import hashlib

    octets = _octets(certificate.pem)
    return hashlib.sha256(octets).hexdigest() if octets else ""


def _octets(pem: str) -> bytes:
    """What a PEM block holds; nothing when it is none."""
    import binascii  # base64 would import more

    lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
    try:
        return binascii.a2b_base64("".join(lines), strict_mode=True)
    except ValueError:
        return b""
