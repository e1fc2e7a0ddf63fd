"""The image of nrpe/recipes/Containerfile, built from a Debian made here and run in a chroot.

No registry is asked: what the file calls debian:12-slim is made by mmdebstrap under that name.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import daemons, farends, need
from tests.support.process import HOUSE

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

BASE = "debian:12-slim"


class Builder:
    """buildah with a store of its own."""

    def __init__(self, root: Path) -> None:
        program = need.program("buildah", "buildah")
        self._command = [program, "--root", str(root / "images"), "--runroot", str(root / "run")]

    def __call__(self, *words: str, stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        """What it prints on stdout."""
        environment = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
        done = subprocess.run(
            [*self._command, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode in codes, done.stdout[-2000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module")
def image() -> Iterator[tuple[Builder, str]]:
    """A container of the image."""
    need.root()
    packages = sorted((HOUSE / "build").glob("bothsides_*.deb"))
    if not packages:
        need.missing("no package of ours: make deb")
    mmdebstrap = need.program("mmdebstrap", "mmdebstrap")
    with daemons.folder() as root:
        builder = Builder(root)
        stock = root / "debian.tar"
        words = [mmdebstrap, "--quiet", "--variant=minbase", "bookworm", str(stock)]
        subprocess.run(words, check=True, capture_output=True)
        empty = builder("from", "scratch").strip()
        builder("add", empty, str(stock), "/")
        builder("commit", "--rm", empty, BASE)
        for part in ("build", "nrpe/recipes"):
            (root / "context" / part).mkdir(parents=True)
        shutil.copy(packages[-1], root / "context" / "build")
        shutil.copy(HOUSE / "nrpe/recipes/Containerfile", root / "context" / "nrpe/recipes")
        file = str(root / "context/nrpe/recipes/Containerfile")
        network = ["--pull=never", "--network", "host"]
        builder("bud", *network, "-t", "bothsides", "-f", file, str(root / "context"))
        try:
            yield builder, builder("from", "--pull=never", "localhost/bothsides").strip()
        finally:
            builder("rm", "--all")
            builder("rmi", "--all", "--force")


def test_a_check_and_a_batch_run_in_the_image_as_nobody(image: tuple[Builder, str]) -> None:
    builder, container = image
    with daemons.folder() as root, farends.reflector(root) as reflector:
        check = f"check_udp_loss -H 127.0.0.1 -p {reflector.port} -n 3"
        run = ("run", "--network", "host", container, "--")
        assert builder(*run, *check.split()).startswith("UDP_LOSS OK - 127.0.0.1: lost 0/3")
        batch = f"id -un; echo 'h!s {check}' | bothsides batch - --submit - 2>&1"
        lines = builder(*run, "sh", "-c", batch).splitlines()
    assert lines[0] == "nobody"
    assert any(line.startswith("BATCH OK - 1 of 1 results delivered") for line in lines)
    assert any('"host": "h", "service": "s", "code": 0' in line for line in lines)


def test_the_image_says_what_it_is_for(image: tuple[Builder, str]) -> None:
    builder, container = image
    assert builder("run", container, "--", "bothsides", "--help").startswith("usage: bothsides")
    assert "mtr" in builder("run", container, "--", "sh", "-c", "command -v mtr mtr-packet")
