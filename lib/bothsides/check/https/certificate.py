"""What check_https makes of a chain of certificates and of the TLS around it."""

from bothsides.base.types import Iterator
from bothsides.check.https.limits import DAY, Criteria
from bothsides.parse.certificate import Certificate, common_name, fingerprint
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Reading, Remark, State
from bothsides.probe.https.visit import Visit


def certificates(visit: Visit, now: float, criteria: Criteria) -> Iterator[Remark]:
    """Everything about the chain that is not a figure."""
    chain = visit.last.chain
    if visit.last.url.scheme == "http":
        if _demanded(criteria) or visit.accepted or visit.untried:
            yield Remark(
                State.UNKNOWN,
                f"{visit.last.url} is asked without TLS, so there is no certificate to look at",
            )
        return
    if criteria.certificate_only:
        yield Remark(State.OK, accepted(visit, now, criteria))
    counted = chain[:1] if criteria.leaf_only else chain
    for one in counted:
        yield from _share(one, now, criteria)
    if chain:
        yield from _identity(chain[0], criteria)
    elif _demanded(criteria):
        yield Remark(State.UNKNOWN, "the TLS library tells nothing of the server's certificate")
    for version in visit.accepted:
        yield Remark(State.CRITICAL, f"the server still accepts TLS {version}")
    for version, why in visit.untried:
        what = f"whether TLS {version} is refused is not known: {why}"
        own = f"our own TLS library cannot speak {version}, so its refusal is not tested"
        yield Remark(State.UNKNOWN, what if why else own)


def _demanded(criteria: Criteria) -> bool:
    """Whether something is wanted that only TLS can show."""
    return criteria.certificate_only or bool(
        any(criteria.shares)
        or criteria.issuer
        or criteria.fingerprint
        or criteria.longest is not None
        or criteria.stapled
    )


def accepted(visit: Visit, now: float, criteria: Criteria) -> str:
    """The certificate in words: whose it is, and until when the chain holds."""
    chain = visit.last.chain
    if not chain:
        return "no certificate was seen"
    checked = "accepted" if criteria.verified else "not verified"
    soonest = min(
        (one for one in chain if one.ends is not None),
        key=lambda one: one.ends or 0.0,
        default=None,
    )
    if soonest is None:
        return f"certificate of {chain[0].name} {checked}"
    which = "it" if soonest is chain[0] else soonest.name
    return f"certificate of {chain[0].name} {checked}, {which} expires in {to_words((soonest.ends or 0.0) - now)}"


def days(chain: tuple[Certificate, ...], now: float, criteria: Criteria) -> Iterator[Reading]:
    """Days left of the server's own certificate and of the whole chain."""
    reading = criteria.limits.reading
    known = [(one.ends - now, one) for one in chain if one.ends is not None]
    own = known[0] if known and known[0][1] is chain[0] else None
    yield reading("cert_days", own[0] / DAY if own else None, _expiry(own))
    first = min(known, key=lambda pair: pair[0], default=None)
    yield reading("chain_days", first[0] / DAY if first else None, _expiry(first))


def _expiry(found: tuple[float, Certificate] | None) -> str:
    if found is None:
        return ""
    left, one = found
    return f"certificate of {one.name} " + (
        f"expires in {left / DAY:.1f} days" if left >= 0 else f"expired {to_words(-left)} ago"
    )


def _share(one: Certificate, now: float, criteria: Criteria) -> Iterator[Remark]:
    """-C 25%: how much of its lifetime a certificate has left."""
    if one.starts is None or one.ends is None or one.ends <= one.starts:
        return
    left = (one.ends - now) / (one.ends - one.starts)
    warning, critical = criteria.shares
    for limit, state in ((critical, State.CRITICAL), (warning, State.WARNING)):
        if limit is not None and left < limit:
            yield Remark(
                state,
                f"certificate of {one.name} has {left:.0%} of its lifetime left, less than {limit:.0%}",
            )
            return


def _identity(leaf: Certificate, criteria: Criteria) -> Iterator[Remark]:
    if criteria.issuer and criteria.issuer not in leaf.issuer:
        yield Remark(
            State.CRITICAL,
            f"certificate issued by {common_name(leaf.issuer)[:40]} instead of {criteria.issuer[:40]}",
        )
    if criteria.fingerprint and fingerprint(leaf) != criteria.fingerprint:
        yield Remark(State.CRITICAL, f"certificate with another fingerprint: {fingerprint(leaf)}")
    lifetime = None if leaf.starts is None or leaf.ends is None else leaf.ends - leaf.starts
    if criteria.longest is not None and lifetime is not None and lifetime > criteria.longest + 1:
        longest = criteria.longest / DAY
        yield Remark(
            State.WARNING,
            f"certificate valid for {lifetime / DAY:.0f} days, more than {longest:.0f}",
        )
