"""What a stand-in leaves behind: nothing."""

import collections
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from bothsides.base.partial_import import namedtuple, standing_in
from tests.support import farends
from tests.support.process import HOUSE


def test_an_import_within_gives_the_stand_in_and_one_afterwards_the_real_thing() -> None:
    sys.modules.pop("this_is_nowhere", None)
    with standing_in("this_is_nowhere", answer=42):
        import this_is_nowhere  # type: ignore[import-not-found]

        assert this_is_nowhere.answer == 42
    assert "this_is_nowhere" not in sys.modules


def test_a_module_can_stand_in_for_another() -> None:
    other = types.ModuleType("other")
    with standing_in("this_is_nowhere", other):
        assert sys.modules["this_is_nowhere"] is other
    assert "this_is_nowhere" not in sys.modules


def test_what_is_loaded_already_stays_as_it_is() -> None:
    import json

    with standing_in("json", dumps=None):
        assert sys.modules["json"] is json
    assert sys.modules["json"] is json
    assert json.dumps([]) == "[]"


def test_the_stand_in_goes_also_when_the_import_fails() -> None:
    try:
        with standing_in("this_is_nowhere"):
            raise ImportError("no")
    except ImportError:
        pass
    assert "this_is_nowhere" not in sys.modules


def _said(code: str) -> str:
    """What a Python of its own prints, with our code on its path."""
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(HOUSE / 'lib')!r}); {code}",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_pycurl_and_datetime_work_as_ever_after_the_slim_import() -> None:
    code = (
        "from bothsides.base.curl import library; curl = library(); assert library() is curl;"
        "assert 'asyncio' not in sys.modules and 'datetime' not in sys.modules;"
        "import datetime, pycurl; assert pycurl.Curl is curl.Curl;"
        " datetime.datetime.strptime('2026', '%Y');"
        "print(datetime.date(2026, 11, 21), curl.Curl().getinfo(curl.TOTAL_TIME))"
    )
    assert _said(code) == "2026-11-21 0.0"


def test_a_package_without_its_own_init_has_its_modules_and_leaves_the_whole_one_for_others() -> (
    None
):
    code = (
        "from bothsides.base.partial_import import package, standing_in; bare ="
        " package('json'); assert bare is not None;"
        "manager = standing_in('json', bare); manager.__enter__(); from json import scanner;"
        " manager.__exit__(None, None, None);"
        "assert 'json' not in sys.modules; import json; from json import scanner as again;"
        " assert again is scanner;"
        "print(json.loads('[1]'), package('re'), package('this_is_nowhere'), package('bisect'))"
    )
    assert _said(code).startswith("[1] <module 're'>")
    assert _said(code).endswith("None None")


def test_nagiosplugin_is_whole_for_whoever_imports_it_after_us() -> None:
    code = (
        "from bothsides.plugin.output import Style, render; from bothsides.plugin.finding import *;"
        "print(render('X', '', [Remark(State.WARNING, 'w')], (), Style()).code, end=' ');"
        "assert 'logging' not in sys.modules; import nagiosplugin; print(nagiosplugin.Range('1:2'))"
    )
    assert _said(code) == "1 1:2"


def test_the_command_line_speaks_one_language_whoever_loaded_argparse() -> None:
    code = (
        "from bothsides.plugin.parser import Parser; print(Parser('p', 's',"
        " 'e').argparse().format_usage().strip())"
    )
    for before in ("", "import argparse, gettext; argparse._ = lambda text: 'fremd'; "):
        assert _said(before + code) == "usage: p"


def test_check_https_loads_nothing_that_a_healthy_run_does_not_use() -> None:
    """Each of these costs every run 0.3 to 12 ms of CPU.

    The cost beside check_curl stands in tests/bench.
    """
    code = (
        "before = set(sys.modules); import bothsides.check.https.check;"
        "from bothsides.base.curl import library; library(); print(*set(sys.modules) - before)"
    )
    needless = {
        "socket",
        "selectors",
        "datetime",
        "gettext",
        "json",
        "logging",
        "asyncio",
        "ipaddress",
        "dataclasses",
    }
    needless |= {"signal", "math"}
    needless |= {
        f"bothsides.check.https.{part}" for part in ("memory", "legacy_perfdata", "picture", "many")
    }
    needless |= {"bothsides.probe.https.failure", "bothsides.probe.https.proxy", "importlib.util"}
    needless |= {"bothsides.store.sqlite", "bothsides.analyse.statistics"}
    loaded = set(_said(code).split())
    assert "bothsides.check.https.judge" in loaded
    assert loaded & needless == set()


def test_a_named_tuple_for_libraries_is_that_of_collections() -> None:
    for fields in ("code text", "code, text", ["code", "text"]):
        ours: Any = namedtuple("Pair", fields)
        theirs: Any = vars(collections)["namedtuple"]("Pair", fields)
        assert ours.__name__ == theirs.__name__ == "Pair"
        assert ours(1, text=2) == theirs(1, text=2)
        assert (ours(1, 2).code, ours._fields) == (1, theirs._fields)
        with pytest.raises(TypeError):
            ours(1)


def test_a_healthy_run_over_udp_loads_neither_re_nor_enum(tmp_path: Path) -> None:
    """The two, with what they bring along, are a fourth of what a run costs above bare Python."""
    with farends.reflector(tmp_path) as reflector:
        command = [sys.executable, "-X", "importtime", str(HOUSE / "plugins/check_udp_loss")]
        target = ["-H", "127.0.0.1", "-p", str(reflector.port), "-n", "2"]
        done = subprocess.run([*command, *target], capture_output=True, text=True, check=False)
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert not names & {"re", "enum", "functools", "collections", "operator", "encodings.ascii"}
