"""The command line: options with the plugin guidelines' manners, ini files, limits and --help."""

from bothsides import __version__
from bothsides.base.deadline import TIMEOUT
from bothsides.base.errors import Misuse
from bothsides.base.types import Iterable, Sequence
from bothsides.parse import Unreadable
from bothsides.parse.range import Range, from_range
from bothsides.parse.text import from_duration
from bothsides.plugin.check import AnyCheck
from bothsides.plugin.finding import Figure, Ranges, State, from_state
from bothsides.plugin.parser import SUPPRESS, Namespace, Parser, nearest, valued

_COMMENTED: list[tuple[str, str]] = []
"""Values of files that may end in a comment, and where they are."""


class TextAsked(Exception):
    """--help and the like: a text to print instead of a measurement."""


def parser_of(check: AnyCheck) -> Parser:
    """The parser of all options that a check takes."""

    def epilog() -> str:
        from bothsides.plugin.help_text import help_epilog

        return help_epilog(check)

    parser = Parser(check.program, check.summary, epilog)
    _add_families(parser, check.by_family)
    check.options(parser)
    _add_limits_and_time(parser, check)
    _add_output(parser, check)
    add_elsewhere(parser)
    _add_general(parser, check)
    return parser


def _add_families(parser: Parser, shown: bool) -> None:
    add = parser.add_argument_group("whom and how").add_argument
    four, six = ("IPv4 only", "IPv6 only") if shown else (SUPPRESS, SUPPRESS)
    add("-4", "--use-ipv4", dest="family", action="store_const", const=4, default=0, help=four)
    add("-6", "--use-ipv6", dest="family", action="store_const", const=6, help=six)


def _add_limits_and_time(parser: Parser, check: AnyCheck) -> None:
    add = parser.add_argument_group("limits and time").add_argument
    for letter, name, usual in (
        ("-w", "warning", check.warning),
        ("-c", "critical", check.critical),
    ):
        default = f" (default {usual})".replace("%", "%%") if usual else ""
        add(
            letter,
            f"--{name}",
            action="append",
            default=[],
            metavar="LIMITS",
            help=f"{name} when outside: RANGE, or LABEL=RANGE,... for any label below; repeatable"
            + default,
        )
    add(
        "-t",
        "--timeout",
        type=valued(_timeout),
        default=(TIMEOUT, None),
        metavar="SECONDS[:STATE]",
        help=f"deadline of the whole run with its name lookups (default {TIMEOUT:g})",
    )
    add(
        "--timeout-state",
        type=valued(from_state),
        metavar="STATE",
        help="state at the deadline: ok, warning, critical or unknown (default critical"
        " where silence means that the far end is down, else unknown)",
    )


def _add_output(parser: Parser, check: AnyCheck) -> None:
    add = parser.add_argument_group("output").add_argument
    add("-v", "--verbose", action="count", default=0, help="tables; -vv samples; -vvv everything")
    formats = ("text", "json", *check.outputs)
    words = f"{', '.join(formats[:-1])} or {formats[-1]} (default text)"
    add("--output", choices=formats, default="text", help=words)
    add(
        "--perfdata-missing",
        choices=("U", "omit"),
        default="U",
        help="figures not measured (default U)",
    )
    add("--exit-ok", action="store_true", help="exit 0 in every state; the text still names it")
    add("--record", metavar="FILE", help="write the measurement as JSON")
    add("--replay", metavar="FILE", help="judge a recorded measurement instead of measuring")
    add("--explain", action="store_true", help="also print plan, measurement and findings")
    add("--list-perfdata", action="store_true", help="print the figures' labels and units")


def add_elsewhere(parser: Parser, alone: bool = True) -> None:
    """What `check.delivery` reads. alone: for the result of one service."""
    add = parser.add_argument_group("results elsewhere").add_argument
    place = "KIND:WHERE"
    words = "send figures, as influx:URL; repeatable; all kinds: bothsides-destinations(5)"
    add("--export", action="append", default=[], metavar=place, help=words)
    words = "send the result, as nagios:DIR, icinga:URL or nrdp:URL; repeatable"
    add("--submit", action="append", default=[], metavar=place, help=words)
    if alone:
        words = "whose result it is there; needed with --submit"
        add("--submit-as", default="", metavar="HOST!SERVICE", help=words)
    words = "how long it holds there, as 11m (icinga alone)"
    add("--submit-ttl", type=valued(from_duration), default=0.0, metavar="TIME", help=words)
    words = "a file with user, password, token or keys for these places, mode 0640"
    add("--export-login", default="", metavar="FILE", help=words)
    add("--export-ca", default="", metavar="FILE", help="certificates to trust there, PEM")
    words = "name of this host there (default: its own, without domain)"
    add("--export-source", default="", metavar="NAME", help=words)
    words = "a name for the way, as office-to-aws: a tag of all rows"
    add("--route", default="", metavar="NAME", help=words)
    words = "packets: a row for each UDP packet too; carbolymer: rows for its dashboard"
    styles = ("bothsides", "packets", "carbolymer")
    add("--style", choices=styles, default="bothsides", help=words)
    add("--pulse", default="", metavar="PREFIX", help="with statsd: also Semaphore's pulse")


def _add_general(parser: Parser, check: AnyCheck) -> None:
    add = parser.add_argument_group("general").add_argument
    add(
        "--extra-opts",
        metavar="[SECTION][@FILE]",
        help=f"options from an ini file (default section {check.program}), in front of"
        " those of the command line",
    )
    add("-h", "-?", "--help", action="store_true", help="this text; -h: its first part alone")
    add("-V", "--version", action="store_true", help="the version")


def understood(check: AnyCheck, argv: Sequence[str], parser: Parser | None = None) -> Namespace:
    """The options; raises TextAsked for --help, --version and --list-perfdata.

    parser: of this check, where many command lines are read.
    """
    parser = parser or parser_of(check)
    words = _joined(parser, _expanded(parser, check.program, list(argv)))
    _answer(check, parser, words)
    options, unknown = parser.parse_known_args(words)
    # argparse takes arguments in one place only; people mix them with options
    if hasattr(options, "arguments"):
        options.arguments += [word for word in unknown if not word.startswith("-")]
        unknown = [word for word in unknown if word.startswith("-")]
    if unknown:
        from bothsides.plugin.argparse_parser import apart

        raise Misuse(
            apart(parser.value_if_bare, argv, unknown[0]) or unknown_word(parser, unknown[0])
        )
    options.timeout, state = options.timeout
    options.timeout_state = options.timeout_state or state
    return options


def unknown_word(parser: Parser, word: str) -> str:
    """What to say of a word that is no option, or that stands where no argument is taken."""
    if word.startswith("-"):
        return nearest("option", word, parser.names())
    hint = ", did you mean -H?" if "-H" in parser.names() else ""
    return f"unknown argument {word[:60]}{hint}"


def _answer(check: AnyCheck, parser: Parser, words: list[str]) -> None:
    """Raises TextAsked for the options that ask for a text: they win over all else, also errors."""
    if asked := {"-h", "-?", "--help"}.intersection(words):
        from bothsides.plugin.help_text import help_of

        raise TextAsked(help_of(check, parser, short="--help" not in asked))
    if any(word in ("-V", "--version") for word in words):
        libraries = check.libraries()
        raise TextAsked(
            f"{check.program} v{__version__} (bothsides{', ' + libraries if libraries else ''})"
        )
    if "--list-perfdata" in words:
        rows = (f"{figure.label} {figure.uom}".rstrip() for figure in check.figures)
        raise TextAsked("\n".join(rows))


def _joined(parser: Parser, words: list[str]) -> list[str]:
    """`-w -5:5` as `-w-5:5`: argparse would take a range that starts with a minus for an option."""
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if parser.takes_value(word):
            value = next(rest, None)
            if value is not None and value[:1] == "-" and value[1:2] in tuple("0123456789.~@"):
                joined.append(f"{word}={value}" if word.startswith("--") else f"{word}{value}")
                continue
            joined += [word] if value is None else [word, value]
        # as getopt has it: an optional value is glued on, or absent
        elif (bare := parser.value_if_bare(word)) is not None:
            joined.append(f"{word}={bare}" if word.startswith("--") else f"{word}{bare}")
        else:
            joined.append(word)
    return joined


def _timeout(text: str) -> tuple[float, State | None]:
    seconds, colon, state = text.partition(":")
    duration = from_duration(seconds)
    if not 0.05 <= duration <= 3600:
        raise Unreadable(f"{text[:40]!r}: a timeout lies between 0.05 and 3600 seconds")
    return duration, from_state(state) if colon else None


def limits_of(check: AnyCheck, options: Namespace) -> Ranges:
    """The check's default limits, each replaced by what -w and -c say of its label."""
    return Ranges(
        check.figures,
        _ranges(check, [check.warning]) | _ranges(check, options.warning),
        _ranges(check, [check.critical]) | _ranges(check, options.critical),
    )


def _ranges(check: AnyCheck, texts: Iterable[str]) -> dict[str, Range]:
    """Ranges by label from `RANGE`, `LABEL=RANGE` and comma-separated lists of them."""
    ranges: dict[str, Range] = {}
    for text in texts:
        items = [item.strip() for item in text.split(",")] if text else []
        items = [item for item in items if not check.own(item)]
        for place, item in enumerate(items[1:]):
            if item.isdigit() and "=" in items[place]:
                raise Unreadable(f"{items[place]},{item}: decimals take a point, as 1.5")
        short = [item for item in items if "=" not in item]
        if short:
            ranges |= check.short(short)
        for item in items:
            label, separator, limit = item.partition("=")
            if separator:
                ranges[label] = from_range(limit, _figure(check, label).uom)
    return ranges


def _figure(check: AnyCheck, label: str) -> Figure:
    for figure in check.figures:
        if figure.label == label:
            return figure
    raise Misuse(nearest("label", label, (figure.label for figure in check.figures)))


def _expanded(parser: Parser, program: str, argv: list[str]) -> list[str]:
    """The command line with every --extra-opts replaced by what it names, in front."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(enumerate(argv))
    for place, word in words:
        if word == "--extra-opts":
            bare = place + 1 == len(argv) or argv[place + 1].startswith("-")
            front += _from_file(parser, program, "" if bare else next(words)[1])
        elif word.startswith("--extra-opts="):
            front += _from_file(parser, program, word.partition("=")[2])
        else:
            rest.append(word)
    return front + rest


def _from_file(parser: Parser, program: str, named: str) -> list[str]:
    """The arguments out of [SECTION][@FILE]."""
    from bothsides.plugin import extra_opts

    section, _, path = named.partition("@")
    entries, file = extra_opts.read(
        section or program, path, lambda key, value: parser.is_secret(_name(key), value)
    )
    arguments: list[str] = []
    for entry in entries:
        name = _name(entry.key)
        if name not in parser.names() or name == "--extra-opts":
            known = (option.lstrip("-") for option in parser.names())
            raise Misuse(f"{nearest('key', entry.key, known)} ({file} line {entry.line})")
        needs = parser.takes_value(name)
        if parser.value_if_bare(name) is None and needs != (entry.value is not None):
            wanted = "needs a value" if needs else "takes no value"
            raise Misuse(f"key {entry.key} {wanted} ({file} line {entry.line})")
        if entry.value and (" #" in entry.value or " ;" in entry.value):
            _COMMENTED.append((entry.value, f"{file} line {entry.line}"))
        arguments.append(entry.argument())
    return arguments


def explained(fault: Exception) -> str:
    """The words of a mistake; where a value of a file ends in a comment, with place and remedy."""
    words = str(fault)
    for value, place in _COMMENTED:
        if value in words:
            return f"{words} ({place}: a comment needs a line of its own)"
    return words


def _name(key: str) -> str:
    """The option of a key."""
    return f"-{key}" if len(key) == 1 else f"--{key}"
