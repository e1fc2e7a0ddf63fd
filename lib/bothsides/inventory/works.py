"""What is measured between whom: checks, overrides, links, analyses, maintenance and providers."""

from collections.abc import Collection
from datetime import datetime

from bothsides.base.types import Mapping, Sequence
from bothsides.inventory.entry import Checked
from bothsides.inventory.faults import Faults, quoted
from bothsides.inventory.model import (
    Analysis,
    Escalation,
    Link,
    Maintenance,
    Override,
    Provider,
    Setting,
    Settings,
    Topic,
    Work,
)

_PLAIN = frozenset(("from", "to", "check", "http_url", "name", "allow_empty"))
"""Keys of a [[check]] that do not change which pairs it measures: mehsh's own, and names."""


def providers(tables: Sequence[Checked], faults: Faults) -> dict[str, Provider]:
    """Providers by name; a name or a network that stands twice is a fault."""
    result: dict[str, Provider] = {}
    networks: dict[str, str] = {}
    for table in tables:
        name, subject = table.text("name"), table.entry.subject
        if not name:
            continue
        if name in result:
            words = f"a second provider of this name, the first is at {result[name].place}"
            faults.add(table.place("name"), subject, words, "join the two or rename one")
            continue
        for network in table.texts("networks"):
            owner = networks.setdefault(network, name)
            if owner != name:
                words = f"the network {network} belongs to {quoted(owner)} already"
                faults.add(table.place("networks"), subject, words, "take one out")
        result[name] = Provider(
            name=name,
            place=table.place(),
            role=table.text("role"),
            networks=table.texts("networks"),
            evidence=table.text("evidence", "plain"),
            ticket=table.text("ticket"),
        )
    return result


def work(table: Checked, topic: Topic, faults: Faults) -> Work | None:
    """One [[check]], [[path]], [[https]] or [[clock]]; None when it lacks who or whom."""
    source, target = table.text("from"), table.text("to")
    http = table.text("check") == "http"
    settings = dict(table.topics.get(topic, {}))
    if http:
        if "http_url" not in table.entry.values:
            remedy = 'write http_url = "https://..."'
            faults.add(table.place(), table.entry.subject, 'the key "http_url" is missing', remedy)
        elif "http_url" in table.fields:
            topic, settings = "https", {**settings, "url": table.fields["http_url"]}
    elif "http_url" in table.fields:
        words = "http_url has no meaning here"
        remedy = 'write check = "http" or use [[https]]'
        faults.add(table.place("http_url"), table.entry.subject, words, remedy)
    if not source or not target:
        return None
    plain = table.entry.table == "check" and not any(c in f"{source}{target}" for c in "&|!(:")
    return Work(
        topic=topic,
        name=table.text("name"),
        place=table.place(),
        origin=table.entry.subject,
        source=source,
        target=target,
        both=table.flag("both"),
        excluded=table.text("except"),
        third=table.text("third"),
        with_self=plain and set(table.fields) <= _PLAIN,
        settings=settings,
    )


def override(table: Checked) -> Override | None:
    """One [[pair]]; None when it lacks who or whom."""
    if not table.text("from") or not table.text("to"):
        return None
    return Override(
        place=table.place(),
        origin=table.entry.subject,
        source=table.text("from"),
        target=table.text("to"),
        both=table.flag("both"),
        ip=table.text("ip"),
        disabled=table.flag("disabled"),
        reason=table.text("reason"),
        settings=table.topics,
    )


def link(table: Checked, known: Collection[str], faults: Faults) -> Link | None:
    """One [[link]] between two providers."""
    between = table.texts("between")
    place, subject = table.place("between"), table.entry.subject
    if len(between) != 2 or between[0] == between[1]:
        if "between" in table.fields:
            remedy = 'write between = ["isp", "aws"]'
            faults.add(place, subject, "a link is between two providers", remedy)
        return None
    for name in between:
        if name not in known:
            faults.unknown(place, subject, "provider", name, known)
    private = table.flag("private")
    return Link(table.place(), (between[0], between[1]), table.texts("via"), private)


def analysis(table: Checked, defaults: Mapping[Topic, Settings], faults: Faults) -> Analysis | None:
    """One [[analysis]]; None when it lacks something."""
    settings = {**defaults.get("analysis", {}), **table.topics.get("analysis", {})}
    has = [key for key in ("command", "argv") if key in table.entry.values]
    has += ["path"] if table.flag("path") else []
    if len(has) != 1:
        words = f"{' and '.join(has)} exclude each other" if has else "no command"
        remedy = 'write argv = ["mtr", "-n", "{{server.to.ip}}"], or path = true'
        remedy = "take one out" if has else remedy
        place = table.place(has[0]) if has else table.place()
        faults.add(place, table.entry.subject, words, remedy)
    if not all(table.text(key) for key in ("from", "to", "name", "min_loss")):
        return None
    loss = table.fields["min_loss"].value
    return Analysis(
        name=table.text("name"),
        place=table.place(),
        origin=table.entry.subject,
        source=table.text("from"),
        target=table.text("to"),
        min_loss=float(loss) if isinstance(loss, int | float) else 0.0,
        of_slice=isinstance(loss, float),
        command=table.text("command"),
        argv=table.texts("argv"),
        path=table.flag("path"),
        cooldown=_seconds(settings, "cooldown", 120.0),
        limit=_seconds(settings, "limit", 60.0),
        keep=_seconds(settings, "keep", 1209600.0),
    )


def _seconds(settings: Mapping[str, Setting], key: str, default: float) -> float:
    setting = settings.get(key)
    return float(setting.value) if setting and isinstance(setting.value, float) else default


def escalation(table: Checked, faults: Faults) -> Escalation | None:
    """One [[escalation]]; None when it lacks something."""
    between = table.texts("between")
    if len(between) != 2:
        if "between" in table.fields:
            words = "an escalation is between two data centres"
            remedy = 'write between = ["eu.de", "us"]'
            faults.add(table.place("between"), table.entry.subject, words, remedy)
        return None
    if not table.texts("contacts"):
        if "contacts" in table.fields:
            words, remedy = "nobody is notified", 'write contacts = ["noc"]'
            faults.add(table.place("contacts"), table.entry.subject, words, remedy)
        return None
    after = table.fields.get("after")
    return Escalation(
        place=table.place(),
        origin=table.entry.subject,
        between=(between[0], between[1]),
        contacts=table.texts("contacts"),
        after=after.value if after and isinstance(after.value, int) else 3,
        every=_seconds(table.fields, "every", 1800.0),
    )


def maintenance(table: Checked, faults: Faults) -> Maintenance | None:
    """One [[maintenance]]; None when it lacks something."""
    if not all(table.text(key) for key in ("what", "begin", "end")):
        return None
    begin, end = (datetime.fromisoformat(table.text(key)) for key in ("begin", "end"))
    if end <= begin:
        remedy = "exchange begin and end, or correct one"
        faults.add(table.place("end"), table.entry.subject, "ends before it begins", remedy)
        return None
    return Maintenance(
        what=table.text("what"),
        begin=begin,
        end=end,
        reason=table.text("reason"),
        place=table.place(),
        origin=table.entry.subject,
    )
