"""The evidence of the last run, and of the last one that was well."""

from pathlib import Path

from bothsides.store.looks import StoredLook, keep_look, looks
from bothsides.store.sqlite import opened


def test_the_last_run_counts_and_the_last_one_that_was_well_stays_beside_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    one = StoredLook("udp", "web", "192.0.2.7", {"at": 1})
    with opened(str(tmp_path)) as history:
        keep_look(history, one, well=False)
        assert list(looks(history)) == [one]
        keep_look(history, one._replace(now={"at": 2}), well=True)
        keep_look(history, one._replace(now={"at": 3}), well=False)
        keep_look(history, one._replace(host="other", now={"at": 9}), well=True, more="863")
        assert list(looks(history)) == [
            one._replace(now={"at": 3}, well={"at": 2}),
            one._replace(host="other", now={"at": 9}, well={"at": 9}),
        ]


def test_what_is_not_ours_is_left_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with opened(str(tmp_path)) as history:
        for number, body in enumerate(({}, {"host": 1}, {"host": "a", "address": "", "now": []})):
            history.change(f"look path {number}", lambda _, body=body: body)  # type: ignore[misc]
        history.change("looking for 192.0.2.1", lambda _: {"host": "a", "address": "", "now": {}})
        assert list(looks(history)) == []
