"""Logins come from private files or the environment, and are shown nowhere."""

from pathlib import Path

import pytest

from bothsides.base.errors import Unable
from bothsides.export.login import from_environment, from_file, from_text, to_login
from bothsides.parse import Unreadable


def test_a_private_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "login"
    path.write_text("# for the API\nuser = sender\npassword = a=b #c\n\n")
    path.chmod(0o640)
    login = to_login(from_file(str(path)))
    assert (login.user, str(login.password)) == ("sender", "a=b #c")
    assert "a=b" not in repr(login)
    path.chmod(0o644)
    with pytest.raises(Unable, match="open to everybody"):
        from_file(str(path))


def test_a_token_is_a_header() -> None:
    assert str(to_login(from_text("token = abc")).authorization) == "Token abc"
    assert (
        str(to_login(from_text("authorization = Bearer x\ntoken = y")).authorization) == "Bearer x"
    )


def test_the_environment_is_read() -> None:
    secrets = from_environment({"BOTHSIDES_EXPORT_USER": "u", "AWS_ACCESS_KEY_ID": "AK"})
    assert (secrets.user, str(secrets.access_key)) == ("u", "AK")
    both = {"BOTHSIDES_EXPORT_ACCESS_KEY": "ours", "AWS_ACCESS_KEY_ID": "AK"}
    assert str(from_environment(both).access_key) == "ours"


def test_all_that_is_wrong_is_told_at_once_without_values() -> None:
    with pytest.raises(Unreadable) as refusal:
        from_text("user = a\nuser = hidden\npasword = hidden\nhidden\ntoken =")
    words = str(refusal.value)
    assert [f"line {number}" in words for number in (1, 2, 3, 4, 5)] == [
        False,
        True,
        True,
        True,
        True,
    ]
    assert "hidden" not in words


def test_a_value_that_would_make_a_second_header_is_refused() -> None:
    with pytest.raises(Unreadable, match="control character"):
        from_environment({"BOTHSIDES_EXPORT_TOKEN": "a\r\nX: y"})
