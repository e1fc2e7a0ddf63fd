"""What check_https makes of a chain of certificates and of the TLS around it."""

from bothsides.analyse.https import needed
from bothsides.base.types import Iterator
from bothsides.check.https.limits import Limits
from bothsides.check.https.text import DAY
from bothsides.model.https import Visit
from bothsides.parse.certificate import Certificate, common_name, fingerprint, has_alternative_names
from bothsides.parse.text import to_words
from bothsides.plugin.finding import Remark, State


def certificates(visit: Visit, now: float, limits: Limits) -> Iterator[Remark]:
    """Everything about the chain that is not a figure."""
    chain = visit.last.chain
    if visit.last.url.scheme == "http":
        if _demanded(limits) or visit.accepted or visit.untried:
            words = "is asked without TLS, so there is no certificate to look at"
            yield Remark(State.UNKNOWN, f"{visit.last.url} {words}")
        return
    if limits.certificate_only:
        yield Remark(State.OK, accepted(visit, now, limits))
    path = needed(visit.last, now)
    for one in path[:1] if limits.leaf_only else path:
        yield from _share(one, now, limits)
    if chain:
        yield from _identity(chain[0], limits)
    elif _demanded(limits):
        yield Remark(State.UNKNOWN, "the TLS library shows no certificate of the server")
    yield from _oddities(visit, path, now)
    for version in visit.accepted:
        yield Remark(State.CRITICAL, f"the server still accepts TLS {version}")
    for version, why in visit.untried:
        words = f"whether TLS {version} is refused is not known: {why}"
        own = f"our own TLS library cannot speak {version}, so its refusal is not tested"
        yield Remark(State.UNKNOWN, words if why else own)


def _oddities(visit: Visit, path: tuple[Certificate, ...], now: float) -> Iterator[Remark]:
    """What is accepted, and worth to be known."""
    chain = visit.last.chain
    for one in chain:
        if one not in path and one.ends is not None and one.ends < now:
            words = f"the server also sends {one.name}, expired {to_words(now - one.ends)} ago"
            yield Remark(State.OK, f"{words}; the verified path does not need it")
    if chain and chain[0].pem and not has_alternative_names(chain[0]):
        words = "the certificate names its host in the common name alone: browsers refuse it"
        yield Remark(State.OK, words)
    if visit.unstapled:
        words = "the certificate says that an OCSP answer is stapled (must-staple), and none is"
        yield Remark(State.OK, words)


def _demanded(limits: Limits) -> bool:
    """Whether something is wanted that only TLS can show."""
    return limits.certificate_only or bool(
        any(limits.shares)
        or limits.issuer
        or limits.fingerprint
        or limits.longest is not None
        or limits.stapled
    )


def accepted(visit: Visit, now: float, limits: Limits) -> str:
    """The certificate in words: whose it is, and until when the chain holds."""
    chain = visit.last.chain
    if not chain:
        return "no certificate was seen"
    checked = "accepted" if limits.verified else "not verified"
    soonest = min(
        (one for one in needed(visit.last, now) if one.ends is not None),
        key=lambda one: one.ends or 0.0,
        default=None,
    )
    if soonest is None:
        return f"certificate of {chain[0].name} {checked}"
    which = "it" if soonest is chain[0] else soonest.name
    left = (soonest.ends or 0.0) - now
    when = f"expires in {to_words(left)}" if left >= 0 else f"expired {to_words(-left)} ago"
    return f"certificate of {chain[0].name} {checked}, {which} {when}"


def _share(one: Certificate, now: float, limits: Limits) -> Iterator[Remark]:
    """-C 25%: how much of its lifetime a certificate has left."""
    if one.starts is None or one.ends is None or one.ends <= one.starts:
        return
    left = (one.ends - now) / (one.ends - one.starts)
    warning, critical = limits.shares
    for limit, state in ((critical, State.CRITICAL), (warning, State.WARNING)):
        if limit is not None and left < limit:
            words = f"has {left:.0%} of its lifetime left, less than {limit:.0%}"
            yield Remark(state, f"certificate of {one.name} {words}")
            return


def _identity(leaf: Certificate, limits: Limits) -> Iterator[Remark]:
    """Issuer, fingerprint and lifetime of the server's own certificate."""
    if limits.issuer and limits.issuer not in leaf.issuer:
        words = f"{common_name(leaf.issuer)[:40]} instead of {limits.issuer[:40]}"
        yield Remark(State.CRITICAL, f"certificate issued by {words}")
    if limits.fingerprint and fingerprint(leaf) != limits.fingerprint:
        yield Remark(State.CRITICAL, f"certificate with another fingerprint: {fingerprint(leaf)}")
    lifetime = None if leaf.starts is None or leaf.ends is None else leaf.ends - leaf.starts
    if limits.longest is not None and lifetime is not None and lifetime > limits.longest + 1:
        words = f"{lifetime / DAY:.0f} days, more than {limits.longest / DAY:.0f}"
        yield Remark(State.WARNING, f"certificate valid for {words}")
