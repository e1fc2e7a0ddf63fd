"""Icinga 2's CheckCommands: one for each check, with every option that the check takes.

An option --some-name of check_udp_loss is the custom variable udp_loss_some_name. Switches are set
by `true`; an option that may be given several times also takes an array.
"""

from bothsides.base.types import Iterator, Mapping, Sequence
from bothsides.generate.icinga2_text import Code, Value, definition, duration, literal, value
from bothsides.generate.nrpe import SECRETS
from bothsides.generate.services import PLUGIN, Service
from bothsides.inventory.faults import Wrong
from bothsides.plugin.option_table import Option

Tables = Mapping[str, Sequence[Option]]
"""The options of the check of each topic."""

TIMEOUT = 20.0
"""Seconds after which Icinga kills a check: more than a check's own 8 s."""
PRESET = {"--perfdata-missing": "omit"}
"""Icinga warns of figures without a value."""

_SPARE = 5.0  # s that a check may take to start and to end


def command_name(topic: str) -> str:
    """The name of a CheckCommand."""
    return "bothsides_" + _subject(PLUGIN[topic])


def variable(topic: str, name: str) -> str:
    """The custom variable of an option that is called --name."""
    return variable_of(PLUGIN[topic], name)


def variable_of(plugin: str, name: str) -> str:
    """As `variable`, for a plugin that is named itself: check_https."""
    return f"{_subject(plugin)}_{name.lstrip('-').replace('-', '_').lower()}"


def _subject(plugin: str) -> str:
    return plugin.removeprefix("check_")


def commands(tables: Tables) -> str:
    """The file of the CheckCommands."""
    return "\n".join(command_of(PLUGIN[topic], tables[topic]) for topic in sorted(tables))


def command_of(plugin: str, options: Sequence[Option]) -> str:
    """The CheckCommand of one plugin."""
    arguments = {name: Code(value(each, "    ")) for name, each in _arguments(plugin, options)}
    lines = [
        f'command = [ PluginDir + "/{plugin}" ]',
        f"timeout = {duration(TIMEOUT)}",
        f"arguments = {value(arguments, '  ')}",
    ]
    lines += [f"vars.{variable_of(plugin, name)} = {value(text)}" for name, text in PRESET.items()]
    return definition(f'object CheckCommand "bothsides_{_subject(plugin)}"', lines)


def arguments_of(topic: str, options: Sequence[Option]) -> Iterator[tuple[str, dict[str, Value]]]:
    """The arguments of a CheckCommand, as Icinga and its Director know them."""
    return _arguments(PLUGIN[topic], options)


def _arguments(plugin: str, options: Sequence[Option]) -> Iterator[tuple[str, dict[str, Value]]]:
    for option in options:
        macro = f"${variable_of(plugin, option.name)}$"
        if not option.takes_value:
            made: dict[str, Value] = {"set_if": macro}
        elif option.bare:  # a value that may be missing is glued on
            made = {"value": f"{option.name}={macro}", "skip_key": True}
        else:
            made = {"value": macro}
            if option.repeatable:
                made["repeat_key"] = True
        yield option.name, {**made, "description": literal(option.help)}


def variables(service: Service, options: Sequence[Option]) -> dict[str, Value]:
    """The custom variables that hand a service's options to its CheckCommand. Raises Wrong."""
    by_spelling = {name.lstrip("-"): option for option in options for name in option.spellings}
    given: dict[str, list[str]] = {}
    for name, text in service.options:
        if (
            name == "landscape"
        ):  # agents have no file of it; Icinga knows who is down or in downtime
            continue
        if name not in by_spelling:
            raise Wrong(f"{PLUGIN[service.kind]} has no option {name}", "take the key out")
        given.setdefault(by_spelling[name].name, []).append(text)
    if service.auth:
        given["--extra-opts"] = [f"{service.auth}@{SECRETS}"]
    known = {option.name: option for option in options}
    return {
        variable(service.kind, name): _given(known[name], texts) for name, texts in given.items()
    }


def _given(option: Option, texts: Sequence[str]) -> Value:
    if not option.takes_value:
        return True
    values = [literal(text or option.bare) for text in texts]
    if option.repeatable and len(values) > 1:
        return values
    return ",".join(values)


def check_timeout(service: Service) -> float | None:
    """A time-out of Icinga's for a check that may take longer than TIMEOUT allows."""
    for name, text in service.options:
        if name == "timeout":
            wanted = float(text.partition(":")[0].removesuffix("s")) + _SPARE
            return wanted if wanted > TIMEOUT else None
    return None
