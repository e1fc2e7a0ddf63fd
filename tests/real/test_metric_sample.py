"""The samples of check_metric in nrpe/, asked of a real Prometheus with what a check exported."""

import re
import time

from tests.support import daemons, scraping
from tests.support.contract import records_of
from tests.support.process import HOUSE, Outcome, run


def test_the_sample_of_nrpe_reads_back_what_a_check_has_exported() -> None:
    (command,) = re.findall(
        r"^command\[check_metric\]=\S+/(check_metric .*)$",
        (HOUSE / "nrpe" / "bothsides.cfg").read_text(),
        re.MULTILINE,
    )
    with daemons.folder() as root, scraping.prometheus(root) as running:
        record = str(records_of("check_https")[1])  # an https page that is well
        exported = f"prometheus:{running.files}/"
        first = run("check_https", "--replay", record, "--export", exported)
        ini = root / "bothsides.ini"
        text = (HOUSE / "nrpe" / "bothsides.ini").read_text()
        text = text.replace("http://192.0.2.30:9090", running.url).replace("= 10m", "= 100000d")
        ini.write_text(text)
        words = command.replace("/etc/bothsides.ini", str(ini)).split()
        told: Outcome = run(*words)
        until = time.monotonic() + 60
        while "no data" in told.text and time.monotonic() < until:
            time.sleep(0.3)
            told = run(*words)
    assert (told.code, told.error) == (first.code, "")
    assert told.perfdata["series"].value == 1
    assert told.perfdata["value"].value == first.code


def test_the_sample_of_nagios_takes_the_rest_of_the_command_line() -> None:
    text = (HOUSE / "nrpe" / "nagios-commands.cfg").read_text()
    (line,) = re.findall(r"command_line +\$USER1\$/(check_metric .*)$", text, re.MULTILINE)
    words = line.replace("$ARG1$", "--prometheus http://127.0.0.1:9 -t 1").split()
    told = run(*words)
    assert told.code == 3
    assert told.line.startswith("METRIC UNKNOWN - bothsides_state: Prometheus cannot be asked")
