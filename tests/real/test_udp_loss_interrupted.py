"""check_udp_loss at its deadline, at Ctrl-C and at a terminal."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.support.far_end import far_end, stamping
from tests.support.process import PLUGINS, run
from tests.support.reflecting import reflector

QUICK = ("-n", "16", "-i", "2ms", "--wait", "0.2")


@pytest.mark.alone  # what is sent in time depends on the other load
def test_more_packets_than_can_be_sent_in_time_are_still_heard_and_judged_in_time() -> None:
    with reflector("--rate", "1000000") as far:
        outcome = run(
            "check_udp_loss",
            "-H",
            "127.0.0.1",
            "-p",
            str(far.port),
            "-n",
            "1000000",
            "-i",
            "0",
            "-t",
            "1.5",
        )
    assert outcome.code == 3, outcome.text
    assert "own deadline reached while sending 1000000 packets to 127.0.0.1" in outcome.line
    assert (outcome.perfdata["recv"].value or 0) > 0
    assert (outcome.perfdata["pl"].value or 0) < 50
    assert outcome.seconds < 1.8


def test_ctrl_c_prints_what_is_known() -> None:
    with far_end(stamping()) as port:
        command = [
            sys.executable,
            str(PLUGINS / "check_udp_loss"),
            "-H",
            "127.0.0.1",
            "-p",
            str(port),
            "-n",
            "300",
            "-v",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            time.sleep(2.0)
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=60)
    assert (
        "UNKNOWN - 127.0.0.1: interrupted by SIGINT while sending 300 packets to 127.0.0.1" in text
    )
    assert "deadline" not in text
    sent, received, lost = (
        float(re.findall(rf" {label}=([0-9.]+)", text)[0]) for label in ("sent", "recv", "pl")
    )
    assert 0 < received <= sent < 300
    assert lost == 0
    assert "round trips" in text


def test_a_person_sees_the_packets_come_back() -> None:
    leader, follower = pty.openpty()
    try:
        with far_end(stamping()) as port:
            command = [
                sys.executable,
                str(PLUGINS / "check_udp_loss"),
                "-H",
                "127.0.0.1",
                "-p",
                str(port),
                "-v",
                "-n",
                "60",
            ]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower) as process:
                process.wait(10)
        shown = b""
        while select.select([leader], [], [], 0.1)[0]:
            shown += os.read(leader, 65536)
    finally:
        os.close(leader)
        os.close(follower)
    assert re.search(rb"sending 60 packets to 127\.0\.0\.1: \d+ sent, \d+ of \d+ answered", shown)
