"""A real agent for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.support import daemons

CONFIG = """
rocommunity public
createUser mon SHA-256 authpass12 AES privpass12
createUser plain SHA-256 authpass12
rouser mon priv
rouser plain auth
"""


@pytest.fixture(scope="module")
def agent() -> Iterator[daemons.Daemon]:
    with daemons.folder() as root, daemons.snmpd(CONFIG, root) as daemon:
        yield daemon
