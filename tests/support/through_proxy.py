"""check_https through a proxy, under any Python, with its login in the environment."""

import os
import subprocess

from bothsides.parse.perfdata import from_perfdata
from tests.support.back_ends import START
from tests.support.lab import Lab
from tests.support.process import HOUSE

WORD = "s3cretw0rd"


LOGIN = f"monitor:{WORD}"


def ask(made: Lab, python: str, proxy: str, *arguments: str) -> tuple[int, str]:
    """Exit code and whole output, which has no secret in it."""
    command = [
        python,
        "-c",
        START,
        str(HOUSE / "lib"),
        "-t",
        "4",
        "--ca-cert",
        made.bundle,
        "-x",
        proxy,
        *arguments,
    ]
    environment = {"PATH": os.environ["PATH"], "LOGIN": LOGIN}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert done.stderr == ""
    assert WORD not in done.stdout
    return done.returncode, done.stdout


def phases(text: str) -> dict[str, float]:
    figures = from_perfdata(text.partition("\n")[0].partition("|")[2])
    return {figure.label: figure.value or 0.0 for figure in figures}
