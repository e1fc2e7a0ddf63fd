"""pycurl's C half, loaded without what its package brings along."""

import os
import sys

from bothsides.base.errors import Unable
from bothsides.base.partial_import import namedtuple, package, standing_in
from bothsides.base.types import Any, Callable


class Exhausted(Unable):
    """This host lacks memory or descriptors."""


Curl = Any  # pycurl's module: it has no types
Handle = Any  # a pycurl.Curl or pycurl.CurlMulti: they have no types


def library() -> Curl:
    """pycurl's C half, without what else its import brings along and nothing here uses.

    Since 7.47 pycurl is a package whose __init__ imports asyncio: 12 ms of CPU, and 0.8 ms without.
    The C half imports datetime for what is read from a store of HSTS, which is never used here:
    another 1.0 ms, and collections for one named tuple: 1.3 ms. The libraries that come with it are
    bound function by function, as each is called: at once that is another 1.2 ms.
    """
    for name in ("pycurl._pycurl", "pycurl"):
        if name in sys.modules:
            return sys.modules[name]
    with standing_in("collections", namedtuple=namedtuple):
        try:
            zones = type(sys)("timezone")
            vars(zones).update(utc=None)
            with standing_in("datetime", datetime=object, timezone=zones):
                return _imported()
        except (AttributeError, ImportError):  # another pycurl, which uses more of it
            import _datetime  # type: ignore[import-not-found]

            with standing_in("datetime", _datetime):
                return _imported()


def begun(make: Callable[[], Handle]) -> Handle:
    """A new handle of libcurl. Raises Exhausted where this host lacks what it takes."""
    try:
        return make()
    except library().error:
        raise Exhausted("out of memory or descriptors here: libcurl cannot begin") from None


def _imported() -> Curl:
    bare = package("pycurl")
    if bare is None:
        import pycurl

        return pycurl
    flags = sys.getdlopenflags()
    sys.setdlopenflags(os.RTLD_LAZY)
    try:
        with standing_in("pycurl", bare):
            from pycurl import _pycurl
    finally:
        sys.setdlopenflags(flags)
    return _pycurl
