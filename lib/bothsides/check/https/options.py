"""check_https's options: every one of check_http and check_curl, and ours."""

from argparse import SUPPRESS

from bothsides.base.types import Any
from bothsides.parse import Unreadable
from bothsides.parse.text import from_count, from_duration
from bothsides.plugin.finding import State, from_state
from bothsides.plugin.parser import valued

CLASSES = (
    "config",
    "local",
    "dns",
    "proxy-dns",
    "proxy",
    "path",
    "tls",
    "server",
    "close",
    "addresses",
)
POLICIES = ("ok", "warning", "critical", "unknown", "follow", "sticky", "stickyport", "curl")
ANY_TLS = "any"
_IGNORED = (
    "--sni",
    "-D",
    "--verify-cert",
    "--verify-host",
    "-E",
    "--extended-perfdata",
    "-U",
    "--show-url",
    "-L",
    "--link",
    "-n",
    "--nohtml",
)


def declare(parser: Any) -> None:
    """Adds the options."""
    add = parser.add_argument
    add(
        "arguments",
        nargs="*",
        metavar="URL",
        help="https://host:port/path; or address and host name as check_http takes them",
    )
    _asking(parser.add_argument_group("what to ask").add_argument)
    _expecting(parser.add_argument_group("what to expect").add_argument)
    _trusting(parser.add_argument_group("certificates and TLS").add_argument)
    _going(parser.add_argument_group("the way").add_argument)
    _judging(parser.add_argument_group("more than one try, and states").add_argument)


def _asking(add: Any) -> None:
    add(
        "-H",
        "--hostname",
        metavar="HOST[:PORT]",
        help="host name: Host header, SNI and what the certificate must name",
    )
    add(
        "-I",
        "--IP-address",
        dest="address",
        metavar="ADDRESS",
        help="connect to this instead (default: the host)",
    )
    add(
        "-p", "--port", type=valued(from_count, 1, 65535), metavar="PORT", help="port (default 443)"
    )
    add(
        "-u", "--url", "--uri", dest="path", metavar="PATH", help="path, or a whole URL (default /)"
    )
    add(
        "--plain",
        action="store_true",
        help="speak HTTP without TLS, port 80 unless -p says otherwise",
    )
    add(
        "-j",
        "--method",
        default="",
        metavar="METHOD",
        help="request method (default GET, POST with -P)",
    )
    add("-P", "--post", metavar="TEXT", help="body to send, URL encoded")
    add("-T", "--content-type", default="", metavar="TYPE", help="type of that body")
    add(
        "-k",
        "--header",
        action="append",
        default=[],
        metavar="NAME: VALUE",
        help="header to send; repeatable",
    )
    add("-A", "--useragent", metavar="TEXT", help="User-Agent header to send")
    add(
        "-a",
        "--authorization",
        metavar="PAIR",
        help="user:password for the server; @FILE and env:NAME keep it out of ps",
    )
    add("-N", "--no-body", action="store_true", help="stop after the headers")
    add(
        "--http-version",
        choices=("1.0", "1.1", "2", "2.0", "3"),
        default="",
        help="speak this version of HTTP",
    )
    add(
        "--enable-automatic-decompression",
        action="store_true",
        help="ask for compressed content and unpack it",
    )
    add("--haproxy-protocol", action="store_true", help="send a PROXY protocol line first")
    add("--cookie-jar", default="", metavar="FILE", help="read cookies from here and keep new ones")
    add(
        "--max-body",
        type=valued(from_size),
        default=1 << 20,
        metavar="SIZE",
        help="octets of the body to keep (default 1M)",
    )


def _expecting(add: Any) -> None:
    add(
        "-e",
        "--expect",
        metavar="TEXT,...",
        help="one of these must be in the final answer's status line",
    )
    add(
        "-s",
        "--string",
        action="append",
        default=[],
        metavar="TEXT",
        help="text that the body must hold; repeatable",
    )
    add(
        "-d",
        "--header-string",
        action="append",
        default=[],
        metavar="TEXT",
        help="text that the headers must hold",
    )
    add(
        "-r",
        "--regex",
        "--ereg",
        action="append",
        default=[],
        metavar="REGEX",
        help="the body must match; repeatable",
    )
    add("-R", "--eregi", action="append", default=[], metavar="REGEX", help="the same in any case")
    add("-l", "--linespan", action="store_true", help="a dot in REGEX also matches a line break")
    add("--invert-regex", action="store_true", help="the body must not match")
    add(
        "--state-regex",
        type=valued(from_state),
        default=State.CRITICAL,
        metavar="STATE",
        help="state then (default critical)",
    )
    add(
        "--header-regex",
        action="append",
        default=[],
        metavar="NAME: REGEX",
        help="the header must be there and match",
    )
    add(
        "--no-header",
        action="append",
        default=[],
        metavar="NAME",
        help="this header must not be there",
    )
    add(
        "--json",
        action="append",
        default=[],
        metavar="PATH[=VALUE]",
        help="a.b[0] must be in the JSON body, with this value",
    )
    add(
        "--json-warning",
        action="append",
        default=[],
        metavar="PATH=RANGE",
        help="WARNING when the number there is outside",
    )
    add(
        "--json-critical",
        action="append",
        default=[],
        metavar="PATH=RANGE",
        help="CRITICAL when the number there is outside",
    )
    add("-m", "--pagesize", metavar="MIN[:MAX]", help="octets of headers and body, else WARNING")
    add(
        "-M",
        "--max-age",
        type=valued(from_duration),
        metavar="TIME",
        help="the document may be this old, as 90, 10m, 2h, 1d",
    )
    add("-f", "--onredirect", choices=POLICIES, default="ok", metavar="POLICY",
        help="a redirect is ok (default), warning, critical, unknown, or follow, sticky, stickyport, curl")  # fmt: skip
    add(
        "--max-redirs",
        type=valued(from_count, 0, 1000),
        default=15,
        metavar="N",
        help="redirects to follow (default 15)",
    )
    add(
        "--status-map",
        metavar="CODES=STATE,...",
        help="states of status codes, as 401=ok,300-399=warning",
    )
    add(
        "--expect-http-version",
        metavar="VERSION,...",
        help="the answer must come by one of these versions of HTTP",
    )


def _trusting(add: Any) -> None:
    add("-S", "--ssl", nargs="?", action="append", const=ANY_TLS, metavar="VERSION[+]",
        help="TLS version, glued on: 1.2 only, 1.2+ and newer")  # fmt: skip
    add("-C", "--certificate", metavar="AGE[,AGE]",
        help="certificates only, no request: WARNING and CRITICAL below 30 (days), 12h or 25%% of lifetime")  # fmt: skip
    add("--continue-after-certificate", action="store_true", help="with -C: send the request too")
    add(
        "--leaf-only", action="store_true", help="with -C: only the server's own certificate counts"
    )
    add("--issuer", metavar="TEXT", help="text that the name of the certificate's issuer must hold")
    add("--fingerprint", metavar="SHA256", help="the certificate must be this one")
    add(
        "--maximum-validity",
        type=valued(from_count, 1, 100000),
        metavar="DAYS",
        help="longest lifetime of a certificate",
    )
    add(
        "--tls-min",
        choices=("1.0", "1.1", "1.2", "1.3"),
        default="",
        help="oldest TLS version to accept",
    )
    add(
        "--tls-max",
        choices=("1.0", "1.1", "1.2", "1.3"),
        default="",
        help="newest TLS version to offer",
    )
    add(
        "--refuse-tls",
        action="append",
        default=[],
        choices=("1.0", "1.1", "1.2"),
        help="the server must refuse this version",
    )
    add("--require-stapling", action="store_true", help="the server must staple a good OCSP answer")
    add("-J", "--client-cert", default="", metavar="FILE", help="client certificate, PEM")
    add("-K", "--private-key", default="", metavar="FILE", help="its key, PEM")
    add(
        "--ca-cert",
        default="",
        metavar="FILE",
        help="CA bundle, or folder with hashed names (default: the system's)",
    )
    add("--insecure", action="store_true", help="do not verify the certificate")


def _going(add: Any) -> None:
    add(
        "-x",
        "--proxy",
        metavar="URL",
        help="proxy, by http, https or socks4, 4a, 5, 5h (default: of the environment; none: without)",
    )
    add("--noproxy", metavar="HOST,...", help="hosts to reach without a proxy")
    add(
        "-b",
        "--proxy-authorization",
        metavar="PAIR",
        help="user:password for the proxy; @FILE and env:NAME as with -a",
    )
    add(
        "--proxy-auth",
        choices=("basic", "digest", "negotiate", "any"),
        default="any",
        help="how to log in there (default any)",
    )
    add("--source", default="", metavar="ADDRESS", help="source address or interface")
    add("--all-addresses", nargs="?", const="all", metavar="=N",
        help="ask every address; all must be well, or N of them")  # fmt: skip
    add(
        "--dns-canary",
        default="",
        metavar="NAME",
        help="name to tell a dead resolver by (default: the root's name servers)",
    )
    add(
        "--no-dns-canary",
        action="store_true",
        help="do not ask for another name when the look-up fails",
    )


def _judging(add: Any) -> None:
    add("--urls", metavar="FILE", help="a file of URLs, - for standard input; # starts a comment")
    add(
        "--parallel",
        type=valued(from_count, 1, 200),
        metavar="N",
        help="URLs at the same time (default 4)",
    )
    add(
        "--repeat",
        type=valued(from_count, 1, 1000),
        default=1,
        metavar="N",
        help="tries; failures are counted",
    )
    add(
        "--interval",
        type=valued(from_duration),
        default=0.0,
        metavar="TIME",
        help="from one try's start to the next",
    )
    add(
        "--window",
        type=valued(from_duration),
        default=86400.0,
        metavar="TIME",
        help="past that counts (default 1d)",
    )
    add(
        "--state-dir",
        default="",
        metavar="DIR",
        help="where earlier runs are remembered; without it nothing is",
    )
    add(
        "--state",
        action="append",
        default=[],
        metavar="CLASS=STATE",
        help=f"state of a class of failures ({' '.join(CLASSES)}); or rw, ro, off for the memory (rw, at a terminal ro)",
    )
    add("--timeout-result", dest="timeout_state", type=valued(from_state), help=SUPPRESS)
    add(
        "--perfdata-style",
        choices=("bothsides", "check_http"),
        default="bothsides",
        help="labels: ours, or check_http 2.3.3's",
    )
    add("-B", "--show-body", action="store_true", help="print the body")
    add(
        "-o",
        "--output-body-as-perfdata",
        dest="body_figures",
        action="store_true",
        help="the body is perfdata, to add to ours",
    )
    add("--output-format", choices=("multi-line", "mp-test-json"), help=SUPPRESS)
    for name in _IGNORED:  # what they ask for is always done here, or means nothing any more
        add(name, dest="ignored", action="store_true", help=SUPPRESS)


def from_size(text: str) -> int:
    """Octets from `1000`, `64k` or `1M`."""
    unit = {"k": 1 << 10, "K": 1 << 10, "M": 1 << 20}.get(text[-1:], 1)
    octets = from_count(text if unit == 1 else text[:-1], 0) * unit
    if octets > 16 << 20:
        raise Unreadable(f"{text[:40]!r}: no more than 16M of a body are kept")
    return octets
