"""Which engine is chosen, and the way to the target."""

from pathlib import Path

import pytest

from bothsides.base.deadline import Deadline
from bothsides.base.errors import Unable
from bothsides.model.failure import Failure
from bothsides.model.path import Plan
from bothsides.probe.mtr.session import Session, source_of

ENGINE = """#!/bin/sh
read one; read two
printf '1 feature-support support {version}\\n2 feature-support support {udp}\\n'
while read token command more; do
  [ $command = check-support ] && echo "$token feature-support support {version}"
  [ $command = send-probe ] && echo "$token reply ip-4 127.0.0.1 round-trip-time 50"
done
"""
PROGRAM = """#!/bin/sh
echo 'mtr 0.93'
"""


def program(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def session(path: str, engine: str = "auto") -> Session:
    plan = Plan("127.0.0.1", program=path, engine="mtr" if engine == "mtr" else "auto")
    return Session(plan, "127.0.0.1", "127.0.0.1", Deadline(60))


def test_the_engine_comes_first(tmp_path: Path) -> None:
    program(tmp_path, "mtr", PROGRAM)
    path = program(tmp_path, "mtr-packet", ENGINE.format(version="0.95", udp="ok"))
    made = session(path)
    try:
        assert (made.quick, made.fixed) == (True, True)
        assert made.words == "mtr-packet 0.95, 6 fixed UDP flows"
        results = made.ask([(0, 1), (1, 1)], "asking", 2)
        assert [result.kind for result in results] == ["reply"] * 4
        assert made.taken() == results
    finally:
        made.end()


def test_mtr_itself_where_its_engine_cannot_send_udp(tmp_path: Path) -> None:
    path = program(tmp_path, "mtr", PROGRAM)
    program(tmp_path, "mtr-packet", ENGINE.format(version="0.95", udp="no"))
    made = session(path)
    try:
        assert (made.quick, made.words) == (False, "mtr 0.93, ICMP")
        assert made.ask([(0, 1)], "asking") == ()
    finally:
        made.end()


def test_the_reason_of_the_last_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unable, match="is not mtr"):
        session(program(tmp_path, "mtr", "#!/bin/sh\necho hello\n"))
    with pytest.raises(Unable, match="no mtr in"):
        session(str(tmp_path / "none/mtr"))


def test_the_source_is_this_hosts_address_towards_the_target() -> None:
    assert source_of("127.0.0.1") == "127.0.0.1"
    refused = source_of("fe80::1%lo")
    assert isinstance(refused, Failure)
    assert refused.blame == "config"
