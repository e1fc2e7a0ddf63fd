"""check_https on a host that does not run it.

Nobody else is blamed for the time that this takes.
"""

import os
import signal
import socket
import subprocess
import time

from tests.support.process import NRPE_ENVIRONMENT, command_of
from tests.support.servers import ANSWER, read_head


def test_a_check_that_was_stopped_does_not_call_it_a_stall_of_the_server() -> None:
    """The server answers at once; the check is not run until its time is over."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        check = subprocess.Popen(
            [*command_of("check_https"), url, "-t", "3"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env=NRPE_ENVIRONMENT,
        )
        try:
            client, _ = server.accept()
            with client:
                read_head(client)
                os.kill(check.pid, signal.SIGSTOP)
                os.waitid(os.P_PID, check.pid, os.WSTOPPED | os.WNOWAIT)
                client.sendall(ANSWER)
                time.sleep(3.3)
                os.kill(check.pid, signal.SIGCONT)
                said, _ = check.communicate(timeout=10)
        finally:
            check.kill()
    assert check.returncode == 3, said
    assert said.startswith("HTTPS UNKNOWN - ")
    assert "this host is too busy: an answer stayed unread for 3." in said
