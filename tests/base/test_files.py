"""Files that a command line names: what they hold, or in one line why not."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bothsides.base import files
from bothsides.base.errors import Unable
from bothsides.parse import Unreadable
from bothsides.parse.stamp_keys import Key, from_keys
from bothsides.parse.text import from_host


def written(folder: Path, content: str | bytes, mode: int = 0o644) -> str:
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return str(path)


def test_a_list_has_its_items_between_white_space_and_its_comments_behind_a_hash(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path, "# all of them\n\na.example  b.example # the old one\r\n\t192.0.2.1\n#c.example\n"
    )
    assert files.listed(path, from_host) == ("a.example", "b.example", "192.0.2.1")


def test_a_hash_within_an_item_belongs_to_it(tmp_path: Path) -> None:
    assert files.listed(written(tmp_path, "https://x.example/#top\n"), str) == (
        "https://x.example/#top",
    )


def test_a_mark_that_an_editor_put_first_is_no_part_of_the_list(tmp_path: Path) -> None:
    assert files.listed(written(tmp_path, b"\xef\xbb\xbfa.example\r\n"), from_host) == (
        "a.example",
    )


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing but words\n"])
def test_a_list_of_nothing_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(Unable, match="file lists nothing"):
        files.listed(written(tmp_path, content), str)


def test_what_is_wrong_in_a_file_is_said_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Unable, match=r"file: '-x' is not a host name"):
        files.listed(written(tmp_path, "a.example\n-x\n"), from_host)
    with pytest.raises(Unable, match=r"file: line 1"):
        files.private(written(tmp_path, "0 longenough", 0o600), from_keys)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nonexistent", "cannot read /nonexistent: No such file or directory"),
        ("/", "cannot read /: Is a directory"),
        ("a\0b", "embedded null byte"),
        ("/dev/zero", "cannot read /dev/zero: it has more than 64 MiB"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(path: str, said: str) -> None:
    with pytest.raises(Unable) as caught:
        files.octets(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_secret_is_read_only_where_not_everybody_may_use_it(tmp_path: Path) -> None:
    for mode in (0o600, 0o640, 0o660):
        assert str(files.secret(written(tmp_path, "pass word\r\nmore\n", mode))) == "pass word"
        assert files.private(written(tmp_path, "5 a long phrase\n", mode), from_keys) == (
            Key(5, b"a long phrase"),
        )
    for mode in (0o644, 0o602, 0o601, 0o666):
        with pytest.raises(Unable, match="open to everybody; run chmod o= "):
            files.secret(written(tmp_path, "pass word\n", mode))


def test_a_refusal_never_repeats_the_secret(tmp_path: Path) -> None:
    path = written(tmp_path, "5 short secret\n", 0o644)
    with pytest.raises(Unable) as caught:
        files.private(path, from_keys)
    assert "secret\n" not in str(caught.value)
    assert "short" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_octets_are_a_list_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("any"), data)
    try:
        found = files.listed(path, from_host)
    except Unable as fault:
        assert str(fault).startswith(path)
    else:
        assert found


def test_a_parsers_own_words_are_kept(tmp_path: Path) -> None:
    def refuse(text: str) -> str:
        raise Unreadable(f"{len(text)} characters too many")

    with pytest.raises(Unable, match="file: 3 characters too many"):
        files.parsed(written(tmp_path, "abc"), refuse)


def test_a_secret_comes_from_the_command_line_a_file_or_the_environment_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "of the environment")
    path = written(tmp_path, "of the file\nsecond line\n", 0o640)
    assert files.secret_from("given", path, "A_SECRET") == "given"
    assert files.secret_from("", path, "A_SECRET") == ""
    assert files.secret_from(None, path, "A_SECRET") == "of the file"
    assert files.secret_from(None, None, "A_SECRET") == "of the environment"
    assert files.secret_from(None, "", "NO_SUCH_SECRET") is None
    assert files.secret_from() is None


def test_every_secret_is_of_the_type_that_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "x")
    path = written(tmp_path, "x\n", 0o600)
    for secret in (
        files.secret_from("x"),
        files.secret_from(None, path),
        files.secret_from(variable="A_SECRET"),
    ):
        assert repr(secret) == "Secret(...)"


def test_a_secret_in_a_file_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "x\n", 0o644)
    with pytest.raises(Unable, match=f"run chmod o= {path}"):
        files.secret_from(None, path, "HOME")


def test_a_pipe_is_read_to_its_end_and_waited_for_no_longer_than_asked(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("one\ntwo\n",))
    writer.start()
    assert files.arriving(str(pipe), 10) == b"one\ntwo\n"
    writer.join()
    words = r"cannot read .*pipe: nothing came for 0.05 s"
    with pytest.raises(Unable, match=words):  # nobody has it open
        files.arriving(str(pipe), 0.05)
    silent = os.open(pipe, os.O_RDWR)
    with pytest.raises(Unable, match=words):
        files.arriving(str(pipe), 0.05)
    os.close(silent)


def test_a_named_pipe_is_refused_and_one_of_the_shell_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Unable, match=r"cannot read .*pipe: a named pipe, which would be waited"):
        files.octets(str(pipe))
    reader, writer = os.pipe()
    os.write(writer, b"x")
    os.close(writer)
    assert files.octets(f"/dev/fd/{reader}") == b"x"
    os.close(reader)


def test_what_arrives_may_be_a_file_and_has_an_end(tmp_path: Path) -> None:
    assert files.arriving(written(tmp_path, "x\n", 0o600), 1) == b"x\n"
    for path, why in ((tmp_path, "Is a directory"), ("a\0b", "null byte"), ("/dev/zero", "MiB")):
        with pytest.raises(Unable, match=why):
            files.arriving(str(path), 1)
