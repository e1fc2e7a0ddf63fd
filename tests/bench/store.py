"""The system's store of trusted certificates with one more in it, for this process and its children
alone.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import need

_STORE = Path("/etc/ssl/certs")
_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE")
_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS of unshare(2)


@contextmanager
def extended(authority: Path, folder: Path) -> Iterator[None]:
    """Puts an authority into the bundle and the hashed folder, as update-ca-certificates would."""
    need.root()
    made = folder / "certs"
    shutil.copytree(_STORE, made, symlinks=False)
    shutil.copy(authority, made / "lab.pem")
    with open(made / "ca-certificates.crt", "ab") as bundle:
        bundle.write(authority.read_bytes())
    subprocess.run(
        [need.program("openssl", "openssl"), "rehash", str(made)], capture_output=True, check=False
    )
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "--bind", str(made), str(_STORE)], check=True)
    kept = {name: os.environ.pop(name) for name in _NAMES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
        subprocess.run(["umount", str(_STORE)], check=False)
