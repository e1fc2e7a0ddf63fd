"""Plugins as processes that are forked from one that has loaded the library: a quarter of the CPU.

For tests of what a plugin measures and says. The child runs the script from its first line, with
its own arguments, environment, folder, network namespace and outputs; what Python does before that,
and what an import costs or needs, is tested by `process.run`: in tests/contract, test_packaging and
where a limit, a signal or a variable of Python is the subject.
"""

import atexit
import ctypes
import gc
import importlib.util
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.process import HOUSE, NRPE_ENVIRONMENT, PLUGINS, Outcome, outputs
from tests.support.stopwatch import queued

_LARGEST = 1 << 17  # octets of a request
_NEW_NETWORK, _NEW_MOUNTS = 0x40000000, 0x20000  # CLONE_*, sched.h
_BIND, _SLAVE, _DETACH = 0x1000, 1 << 19 | 0x4000, 2  # MS_BIND, MS_SLAVE | MS_REC, MNT_DETACH


def run(
    name: str,
    *arguments: str,
    inside: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    timeout: float = 60,
    cwd: str = "/",
) -> Outcome:
    """As `process.run`; variables of Python's own and of the loader have no effect.

    inside: () or what Network.inside returns.
    """
    assert inside[:3] in ((), ("ip", "netns", "exec")), inside
    assert "LD_PRELOAD" not in (environment or {})
    (out, out_there), (error, error_there) = os.pipe(), os.pipe()
    request = {
        "script": str(PLUGINS / name),
        "arguments": arguments,
        "environment": dict(os.environ if environment is None else environment),
        "cwd": cwd,
        "namespace": "".join(inside[3:]),
    }
    server = _server(threading.get_ident())
    server.settimeout(timeout + 30)
    socket.send_fds(server, [json.dumps(request).encode()], [out_there, error_there])
    os.close(out_there)
    os.close(error_there)
    child = json.loads(server.recv(_LARGEST))
    began = time.monotonic()  # what the server imports first is not the plugin's time
    try:
        texts = outputs(out, error, began + timeout)
    except TimeoutError:
        os.kill(child, signal.SIGKILL)
        server.recv(_LARGEST)
        raise
    finally:
        os.close(out)
        os.close(error)
    code, waited = json.loads(server.recv(_LARGEST))
    elapsed = time.monotonic() - began
    return Outcome(texts[0].decode(), texts[1].decode(), code, elapsed, waited)


@cache
def _server(thread: int) -> socket.socket:  # which has one of its own by the cache
    """The connection to the process that forks, one for each of our threads; it ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(theirs.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        cwd=HOUSE,
        env={**NRPE_ENVIRONMENT, "PYTHONPATH": f"{HOUSE}/lib:{HOUSE}"},
    )
    theirs.close()
    atexit.register(process.wait)
    atexit.register(ours.close)  # the last one is called first
    return ours


def _serve(connection: socket.socket) -> None:
    """Forks a child for each request until the other end is closed."""
    del sys.path[:3]  # the folder that `-m` begins with, and those of PYTHONPATH
    for name in ("argparse", "difflib", "json", "sqlite3"):
        importlib.import_module(name)
    while True:
        data, descriptors, _, _ = socket.recv_fds(connection, _LARGEST, 2)
        if not data:
            return
        request = json.loads(data)
        _load(Path(request["script"]))
        gc.freeze()  # or a child that looks for garbage copies all that is loaded
        child = os.fork()
        if child == 0:
            _child(request, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        connection.send(json.dumps(child).encode())
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        waited = queued(str(child))
        _, status = os.waitpid(child, 0)
        connection.send(json.dumps((os.waitstatus_to_exitcode(status), waited)).encode())


def _load(script: Path) -> None:
    """Imports what most runs of the script import."""
    library = str(script.parents[1] / "lib")
    if library not in sys.path:
        sys.path.insert(0, library)
    subject = script.name.removeprefix("check_")
    try:
        check = importlib.import_module(f"bothsides.check.{subject}.check").CHECK
        check.libraries()
        for room in (f"bothsides.check.{subject}", f"bothsides.probe.{subject.partition('_')[0]}"):
            _load_all(room)
        if subject == "snmp_clock":
            importlib.import_module("bothsides.probe.snmp.message").prepare()
        perfdata = importlib.import_module("bothsides.plugin.perfdata")
        perfdata.exit_code(importlib.import_module("bothsides.plugin.finding").State.OK)
        importlib.import_module("bothsides.plugin.argparse_parser")
    except ImportError:  # no check of ours
        if importlib.util.find_spec(f"bothsides.command.{script.name}"):
            importlib.import_module(f"bothsides.command.{script.name}")


@cache
def _load_all(package: str) -> None:
    """Imports every module of a package, where there is such a package."""
    spec = importlib.util.find_spec(package)
    folders = (spec and spec.submodule_search_locations) or ()  # None: every folder
    for module in pkgutil.iter_modules(folders, f"{package}."):
        importlib.import_module(module.name)


def _child(request: dict[str, Any], descriptors: list[int]) -> None:
    """Becomes the plugin; does not return."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for place, descriptor in enumerate((nothing, *descriptors)):
            os.dup2(descriptor, place)
        os.closerange(3, 64)
        if request["namespace"]:
            _enter(request["namespace"])
        sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115  # as Python begins with them
        sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace")  # noqa: SIM115
        os.environ.clear()
        os.environ.update(request["environment"])
        time.tzset()
        os.chdir(request["cwd"])
        script = request["script"]
        sys.argv[:] = [script, *request["arguments"]]
        sys.path.insert(0, os.path.dirname(script))
        runpy.run_path(script, run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _enter(namespace: str) -> None:
    """Enters a network namespace with its own /sys and /etc, as `ip netns exec` does."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: int | bytes | None) -> None:
        if getattr(libc, name)(*arguments) != 0:
            raise OSError(ctypes.get_errno(), f"{name} {arguments}")

    with open(f"/run/netns/{namespace}") as opened:
        call("setns", opened.fileno(), _NEW_NETWORK)
    call("unshare", _NEW_MOUNTS)
    call("mount", b"", b"/", b"none", _SLAVE, None)
    call("umount2", b"/sys", _DETACH)
    call("mount", namespace.encode(), b"/sys", b"sysfs", 0, None)
    for own in Path("/etc/netns", namespace).glob("*"):
        call("mount", bytes(own), bytes(Path("/etc", own.name)), b"none", _BIND, None)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
