"""check_https's command line: every option of check_http and check_curl, and ours."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from bothsides import cli
from bothsides.finding import Limits, State
from bothsides.options import from_state
from bothsides.parse import Unreadable
from bothsides.parse.range import Range
from bothsides.parse.text import from_count, from_host
from bothsides.parse.url import PORTS, Url, ascii_name, from_authority, from_url
from bothsides.probe.https import Plan, Route
from bothsides.probe.https_request import Request, Trust

CLASSES = ("config", "local", "dns", "proxy-dns", "proxy", "path", "tls", "server")
POLICIES = ("ok", "warning", "critical", "unknown", "follow", "sticky", "stickyport", "curl")
_WORDS = {
    "dns": "name look-up",
    "connect": "connecting",
    "proxy": "the proxy",
    "tls": "the TLS handshake",
    "server": "the server's answer",
    "transfer": "the transfer",
}


class Criteria(NamedTuple):
    """What the judge holds a run against. states: by failure class, where --state changed them."""

    limits: Limits
    states: Mapping[str, State]
    expect: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    header_strings: tuple[str, ...] = ()
    follow: str = "ok"
    most_redirects: int = 15
    certificate_only: bool = False


def words(phase: str) -> str:
    """A phase as people call it."""
    return _WORDS[phase]


def declare(parser: Any) -> None:
    """Adds the options."""
    add = parser.add_argument
    add("arguments", nargs="*", metavar="URL", help="https://host:port/path; or address and host name as check_http takes them")
    whom = parser.add_argument_group("what to ask")
    add = whom.add_argument
    add("-H", "--hostname", metavar="HOST[:PORT]", help="host name: Host header, SNI and what the certificate must name")
    add("-I", "--IP-address", dest="address", metavar="ADDRESS", help="connect to this instead (default: the host)")
    add("-p", "--port", type=cli.valued(from_count, 1, 65535), metavar="PORT", help="port (default 443)")
    add("-u", "--url", "--uri", dest="path", metavar="PATH", help="path, or a whole URL (default /)")
    add("-e", "--expect", metavar="TEXT,...", help="one of these must be in the final answer's status line")
    add("-s", "--string", action="append", default=[], metavar="TEXT", help="text that the body must hold; repeatable")
    add("-d", "--header-string", action="append", default=[], metavar="TEXT", help="text that the headers must hold")
    add(
        "-f",
        "--onredirect",
        choices=POLICIES,
        default="ok",
        metavar="POLICY",
        help="a redirect is ok (default), warning, critical, unknown, or follow, sticky, stickyport, curl",
    )
    add("--max-redirs", type=cli.valued(from_count, 0, 1000), default=15, metavar="N", help="redirects to follow (default 15)")
    trust = parser.add_argument_group("certificates")
    add = trust.add_argument
    add(
        "-C",
        "--certificate",
        metavar="DAYS[,DAYS]",
        help="only the certificates: WARNING and CRITICAL days; no request is sent",
    )
    add("--ca-cert", default="", metavar="FILE", help="CA bundle to trust (default: the system's)")
    add(
        "--state", action="append", default=[], metavar="CLASS=STATE", help="state of a class of failures: " + " ".join(CLASSES)
    )


def plan(options: Any) -> Plan:
    """What to ask, from the options; Misuse and Unreadable say what is wrong with them."""
    url, address = _target(options)
    return Plan(
        (url,),
        Route(options.family, address),
        Request(certificate_only=options.certificate is not None),
        Trust(bundle=options.ca_cert),
        options.onredirect,
        options.max_redirs,
    )


def criteria(options: Any, limits: Limits) -> Criteria:
    """What the judge is told."""
    return Criteria(
        _certificate_limits(options.certificate, limits),
        dict(_state(text) for text in options.state),
        tuple(part for part in (options.expect or "").split(",") if part),
        tuple(options.string),
        tuple(options.header_string),
        options.onredirect,
        options.max_redirs,
        options.certificate is not None,
    )


def _target(options: Any) -> tuple[Url, str]:
    """The URL and what to connect to instead, from arguments, -H, -I, -p and -u as check_http has them."""
    whole = [word for word in (*options.arguments, options.path or "") if "://" in word]
    loose = [word for word in options.arguments if "://" not in word]
    address = options.address or (loose.pop(0) if loose and not whole else "")
    name = options.hostname or (loose.pop(0) if loose and not whole else "")
    if loose or (options.arguments and not whole and name and address and not _numeric(address)):
        loose = loose or options.arguments
        raise cli.Misuse(f"one argument too many: {loose[0][:60]}")
    if whole:
        url = from_url(whole[0])
        return (url._replace(port=options.port) if options.port else url), _host(address)
    if not name and not address:
        raise cli.Misuse("missing option -H, or a URL")
    host, port = from_authority(name or address)
    path = options.path or "/"
    return Url("https", host, options.port or port or PORTS["https"], path if path.startswith("/") else "/" + path), _host(
        address
    )


def _numeric(address: str) -> bool:
    return ":" in address or address.replace(".", "").isdigit()


def _host(address: str) -> str:
    return from_host(ascii_name(address)) if address else ""


def _state(text: str) -> tuple[str, State]:
    name, separator, state = text.partition("=")
    if not separator or name not in CLASSES:
        raise Unreadable(f"{text[:40]!r}: write --state CLASS=STATE with a class of {', '.join(CLASSES)}")
    return name, from_state(state)


def _certificate_limits(text: str | None, limits: Limits) -> Limits:
    """-C 30,14 as limits of chain_days; one value is the warning, and expired is critical."""
    if text is None:
        return limits
    first, _, second = text.partition(",")
    warning, critical = (from_count(part.strip(), 0) for part in (first, second or "0"))
    return limits._replace(
        warning={"chain_days": Range(float(warning)), **limits.warning},
        critical={"chain_days": Range(float(critical)), **limits.critical},
    )
