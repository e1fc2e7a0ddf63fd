"""lib/README.md: the check that it builds passes the contract, and its examples run."""

import compileall
import importlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.process import HOUSE

GUIDE = (HOUSE / "lib/README.md").read_text()
BIN = Path(sys.executable).parent
_FILE = re.compile(r"^`([\w/.]+)`:\n\n```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMANDS = re.compile(r"^(`{3,})sh\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
_RESOLVER = "192.0.2.53"  # the page's
# Without the plugins that these tests do not use: they cost each of many starts 0.2 s of CPU.
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
_BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p pytest_timeout"}

pytestmark = pytest.mark.skipif(
    "BOTHSIDES_PLUGINS" in os.environ, reason="this is the copy that the guide has built"
)


@pytest.fixture(scope="module")
def resolver() -> Iterator[int]:
    """The port of a resolver on this host that knows one address of every name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(0.1)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    query, peer = opened.recvfrom(512)
                except TimeoutError:
                    continue
                head = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
                record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\xc0\0\2\1"
                opened.sendto(head + query[12:] + record, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield opened.getsockname()[1]
        ended.set()
        thread.join()


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, resolver: int) -> Path:
    """A copy of the checkout in which somebody has done what the page says."""
    copy = tmp_path_factory.mktemp("guide") / "house"
    left_out = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist")
    shutil.copytree(HOUSE, copy, ignore=left_out)
    for name, text in _FILE.findall(GUIDE):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text)
    compileall.compile_dir(copy / "lib", quiet=1)  # or each of the many runs compiles it anew
    for _, commands in _COMMANDS.findall(GUIDE):
        commands = commands.replace(f"-H {_RESOLVER} --", f"-H 127.0.0.1 -p {resolver} --")
        outcome(copy, "sh", "-c", commands.replace(".venv/bin/", f"{BIN}/"))
    return copy


def done(copy: Path, *command: str) -> None:
    """Runs a command in the copy, which must succeed."""
    code, text = outcome(copy, *command)
    assert code == 0, text


def outcome(
    copy: Path, *command: str, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """Exit code and output of a command in the copy, with the programs beside this Python."""
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"} | _BARE
    ended = subprocess.run(
        command,
        cwd=copy,
        env=os.environ | path | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )
    return ended.returncode, ended.stdout


def tried(copy: Path, *arguments: str) -> tuple[int, str]:
    """Runs tests of the copy on check_dns alone."""
    alone = copy / "alone"
    if not alone.exists():
        alone.mkdir()
    if (copy / "plugins/check_dns").exists():
        shutil.copy(copy / "plugins/check_dns", alone)
    return outcome(copy, *_PYTEST, *arguments, environment={"BOTHSIDES_PLUGINS": str(alone)})


_EXAMPLES = re.findall(
    r"^```python\n(.*?)^```$", GUIDE.partition("## Use as a library")[2], re.DOTALL | re.MULTILINE
)


def test_the_examples_print_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the page: a later one may use what an earlier one has made."""
    assert len(_EXAMPLES) == 5
    names: dict[str, object] = {}
    for example in _EXAMPLES:
        exec(compile(example, "lib/README.md", "exec"), names)  # noqa: S102
        expected = re.findall(r"^# > (.*)$", example, re.MULTILINE)
        assert expected
        assert capsys.readouterr().out.splitlines() == expected


def test_every_public_name_of_the_page_exists() -> None:
    rows = re.findall(r"^\| `(bothsides[\w.*]*)` \| (.*?) \|", GUIDE, re.MULTILINE)
    assert len(rows) > 8
    for module, names in rows:
        places = _modules(module)
        assert places, module
        for name in re.findall(r"`(\w+)`", names):
            for place in places:
                assert hasattr(importlib.import_module(place), name), f"{place} has no {name}"


def _modules(pattern: str) -> list[str]:
    """The modules of a name in which a star stands for a subject."""
    if pattern == "bothsides.model.*":  # those of the checks: subjects share further ones
        checks = (
            importlib.import_module(name).CHECK for name in _modules("bothsides.check.*.check")
        )
        return [check.plan_type.__module__ for check in checks]
    found = (HOUSE / "lib").glob(pattern.replace(".", "/") + ".py")
    return [".".join(path.relative_to(HOUSE / "lib").with_suffix("").parts) for path in found] or [
        pattern
    ]


def test_the_page_has_a_complete_check() -> None:
    names = [name for name, _ in _FILE.findall(GUIDE)]
    assert len([name for name in names if name.startswith("lib/")]) == 6
    assert len([name for name in names if name.startswith("tests/")]) == 3
    assert len(_COMMANDS.findall(GUIDE)) == 3


def test_the_check_runs(followed: Path, resolver: int) -> None:
    code, text = outcome(
        followed,
        "plugins/check_dns",
        "-H",
        "127.0.0.1",
        "-p",
        str(resolver),
        "-w",
        "5s",
        "-c",
        "6s",
    )
    assert (code, text.partition(" in ")[0]) == (0, "DNS OK - 127.0.0.1: the root")
    assert text.count("|") == 1


@pytest.mark.timeout(600)
def test_the_check_keeps_the_whole_contract(followed: Path) -> None:
    code, text = tried(followed, "tests/contract")
    assert code == 0, text[-6000:]
    # it has no long output, and no far end of ours answers it with an OK
    assert re.search(r"\d\d passed, 2 skipped", text), text[-3000:]


def test_the_tests_of_the_page_pass(followed: Path) -> None:
    own = ["tests/probe/test_dns.py", "tests/check/dns"]
    rooms = ["tests/test_layers.py", "tests/test_size.py", "tests/test_mirror.py"]
    rooms += ["-k", "dns or probe or model"]
    for arguments in (own, rooms):
        code, text = tried(followed, *arguments)
        assert code == 0, text[-3000:]


@pytest.mark.parametrize(
    "left_out", ["pip_has_installed", pytest.param("nothing", marks=pytest.mark.soak)]
)
def test_packaging_and_readme_accept_the_check(followed: Path, left_out: str) -> None:
    code, text = outcome(
        followed,
        *_PYTEST,
        *("tests/test_packaging.py", "tests/test_readme.py", "tests/test_mirror.py", "-k"),
        f"(check_dns and not pythonpath and not {left_out}) or named_in_setup or has_its_script"
        " or every_output or what_the_checks_print or (mirror and dns)",
    )
    assert code == 0, text[-3000:]


def test_the_files_of_the_page_pass_lint_and_types(followed: Path) -> None:
    names = [name for name, _ in _FILE.findall(GUIDE)] + ["plugins/check_dns"]
    done(followed, "ruff", "check", "--no-cache", *names)
    done(followed, "ruff", "format", "--no-cache", "--check", *names)
    done(followed, sys.executable, "-m", "mypy", "--cache-dir", str(followed / "cache"), *names)


@pytest.mark.parametrize(
    ("forgotten", "where", "words"),
    [
        ("lib/bothsides/model/dns.py", "test_packaging.py", "No module named bothsides.model.dns"),
        ("lib/bothsides/probe/dns.py", "test_packaging.py", "No module named bothsides.probe.dns"),
        ("lib/bothsides/check/dns/check.py", "test_packaging.py", "plugins/check_dns"),
        (
            "lib/bothsides/check/dns/__init__.py",
            "test_packaging.py",
            "lib/bothsides/check/dns/__init__.py is missing",
        ),
        ("plugins/check_dns", "test_packaging.py", "plugins/check_dns is missing"),
        ("setup.cfg", "test_packaging.py", "setup.cfg, \\[options\\] scripts"),
        ("tests/probe/test_dns.py", "test_mirror.py", "write tests/probe/test_dns.py"),
        (
            "tests/check/dns/test_options.py",
            "test_mirror.py",
            "write tests/check/dns/test_options.py",
        ),
        ("tests/check/dns/test_judge.py", "test_mirror.py", "write tests/check/dns/test_judge.py"),
        (
            "tests/data/records/check_dns-answered.json",
            "contract/test_output.py",
            "tests/data/records/check_dns-SITUATION.json is missing",
        ),
        (
            "tests/data/records/check_dns-answered.txt",
            "contract/test_output.py",
            "tests/data/records/check_dns-answered.txt is missing",
        ),
        ("tests/data/perfdata.json", "contract/test_output.py", "tests/data/perfdata.json has no"),
        ("README.md", "test_readme.py", "README.md: add a row to the table of the checks"),
    ],
)
def test_a_forgotten_place_is_named_by_a_failing_test(
    followed: Path, forgotten: str, where: str, words: str
) -> None:
    place, original = followed / forgotten, HOUSE / forgotten
    kept = place.read_bytes()
    mode = place.stat().st_mode
    if original.exists():
        shutil.copy(original, place)
    else:
        place.unlink()
    try:
        chosen = (
            "dns and (brings_a_recorded_run or pinned or runs_in_place or mirror)"
            " or named_in_setup or has_its_script or names_every_check or is_a_package"
        )
        code, text = outcome(followed, *_PYTEST, f"tests/{where}", "-k", chosen)
        assert code == 1, text[-2000:]
        assert re.search(words, text), text[-3000:]
    finally:
        place.write_bytes(kept)
        place.chmod(mode)
