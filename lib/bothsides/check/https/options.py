"""check_https's options: every one of check_http and check_curl, and ours."""

from bothsides.base.secret import Secret
from bothsides.base.types import Callable, Sequence
from bothsides.check import add_landscape
from bothsides.parse import Unreadable
from bothsides.parse.text import from_count, from_duration
from bothsides.plugin.finding import State, from_state
from bothsides.plugin.parser import SUPPRESS, Parser, valued

CLASSES = (
    "config", "local", "dns", "proxy-dns", "proxy", "path", "tls", "server", "close", "addresses",
)  # fmt: skip
"""What --state may give another state: whose fault a failure is, and two more."""

MEMORY_MODES = ("rw", "ro", "off", "auto")
"""What --state also takes: how the memory is used."""

POLICIES = ("ok", "warning", "critical", "unknown", "follow", "sticky", "stickyport", "curl")
ANY_TLS = "any"
_TLS = ("1.0", "1.1", "1.2", "1.3")
_IGNORED = (  # what they ask for is always done here, or means nothing any more
    "--sni", "-D", "--verify-cert", "--verify-host", "-E", "--extended-perfdata", "-U",
    "--show-url", "-L", "--link", "-n", "--nohtml",
)  # fmt: skip
_LARGEST = 16 << 20  # octets of a body that may be kept


class _Group:
    """A group of options in --help, and the kinds of options that it may have."""

    def __init__(self, parser: Parser, title: str) -> None:
        self.add: Callable[..., object] = parser.add_argument_group(title).add_argument

    def text(self, names: str, metavar: str, words: str, default: str | None = None) -> None:
        """An option with a text."""
        self.add(*names.split(), metavar=metavar, help=words, default=default)

    def secret(self, names: str, metavar: str, words: str) -> None:
        """An option with user:password, or with the file or variable that holds them."""
        self.add(*names.split(), metavar=metavar, help=words, type=_secret_pair)

    def texts(self, names: str, metavar: str, words: str) -> None:
        """An option with a text that may be repeated."""
        self.add(*names.split(), metavar=metavar, help=words, action="append", default=[])

    def value(
        self,
        names: str,
        metavar: str,
        words: str,
        parse: Callable[[str], object],
        default: object = None,
    ) -> None:
        """An option with a value that a parser reads."""
        self.add(*names.split(), metavar=metavar, help=words, type=parse, default=default)

    def choice(self, names: str, choices: Sequence[str], words: str, default: str = "") -> None:
        """An option with one of a few words."""
        self.add(*names.split(), help=words, choices=choices, default=default)

    def flag(self, names: str, words: str) -> None:
        """An option without a value."""
        self.add(*names.split(), help=words, action="store_true")


def declare(parser: Parser) -> None:
    """Adds the options."""
    words = "https://host:port/path; or address and host name as check_http takes them"
    parser.add_argument("arguments", nargs="*", metavar="URL", help=words)
    _asking(_Group(parser, "what to ask"))
    _expecting(_Group(parser, "what to expect"))
    _trusting(_Group(parser, "certificates and TLS"))
    _going(_Group(parser, "the way"))
    _judging(_Group(parser, "more than one try, and states"))
    add_landscape(parser)


def _asking(group: _Group) -> None:
    text, value, flag = group.text, group.value, group.flag
    words = "host name: Host header, SNI and what the certificate must name"
    text("-H --hostname", "HOST[:PORT]", words)
    words = "connect to this instead (default: the host)"
    group.add("-I", "--IP-address", dest="address", metavar="ADDRESS", help=words)
    value("-p --port", "PORT", "port (default 443)", valued(from_count, 1, 65535))
    words = "path, or a whole URL (default /)"
    group.add("-u", "--url", "--uri", dest="path", metavar="PATH", help=words)
    flag("--plain", "speak HTTP without TLS, port 80 unless -p names another")
    text("-j --method", "METHOD", "request method (default GET, POST with -P)", "")
    group.add("-P", "--post", metavar="TEXT", help="body to send, URL encoded", type=Secret)
    text("-T --content-type", "TYPE", "type of that body", "")
    words = "header to send; repeatable"
    group.add("-k", "--header", metavar="NAME: VALUE", help=words, type=Secret, action="append",
        default=[])  # fmt: skip
    text("-A --useragent", "TEXT", "User-Agent header to send")
    words = "user:password for the server; @FILE and env:NAME keep it out of ps"
    group.secret("-a --authorization", "PAIR", words)
    flag("-N --no-body", "stop after the headers")
    versions = ("1.0", "1.1", "2", "2.0", "3")
    group.choice("--http-version", versions, "speak this version of HTTP")
    flag("--enable-automatic-decompression", "ask for compressed content and unpack it")
    flag("--haproxy-protocol", "send a PROXY protocol line first")
    text("--cookie-jar", "FILE", "read cookies from here and keep new ones", "")
    words = "octets of the body to keep (default 1M)"
    value("--max-body", "SIZE", words, valued(from_size), 1 << 20)


def _expecting(group: _Group) -> None:
    text, texts, value = group.text, group.texts, group.value
    text("-e --expect", "TEXT,...", "one of these must be in the final answer's status line")
    texts("-s --string", "TEXT", "text that the body must hold; repeatable")
    texts("-d --header-string", "TEXT", "text that the headers must hold")
    texts("-r --regex --ereg", "REGEX", "the body must match; repeatable")
    texts("-R --eregi", "REGEX", "the same in any case")
    group.flag("-l --linespan", "a dot in REGEX also matches a line break")
    group.flag("--invert-regex", "the body must not match")
    words = "state then (default critical)"
    value("--state-regex", "STATE", words, valued(from_state), State.CRITICAL)
    texts("--header-regex", "NAME: REGEX", "the header must be there and match")
    texts("--no-header", "NAME", "this header must not be there")
    texts("--json", "PATH[=VALUE]", "a.b[0] must be in the JSON body, with this value")
    texts("--json-warning", "PATH=RANGE", "WARNING when the number there is outside")
    texts("--json-critical", "PATH=RANGE", "CRITICAL when the number there is outside")
    text("-m --pagesize", "MIN[:MAX]", "octets of headers and body, else WARNING")
    words = "the document may be this old, as 90, 10m, 2h, 1d"
    value("-M --max-age", "TIME", words, valued(from_duration))
    words = (
        "a redirect is ok (default), warning, critical, unknown,"
        " or follow, sticky, stickyport, curl"
    )
    group.add("-f", "--onredirect", choices=POLICIES, default="ok", metavar="POLICY", help=words)
    words = "redirects to follow (default 15)"
    value("--max-redirs", "N", words, valued(from_count, 0, 1000), 15)
    text("--status-map", "CODES=STATE,...", "states of status codes, as 401=ok,300-399=warning")
    words = "the answer must come by one of these versions of HTTP"
    text("--expect-http-version", "VERSION,...", words)


def _trusting(group: _Group) -> None:
    text, flag = group.text, group.flag
    words = "TLS version, glued on: 1.2 only, 1.2+ and newer"
    group.add(
        "-S", "--ssl", nargs="?", action="append", const=ANY_TLS, metavar="VERSION[+]", help=words
    )
    words = (
        "certificates only, no request: WARNING and CRITICAL below 30 (days), 12h"
        " or 25%% of lifetime"
    )
    text("-C --certificate", "AGE[,AGE]", words)
    flag("--continue-after-certificate", "with -C: send the request too")
    flag("--leaf-only", "with -C: only the server's own certificate counts")
    text("--issuer", "TEXT", "text that the name of the certificate's issuer must hold")
    text("--fingerprint", "SHA256", "the certificate must be this one")
    words = "longest lifetime of a certificate"
    group.value("--maximum-validity", "DAYS", words, valued(from_count, 1, 100000))
    group.choice("--tls-min", _TLS, "oldest TLS version to accept")
    group.choice("--tls-max", _TLS, "newest TLS version to offer")
    words = "the server must refuse this version"
    group.add("--refuse-tls", action="append", default=[], choices=_TLS[:-1], help=words)
    flag("--require-stapling", "the server must staple a good OCSP answer")
    text("--crl", "FILE", "revocation lists of all issuers, PEM; a revoked one is CRITICAL", "")
    text("-J --client-cert", "FILE", "client certificate, PEM", "")
    text("-K --private-key", "FILE", "its key, PEM", "")
    words = "CA bundle, or folder with hashed names (default: the system's)"
    text("--ca-cert", "FILE", words, "")
    flag("--insecure", "do not verify the certificate")


def _going(group: _Group) -> None:
    text = group.text
    words = (
        "proxy, by http, https or socks4, 4a, 5, 5h (default: of the environment; none: without)"
    )
    group.add("-x", "--proxy", metavar="URL", help=words, type=_proxy_url)
    text("--noproxy", "HOST,...", "hosts to reach without a proxy")
    words = "user:password for the proxy; @FILE and env:NAME as with -a"
    group.secret("-b --proxy-authorization", "PAIR", words)
    kinds = ("basic", "digest", "negotiate", "any")
    group.choice("--proxy-auth", kinds, "how to log in there (default any)", "any")
    text("--source", "ADDRESS", "source address or interface", "")
    words = "ask every address; all must be well, or N of them"
    group.add("--all-addresses", nargs="?", const="all", metavar="=N", help=words)
    words = "name to tell a dead resolver by (default: the root's name servers)"
    text("--dns-canary", "NAME", words, "")
    group.flag("--no-dns-canary", "do not ask for another name when the look-up fails")


def _judging(group: _Group) -> None:
    add, value = group.add, group.value
    group.text("--urls", "FILE", "a file of URLs, - for standard input; # starts a comment")
    value("--parallel", "N", "URLs at the same time (default 4)", valued(from_count, 1, 200))
    value("--repeat", "N", "tries; failures are counted", valued(from_count, 1, 1000), 1)
    value("--interval", "TIME", "from one try's start to the next", valued(from_duration), 0.0)
    value("--window", "TIME", "past that counts (default 1d)", valued(from_duration), 86400.0)
    words = "where earlier runs are remembered; without it nothing is"
    group.text("--state-dir", "DIR", words, "")
    words = (
        f"state of a class of failures ({' '.join(CLASSES)});"
        " or rw, ro, off for the memory (rw, at a terminal ro)"
    )
    group.texts("--state", "CLASS=STATE", words)
    add("--timeout-result", dest="timeout_state", type=valued(from_state), help=SUPPRESS)
    styles = ("bothsides", "check_http")
    group.choice("--perfdata-style", styles, "labels: ours, or check_http 2.3.3's", "bothsides")
    group.flag("-B --show-body", "print the body")
    words = "the body is perfdata, to add to ours"
    add("-o", "--output-body-as-perfdata", dest="body_figures", action="store_true", help=words)
    add("--output-format", choices=("multi-line", "mp-test-json"), help=SUPPRESS)
    for name in _IGNORED:
        add(name, dest="ignored", action="store_true", help=SUPPRESS)


def _secret_pair(text: str) -> str:
    """A login is a secret, and where one is kept is none."""
    return text if text.startswith(("@", "env:")) else Secret(text)


def _proxy_url(text: str) -> str:
    """A proxy's URL is a secret where a login stands in it."""
    return Secret(text) if "@" in text else text


def from_size(text: str) -> int:
    """Octets from `1000`, `64k` or `1M`."""
    unit = {"k": 1 << 10, "K": 1 << 10, "M": 1 << 20}.get(text[-1:], 1)
    octets = from_count(text if unit == 1 else text[:-1], 0) * unit
    if octets > _LARGEST:
        raise Unreadable(f"{text[:40]!r}: no more than 16M of a body are kept")
    return octets
