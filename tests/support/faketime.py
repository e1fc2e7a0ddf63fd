"""What libfaketime leaves in /dev/shm, taken away before it hurts.

Every process under faketime makes a semaphore that is named after its number. One that is killed,
or that leaves by os._exit as the checks do, leaves it behind, and the next process with that number
cannot start: "sem_open: File exists".
"""

import os
from pathlib import Path


def sweep() -> None:
    """Removes what belongs to processes that are gone."""
    for left in Path("/dev/shm").glob("*faketime_*_*"):
        number = left.name.rpartition("_")[2]
        if number.isdecimal() and not os.path.exists(f"/proc/{number}"):
            left.unlink(missing_ok=True)
