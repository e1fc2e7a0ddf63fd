"""Other maps of owners: altered evidence, as `altered` has it."""

import random
from collections.abc import Mapping

from bothsides.model.whose_fault import Run
from tests.support.side.altered import (
    Altering,
    labels_of,
    view,
)
from tests.support.side.joined import Truth


def owners_changed(run: Run, change: Mapping[str, tuple[str, str]]) -> Run:
    """The run with other labels and roles, by the label that a network has now."""
    return run._replace(
        owners=tuple(
            each._replace(label=change[each.label][0], role=change[each.label][1])
            if each.label in change
            else each
            for each in run.owners
        )
    )


def unmapped(guilty: bool) -> Altering:
    """A network is in no map."""

    def altered(run: Run, truth: Truth, draw: random.Random) -> Run | None:
        labels = labels_of(run, truth, guilty)
        return owners_changed(run, {draw.choice(labels): ("", "")}) if labels else None

    return altered


def mislabelled(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """The map gives a network that has nothing to do with it to a company that is nowhere."""
    labels = labels_of(run, truth, guilty=False)
    if not labels:
        return None
    label = draw.choice(labels)
    role = next(each.role for each in run.owners if each.label == label)
    return owners_changed(run, {label: (f"Old{label}", role)})


def one_prefix_unmapped(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Some addresses are in no map, as link networks often are."""
    every = [each.address for each in run.owners]
    gone = set(draw.sample(every, max(1, len(every) // 4)))
    kept = tuple(
        each._replace(label="", role="") if each.address in gone else each for each in run.owners
    )
    return run._replace(owners=kept)


def roles_of_tables(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Owners by an AS table: numbers and names, no roles; exchanges are in no table."""
    numbers = {label: 64500 + place for place, label in enumerate(sorted(_every(run)))}
    return run._replace(
        owners=tuple(
            each._replace(role="", asn=numbers[each.label])
            if each.role != "exchange"
            else each._replace(label="", role="")
            for each in run.owners
            if each.label
        )
    )


def _every(run: Run) -> set[str]:
    return {each.label for each in run.owners if each.label}


def wide_prefix(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """A network that has nothing to do with it is mapped as a part of its neighbour's prefix."""
    labels = labels_of(run, truth, guilty=False)
    plain = [
        label
        for label in labels
        if all(each.role in ("isp", "transit") for each in run.owners if each.label == label)
    ]
    others = [label for label in labels if label not in plain[:1]]
    if not plain or not others:
        return None
    into = draw.choice(others)
    role = next(each.role for each in run.owners if each.label == into)
    return owners_changed(run, {plain[0]: (into, role)})


def one_provider(run: Run, truth: Truth, draw: random.Random) -> Run | None:
    """Both ends are behind one provider: the networks next to both have one label."""
    labels = []
    for start, target in (("A", "B"), ("B", "A")):
        peer = view(run, start, target)
        path = peer.before.path if peer is not None else None
        owners = {each.address: each for each in run.owners}
        passed = [
            owners[host].label
            for hop in (path.hops if path is not None else ())
            for host in (hop.host,)
            if host in owners and owners[host].role in ("isp", "transit", "cloud", "hoster")
        ]
        labels.append(passed[0] if passed else "")
    if not all(labels) or labels[0] == labels[1]:
        return None
    role = next(each.role for each in run.owners if each.label == labels[0])
    return owners_changed(run, {labels[1]: (labels[0], role)})


def sides_now(truth: Truth, run: Run, changed: Run) -> list[str]:
    """The true sides by the labels that the altered map gives them."""
    labels = {each.address: each.label for each in changed.owners}
    sides: dict[str, None] = {}
    for side in truth["side"]:
        now = {labels.get(each.address, "") for each in run.owners if each.label == side}
        sides[now.pop() if len(now) == 1 and "" not in now else side] = None
    return list(sides)
