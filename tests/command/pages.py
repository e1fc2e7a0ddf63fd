"""A manual page as man(1) shows it."""

import subprocess

from tests.support import need


def shown(roff: str) -> str:
    """The page in lines of 200 columns; fails when roff warns of a mistake."""
    man = need.program("man", "man-db")
    done = subprocess.run(
        [
            man,
            "--warnings=mac,syntax,font,missing,escape,input,number,delim,right-brace",
            "-E",
            "ascii",
            "-P",
            "cat",
            "-l",
            "-",
        ],
        input=roff,
        capture_output=True,
        text=True,
        env={"MANWIDTH": "200", "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        check=True,
    )
    assert done.stderr == ""
    return done.stdout
