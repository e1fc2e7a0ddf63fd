"""A test that lacks a component is skipped by hand, with the reason, and fails in CI."""

import os
import shutil

_SYSTEM = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/lib/nagios/plugins")


def program(name: str, package: str) -> str:
    """The absolute path of a program, or the test is skipped with the command that installs it."""
    found = shutil.which(name, path=os.pathsep.join(_SYSTEM))
    if found is None:
        missing(f"{name} is not installed: apt-get install {package}")
    return str(found)


def root() -> None:
    """Namespaces, and daemons that insist on it, need root."""
    if os.geteuid() != 0:
        missing("needs root")


def missing(reason: str) -> None:
    """Skips by hand, fails in CI, where everything must be there."""
    import pytest  # the demo starts daemons too, without the tests' packages

    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
