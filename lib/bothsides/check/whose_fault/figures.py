"""The performance data of check_whose_fault, for ever in this order."""

from bothsides.model.verdict import FAR_END, MONITOR, NONE, Verdict
from bothsides.plugin.finding import Figure

FIGURES = (
    Figure("loss_out", "%", "packets lost on the way out", 0, 100),
    Figure("loss_back", "%", "packets lost on the way back", 0, 100),
    Figure("side", "", "whose fault, as a number that -v explains", 0, 12),
    Figure("confidence", "%", "likelihood of the side that is named", 0, 100),
    Figure("witnesses", "", "third hosts whose evidence counted"),
)

MESH_SIDE = 12
"""The number of a side that is a part of the mesh."""

_ROLES = ("us", "isp", "exchange", "transit", "cloud", "hoster", "tunnel")


def side_number(verdict: Verdict) -> int:
    """The side as a number, for graphs.

    0 none, 1 cannot tell, 2 monitor, 3 us, 4 isp, 5 exchange, 6 transit, 7 cloud, 8 hoster,
    9 tunnel, 10 far end, 11 several, 12 a network without a role, or a part of
    the mesh.
    """
    if not verdict.side:
        return 1
    if len(verdict.side) > 1:
        return 11
    code = verdict.side[0]
    if code in (NONE, MONITOR, FAR_END):
        return {NONE: 0, MONITOR: 2, FAR_END: 10}[code]
    role = role_of(verdict, code)
    return 3 + _ROLES.index(role) if role in _ROLES else 12


def role_of(verdict: Verdict, code: str) -> str:
    """The role of a side by the owner map; "" where it is not known."""
    roles = (each.role for fault in verdict.faults for each in fault.suspects if each.code == code)
    known = dict(verdict.shown.roles) if verdict.shown else {}
    return next(roles, known.get(code, ""))


def likelihood(verdict: Verdict) -> float:
    """How likely the least likely of the named sides is, in percent."""
    if not verdict.side:
        return 0.0
    if verdict.side == (NONE,) or verdict.confidence == "certain":
        return 100.0
    every = [each for fault in verdict.faults for each in fault.suspects]
    shares = [
        max((each.share for each in every if each.code == code), default=0.0)
        for code in verdict.side
    ]
    return round(100 * min(shares), 1)
