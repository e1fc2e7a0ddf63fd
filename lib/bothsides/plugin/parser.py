"""Options of a command line: declared as for argparse, and read without it where they are plain.

argparse with `re` and `enum`, which it needs, costs a run 7 ms of CPU, a fifth of what a whole run
of check_udp_loss costs. Most command lines consist of options in their exact spelling, each with a
value that fits. `Parser` reads these by itself; for everything else, --help and every error it asks
argparse, so that argparse alone decides what is right and says what is wrong.
"""

from bothsides.base.errors import Misuse
from bothsides.base.types import TYPE_CHECKING, Any, Callable, Iterable, Literal, Mapping, Sequence
from bothsides.parse import Unreadable

if TYPE_CHECKING:
    from bothsides.plugin.argparse_parser import ArgparseParser

SUPPRESS = "==SUPPRESS=="  # as `help`: an option that --help does not show; argparse's own word
_ALIKE = 0.65  # of two words, from which on one may be meant by the other; 1 is equal
_SWITCHES = {"store_true": False, "store_const": None, "count": None}  # with their defaults
_Value = Any  # an option, and a setting of its declaration, can have a value of any type
_Values = dict[str, _Value]


class Namespace:
    """The value of each option, as an attribute."""

    def __init__(self, **values: _Value) -> None:
        vars(self).update(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Namespace) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # options can change

    def __repr__(self) -> str:
        return f"Namespace({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> _Value: ...
        def __setattr__(self, name: str, value: _Value) -> None: ...


class Group:
    """Options under one heading of --help."""

    def __init__(self, parser: "Parser", title: str, description: str | None) -> None:
        self.title = title
        self.description = description
        self._parser = parser

    def add_argument(self, *names: str, **settings: _Value) -> None:
        """Declares an option; names and settings are those of argparse."""
        self._parser.declare(self, names, settings)


class Declared:
    """One option or argument as it was declared."""

    def __init__(
        self, group: Group | None, names: tuple[str, ...], settings: Mapping[str, _Value]
    ) -> None:
        self.group = group
        self.names = names
        self.settings = settings
        self.action: str = settings.get("action", "store")
        self.nargs = 0 if self.action in _SWITCHES else settings.get("nargs")
        self.default = settings.get("default", _SWITCHES.get(self.action))
        self.dest = self._dest()

    def _dest(self) -> str:
        """The name of its value, as argparse chooses it."""
        if "dest" in self.settings:
            return str(self.settings["dest"])
        for name in self.names:
            if name[:2] == "--":
                return name[2:].replace("-", "_")
        return self.names[0].lstrip("-").replace("-", "_")

    def value(self, text: str) -> _Value:
        """The value that a text stands for; whatever is wrong with it is raised."""
        value = self.settings["type"](text) if "type" in self.settings else text
        if "choices" in self.settings and value not in self.settings["choices"]:
            raise ValueError(text)
        return value


class Parser:
    """The options of one program."""

    def __init__(self, program: str, summary: str, epilog: str | Callable[[], str]) -> None:
        self._head = program, summary, epilog  # epilog: what stands below the options in --help
        self._groups: list[Group] = []
        self._declared: list[Declared] = []
        self._by_name: dict[str, Declared] = {}
        self._defaults: _Values = {}  # what holds where nothing is said
        self._unready: list[Declared] = []  # those about which something is left to do at the end

    def add_argument_group(self, title: str, description: str | None = None) -> Group:
        """A heading of --help."""
        group = Group(self, title, description)
        self._groups.append(group)
        return group

    def add_argument(self, *names: str, **settings: _Value) -> None:
        """Declares an option or argument; names and settings are those of argparse."""
        self.declare(None, names, settings)

    def declare(
        self, group: Group | None, names: tuple[str, ...], settings: Mapping[str, _Value]
    ) -> None:
        """Declares an option in a group, or in none."""
        declared = Declared(group, names, settings)
        self._declared.append(declared)
        self._defaults.setdefault(declared.dest, declared.default)  # the first of a name decides
        if names[0][0] != "-" or settings.get("required") or isinstance(declared.default, str):
            self._unready.append(declared)
        for name in names:
            if name[0] == "-":
                self._by_name[name] = declared

    def names(self) -> tuple[str, ...]:
        """Every spelling of every option."""
        return tuple(self._by_name)

    def takes_value(self, name: str) -> bool:
        """Whether the option is followed by a value."""
        declared = self._by_name.get(name)
        return declared is not None and declared.nargs not in (0, "?")

    def is_secret(self, name: str, value: str) -> bool:
        """Whether an option's value is a secret: its declared type makes a Secret of it."""
        declared = self._by_name.get(name)
        if declared is None or "type" not in declared.settings:
            return False
        from bothsides.base.secret import Secret

        try:
            return isinstance(declared.settings["type"](value), Secret)
        except Exception:  # whatever a `type` raises: a wrong value is reported as one
            return False

    def value_if_bare(self, name: str) -> str | None:
        """What an option means without its value, when the value is optional."""
        declared = self._by_name.get(name)
        optional = declared is not None and declared.nargs == "?"
        return str(declared.settings["const"]) if declared and optional else None

    def argparse(self) -> "ArgparseParser":
        """argparse's parser of the same options."""
        from bothsides.plugin.argparse_parser import ArgparseParser, own

        program, summary, epilog = self._head
        parser = ArgparseParser(program, summary, epilog if isinstance(epilog, str) else epilog())
        made = {
            group: parser.add_argument_group(group.title, group.description)
            for group in self._groups
        }
        for declared in self._declared:
            place = made[declared.group] if declared.group else parser
            place.add_argument(*declared.names, **own(declared.settings))
        return parser

    def format_help(self) -> str:
        """The text of --help."""
        return self.argparse().format_help()

    def format_usage(self) -> str:
        """The first lines of --help: the names of all options."""
        return self.argparse().format_usage()

    def parse_args(self, words: Sequence[str]) -> Namespace:
        """The options; Misuse for what is wrong or unknown."""
        return self.plain(words) or self.argparse().parse_args(words, Namespace())

    def parse_known_args(self, words: Sequence[str]) -> tuple[Namespace, list[str]]:
        """The options, and the words that are none of them; Misuse for what is wrong."""
        plain = self.plain(words)
        if plain is not None:
            return plain, []
        made = self.argparse()
        options, unknown = made.parse_known_args(words, Namespace())
        if any(word[:1] != "-" or word == "--" for word in unknown):  # arguments in several places
            return made.parse_known_intermixed_args(words, Namespace())
        return options, unknown

    def plain(self, words: Sequence[str]) -> Namespace | None:
        """The options of a plain command line; None where argparse has to look."""
        values = self._defaults.copy()
        loose: list[str] = []  # arguments that belong to no option
        rest = iter(words)
        before = ""  # the word before this one, "" in front of the first
        for word in rest:
            declared, text = self._by_name.get(word), None
            if declared is None and word[:1] not in ("-", ""):
                if loose and before is not loose[-1]:
                    return None  # argparse takes arguments in one place only
                loose.append(word)
                before = word
                continue
            before = ""
            if declared is None:
                declared, text = self._glued(word)
            elif declared.nargs != 0:
                text = next(rest, "-")
                if declared.nargs is not None or text[:1] == "-":
                    return None
            if declared is None or not _taken(declared, text, values):
                return None
        return Namespace(**values) if self._completed(values, loose) else None

    def _glued(self, word: str) -> tuple[Declared | None, str | None]:
        """The option and its value where both are one word: --wait=2s, -p53."""
        if word[:2] == "--":
            name, _, text = word.partition("=")
        else:
            name, text = word[:2], word[2:]
        declared = self._by_name.get(name)
        known = declared is not None and declared.nargs in (None, "?")
        rare = text in ("", "--") or text[0] == "="  # argparse has rules of its own for these
        return (declared, text) if known and not rare else (None, None)

    def _completed(self, values: _Values, loose: list[str]) -> bool:
        """Puts in what argparse does at the end; False where something is missing or rare."""
        for declared in self._unready:
            dest, default = declared.dest, declared.default
            if declared.names[0][0] != "-":
                if declared.nargs != "*" or default is not None or "type" in declared.settings:
                    return False
                values[dest], loose = loose, []
            elif declared.settings.get("required") or default == SUPPRESS:
                return False
            elif isinstance(default, str) and values[dest] is default:
                values[dest] = declared.settings.get("type", str)(default)
        return not loose


def _taken(declared: Declared, text: str | None, values: _Values) -> bool:
    """Puts an option that was given among the values; False where argparse has to look."""
    dest, action = declared.dest, declared.action
    if text is None:
        if action == "count":
            values[dest] = (values[dest] or 0) + 1
        else:
            values[dest] = declared.settings.get("const", True)
        return action in _SWITCHES
    try:
        value = declared.value(text)
    except Exception:  # whatever a `type` raises: argparse says what is wrong
        return False
    values[dest] = [*(values[dest] or ()), value] if action == "append" else value
    return action in ("store", "append")


def valued(parse: Callable[..., _Value], *extra: _Value) -> Callable[[str], _Value]:
    """A parser of ours as argparse's `type`: its Unreadable becomes the error message."""

    def convert(text: str) -> _Value:
        try:
            return parse(text, *extra)
        except Unreadable as fault:
            from bothsides.plugin.argparse_parser import Refused

            raise Refused(str(fault)) from None

    return convert


def family_of(options: Namespace) -> Literal[0, 4, 6]:
    """The IP version of -4, of -6 or of the address of --source; 0 for both.

    Misuse where the two contradict each other.
    """
    bare = (options.source or "").partition("%")[0]
    family: Literal[0, 4, 6] = options.family
    if ":" not in bare and not bare.replace(".", "").isdigit():
        return family  # none, or the name of an interface
    own: Literal[4, 6] = 6 if ":" in bare else 4
    if family not in (0, own):
        raise Misuse(f"--source {bare[:40]} is no IPv{family} address")
    return own


def with_help(fault: object, program: str) -> str:
    """What is wrong with a command line, and what prints its help."""
    words = str(fault)
    return f"{words}{'' if words.endswith('?') else ';'} see {program} --help"


def nearest(kind: str, word: str, names: Iterable[str]) -> str:
    """`unknown option --warnign, did you mean --warning?`; no question where no name is alike."""
    import difflib

    bare = word.split("=")[0]
    by_letters = {name.lstrip("-"): name for name in names}  # dashes make no word like another
    close = difflib.get_close_matches(bare.lstrip("-"), list(by_letters), 1, _ALIKE)
    asked = f", did you mean {by_letters[close[0]]}?" if close else ""
    return f"unknown {kind} {bare[:60]}{asked}"
