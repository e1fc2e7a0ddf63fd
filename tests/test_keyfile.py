"""A key file that others can read is refused."""

from pathlib import Path

import pytest

from bothsides import keyfile
from bothsides.parse import Unreadable
from bothsides.parse.keys import Key


def test_only_a_file_that_nobody_else_can_read_is_read(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("5 a long phrase\n")
    path.chmod(0o600)
    assert keyfile.read(str(path)) == (Key(5, b"a long phrase"),)
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(Unreadable, match="chmod 600"):
            keyfile.read(str(path))


def test_what_is_wrong_with_the_file_is_said_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    with pytest.raises(Unreadable, match=r"cannot read the key file .*No such file"):
        keyfile.read(str(path))
    path.write_text("0 longenough")
    path.chmod(0o600)
    with pytest.raises(Unreadable, match=r"keys: line 1"):
        keyfile.read(str(path))
