"""The conclusion of a rule: faults, the step of reasoning, and whom the evidence excludes."""

from bothsides.base.types import Iterable, Mapping, NamedTuple, Sequence
from bothsides.incident.case import Case
from bothsides.incident.joint import Joint
from bothsides.incident.places import Link
from bothsides.incident.routers import UNSEEN
from bothsides.model.verdict import Confidence, Fault, Place, Step, Suspect

LEAST = 0.45  # likelihood below which nobody is named
_COVERED = 0.99  # of the likelihood: a side beyond that is excluded
_STRANGE = 0.03  # likelihood of networks that nobody knows from which a side must be far ahead
_AHEAD = 4.0  # how far: by this factor before these networks
_MARGIN = 1.03  # by which the likeliest side leads the next one


class Conclusion(NamedTuple):
    """What one rule concludes from the evidence."""

    faults: tuple[Fault, ...] = ()
    steps: tuple[Step, ...] = ()
    acquitted: tuple[tuple[str, str], ...] = ()  # sides, and by what
    settle: tuple[str, ...] = ()  # what would settle it


NOTHING = Conclusion()


def together(parts: Iterable[Conclusion]) -> Conclusion:
    """The results of several rules as one."""
    known = list(parts)
    return Conclusion(
        tuple(fault for part in known for fault in part.faults),
        tuple(step for part in known for step in part.steps),
        tuple(dict.fromkeys(pair for part in known for pair in part.acquitted)),
        tuple(dict.fromkeys(words for part in known for words in part.settle)),
    )


def suspects_of(case: Case, shares: Sequence[tuple[str, float]]) -> tuple[Suspect, ...]:
    """Sides with their parts of the likelihood, the likeliest first."""
    ranked = sorted(shares, key=lambda item: -item[1])
    return tuple(Suspect(code, case.role(code), round(share, 4)) for code, share in ranked)


def covered(case: Case, weights: Mapping[str, float]) -> tuple[Suspect, ...]:
    """The sides that together have 99 % of the likelihood."""
    total = sum(weights.values())
    kept: list[tuple[str, float]] = []
    known = 0.0
    for side, weight in sorted(weights.items(), key=lambda item: -item[1]):
        if known >= _COVERED:
            break
        kept.append((side, weight / total))
        known += weight / total
    return suspects_of(case, kept)


def from_joint(case: Case, joint: Joint) -> tuple[Suspect, ...]:
    """The suspects of a joint judgement."""
    return suspects_of(case, [(side, joint.share(side)) for side in joint.suspects])


def confidence_of(suspects: Sequence[Suspect], settled: bool = False) -> Confidence:
    """How sure the first of the suspects is; settled: it was said by the side itself."""
    known = [suspect for suspect in suspects if suspect.code != UNSEEN]
    if not known or suspects[0].code == UNSEEN or suspects[0].role == "tunnel":
        return "none"
    strange = sum(suspect.share for suspect in suspects if suspect.code == UNSEEN)
    if strange >= _STRANGE and suspects[0].share < _AHEAD * strange:
        return "none"
    if len(suspects) == 1:
        return "certain" if settled else "likely"
    first, second = suspects[0].share, suspects[1].share
    return "open" if first >= LEAST and first >= _MARGIN * second else "none"


def placed(view: str, links: Sequence[tuple[Link, float]]) -> tuple[Place, ...]:
    """The likeliest links for the report."""
    return tuple(
        Place(view, "/".join(sorted(link.after)), "/".join(sorted(link.before)), link.hop)
        for link, share in links[:3]
        if share >= 0.05
    )


def words_of(code: str) -> str:
    """A side in words."""
    return "an unknown network" if code == UNSEEN else code


def named(codes: Iterable[str]) -> str:
    """Sides in words."""
    listed = [words_of(code) for code in codes]
    if len(listed) < 2:
        return "".join(listed)
    return ", ".join(listed[:-1]) + " or " + listed[-1]
