"""A file that holds keys: read only when nobody else can read it."""

import os
import stat

from bothsides.parse import Unreadable
from bothsides.parse.keys import Key, from_keys


def read(path: str) -> tuple[Key, ...]:
    """The keys in a file of mode 0600 (group and others have no rights); Unreadable says what is wrong."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except (OSError, ValueError) as fault:
        raise Unreadable(f"cannot read the key file {path}: {getattr(fault, 'strerror', None) or fault}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unreadable(f"the key file {path} is open to others; run chmod 600 {path}")
    try:
        return from_keys(text)
    except Unreadable as fault:
        raise Unreadable(f"key file {path}: {fault}") from None
