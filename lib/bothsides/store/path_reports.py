"""Each run as a text report for a provider, one file a run; removes old files of its own."""

import os
import re
import socket

from bothsides.base.errors import Unable
from bothsides.base.write import replace_file
from bothsides.parse.mtr.report import to_report
from bothsides.parse.time_window import to_instant
from bothsides.store.path_runs import StoredRun, to_trace

_FLAT = re.compile(
    r".+__[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}(?:-[0-9]{2}Z)?"
    r"__[0-9a-f-]+_to_[0-9a-f-]+\.txt"
)
_TREE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}(?:-[0-9]{2}Z)?")
_ENDS = re.compile(r"[0-9a-f-]+_to_[0-9a-f-]+\.txt")


def name_of(run: StoredRun, name: str, tree: bool) -> str:
    """`NAME__2019-01-10-16-15-00Z__192-0-2-2_to_198-51-100-10.txt`; a tree has slashes for `__`."""
    when = to_instant(run.at).replace(" ", "-").replace(":", "-")
    ends = f"{_dashed(run.source)}_to_{_dashed(run.target)}.txt"
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", name).lstrip(".") or "path"
    return os.path.join(plain, when, ends) if tree else f"{plain}__{when}__{ends}"


def report_of(run: StoredRun) -> str:
    """The run as mtr's text report."""
    started = to_instant(run.at).replace(" ", "T").replace("Z", "+0000")
    return to_report(to_trace(run), started, socket.gethostname() or run.source)


def keep(folder: str, run: StoredRun, name: str, tree: bool, age: float | None) -> None:
    """Writes the run's file; with `age` in seconds, removes older files of ours."""
    path = os.path.join(folder, name_of(run, name, tree))
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        replace_file(path, report_of(run).encode("ascii", "replace"), 0o666)  # less the umask
        if age is not None:
            _clean(folder, run.at - age)
    except OSError as fault:
        raise Unable(f"cannot archive to {folder}: {fault.strerror}") from None


def _clean(folder: str, before: float) -> None:
    """Removes old files with names of ours, and folders of ours that are empty then."""
    for root, folders, files in os.walk(folder, topdown=False):
        deep = os.path.relpath(root, folder).count(os.sep)
        for name in files:
            ours = _FLAT.fullmatch(name) or (
                deep == 1 and _TREE.fullmatch(os.path.basename(root)) and _ENDS.fullmatch(name)
            )
            path = os.path.join(root, name)
            if ours and os.lstat(path).st_mtime < before:
                os.unlink(path)
        if (
            deep == 1
            and _TREE.fullmatch(os.path.basename(root))
            and not os.listdir(root)
            and not folders
        ):
            os.rmdir(root)


def _dashed(address: str) -> str:
    return re.sub(r"[.:%]", "-", address.lower()).strip("-") or "unknown"
