"""What an analysis means by limits, in words: the judges and their command lines."""

import gc

from bothsides.base.types import TYPE_CHECKING

if TYPE_CHECKING:
    from bothsides.plugin.delivery import Deliver
    from bothsides.plugin.parser import Namespace

# A script imports this room first. A run lives for seconds: searching for cycles among modules that
# are being imported costs it 2 ms of CPU, one part in twenty, and frees nothing. Of 13 collections
# 12 happen before plugin.main is imported, so that there it would be too late.
gc.set_threshold(100_000)


def deliveries(options: "Namespace") -> "Deliver | None":
    """What --export and --submit ask for; loaded by a run that has one of them."""
    if not options.export and not options.submit:
        return None
    from bothsides.check.delivery import prepared

    return prepared(options)
