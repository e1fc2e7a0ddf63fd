"""The words of check_whose_fault about a whole mesh."""

from bothsides.base.types import Iterator, Sequence
from bothsides.check.whose_fault.text import share_words
from bothsides.incident.mesh_verdict import MeshVerdict
from bothsides.incident.mesh_vote import Element, Vote
from bothsides.model.verdict import Witness
from bothsides.plugin.finding import Table

_WIDEST = 40  # columns of the grid

_WHAT = {
    "host out": "what {} sends",
    "host in": "what {} gets",
    "data centre out": "what data centre {} sends",
    "data centre in": "what data centre {} gets",
    "between": "from {}",
}


def element_code(element: Element) -> str:
    """An element for programs: `host out db1`."""
    return f"{element.kind} {element.name}"


def element_words(element: Element) -> str:
    """An element for people: `what db1 sends`."""
    return _WHAT[element.kind].format(element.name)


def mesh_line(mesh: MeshVerdict) -> str:
    """The line about the mesh: how much is lost where, and what else it may be."""
    if not mesh.pairs:
        return "cannot tell: nothing was measured"
    if not mesh.votes:
        return f"nothing is wrong between {len(mesh.hosts)} hosts ({mesh.pairs} pairs)"
    first = mesh.votes[0]
    lost = f"lost {share_words(mesh.share)} in " if mesh.share is not None else ""
    words = f"{lost}{_named(first)} ({first.pairs} of {mesh.pairs} pairs)"
    others = [_named(each) for each in mesh.votes[1:]]
    return words + (f"; also {'; '.join(others)}" if others else "")


def _named(vote: Vote) -> str:
    """All elements that have the same pairs, or are not excluded."""
    every = [element_words(each) for each in (*vote.elements, *vote.also)]
    more = f" or {len(every) - 3} more" if len(every) > 3 else ""
    return " or ".join(every[:3]) + more


def mesh_text(mesh: MeshVerdict, witnesses: Sequence[Witness]) -> Iterator[Table]:
    """Who was not heard, each fault, and the grid."""
    lines = [
        f"R11 vote: {100 * vote.share:.3g} % lost in {_named(vote)}, {vote.pairs} pairs"
        for vote in mesh.votes
    ]
    lines.append(f"{mesh.lossy} of {mesh.pairs} pairs lose packets; {mesh.heard} hosts were heard")
    lines += [
        f"witness {each.name}: {each.state}" + (f", {each.words}" if each.words else "")
        for each in witnesses
        if each.state != "heard"
    ]
    yield Table(tuple(lines), 0)
    if 1 < len(mesh.hosts) <= _WIDEST:
        head = ". no loss, x loss, ? not measured; a row sends, columns get in the same order"
        yield Table((head, *mesh.grid), 0 if mesh.votes else 1)
