"""Passive results in the servers that they are for: what is stored is what was sent."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bothsides.base.secret import Secret
from bothsides.export import icinga_api, nagios_command, nagios_spool, nrdp, nsca
from bothsides.export.deliver import Means
from bothsides.export.destination import from_submit
from bothsides.export.http import Login, Sender, Trust
from bothsides.export.login import Secrets
from bothsides.export.outcome import Undelivered
from bothsides.export.passive import Result
from bothsides.export.percent import quoted
from bothsides.export.submit import submit
from tests.support import daemons, passive, receivers
from tests.support.passive import HOST, PASSWORD, Core, Icinga, Stored
from tests.support.stopwatch import until

SERVICES = (
    "spool one",
    "spool two",
    "fifo",
    "nsca",
    "nsca-ng",
    "nrdp",
    "many 0",
    "long",
)
LINE = "UDP_LOSS CRITICAL - lost 30 of 100 packets"
PERFDATA = "pl=30%;1;5;0;100 rta=0.012s"
LONG = "[CRITICAL] lost 30 of 100\nback\\slash and \\n stay, & <b> too"


def result(service: str, ended: float = 0.0, code: int = 2) -> Result:
    end = ended or time.time()
    return Result(HOST, service, code, LINE, PERFDATA, LONG, end - 1.5, end)


@pytest.fixture(scope="module")
def core() -> Iterator[Core]:
    with daemons.folder() as root, passive.nagios(SERVICES, root) as running:
        yield running


def wait(core: Core, service: str) -> Stored:
    until(lambda: service in core.stored(), f"the result of {service}")
    return core.stored()[service]


def test_nagios_takes_many_results_out_of_one_file_with_their_own_time(core: Core) -> None:
    past = time.time() - 300
    host = result("")._replace(line="down", perfdata="", long="")
    sent = [result("spool one", past), result("spool two"), host]
    nagios_spool.submit(str(core.spool), sent, time.time())
    first = wait(core, "spool one")
    assert first[:2] == (2, LINE)
    assert first.perfdata == PERFDATA
    assert first.long == LONG.replace("\\", "\\\\").replace("\n", "\\n")
    assert first.at == int(past - 1.5) or first.at == int(past)
    assert wait(core, "spool two").code == 2
    assert wait(core, "").code == 1
    assert not [path for path in core.spool.iterdir() if not path.name.startswith("check")]


def test_nagios_takes_results_out_of_its_pipe(core: Core) -> None:
    assert nagios_command.submit(str(core.fifo), [result("fifo", code=1)], 5) == 1
    stored = wait(core, "fifo")
    assert stored[:2] == (1, LINE)
    assert stored.perfdata == PERFDATA
    assert stored.long == LONG.replace("\\", "\\\\").replace("\n", "\\n")


def test_a_long_output_arrives_whole_by_the_spool(core: Core) -> None:
    lines = "\n".join(f"[OK] line {number:03d}" for number in range(300))
    long = result("long")._replace(long=lines)
    nagios_spool.submit(str(core.spool), [long], time.time())
    assert wait(core, "long").long == lines.replace("\n", "\\n")


def test_nsca_takes_records_with_real_lines(core: Core) -> None:
    with daemons.folder() as root, receivers.nsca(core, root) as (client, _):
        records = nsca.to_records([result("nsca")])
        done = subprocess.run(client, input=records, capture_output=True, check=False)
        assert done.returncode == 0, done
        stored = wait(core, "nsca")
    assert stored[:2] == (2, LINE)
    assert stored.perfdata == PERFDATA
    assert stored.long.startswith("[CRITICAL] lost 30 of 100\\n")


@pytest.mark.soak
def test_nsca_ng_takes_the_same_records(core: Core) -> None:
    with daemons.folder() as root, receivers.nsca_ng(core, root) as client:
        records = nsca.to_records([result("nsca-ng")])
        done = subprocess.run(client, input=records, capture_output=True, check=False)
        assert done.returncode == 0, done
        stored = wait(core, "nsca-ng")
    assert stored[:2] == (2, LINE)
    assert stored.perfdata == PERFDATA
    assert stored.long.startswith("[CRITICAL] lost 30 of 100\\n")


NRDP = Path("/usr/local/nrdp/server")


@pytest.mark.skipif(
    not NRDP.is_dir(), reason="no Debian package holds NRDP: put its `server` into /usr/local/nrdp"
)
def test_nrdp_takes_results_and_says_so(core: Core) -> None:
    with daemons.folder() as root, passive.nrdp(core, NRDP, root) as url:
        sender = Sender()
        sent = [result("nrdp"), result("spool one")]
        reply = sender.send(nrdp.to_request(url, sent, Secret(PASSWORD)), 5)
        nrdp.check_answer(reply, 2)
        reply = sender.send(nrdp.to_request(url, sent, Secret("wrong")), 5)
        with pytest.raises(Undelivered, match="NRDP says BAD TOKEN"):
            nrdp.check_answer(reply, 2)
        sender.close()
        stored = wait(core, "nrdp")
    assert stored[:2] == (2, LINE)
    assert stored.perfdata == PERFDATA
    assert stored.long.startswith("[CRITICAL] lost 30 of 100\\n")


@pytest.fixture(scope="module")
def icinga() -> Iterator[Icinga]:
    with daemons.folder() as root, passive.icinga(["udp", "stale", "late"], root) as running:
        yield running


def sender(icinga: Icinga, user: str = "sender", password: str = PASSWORD) -> Sender:
    return Sender(Login(user, Secret(password)), Trust(str(icinga.ca)))


def test_icinga_takes_a_result_with_its_performance_data(icinga: Icinga) -> None:
    sent = result("udp")
    reply = sender(icinga).send(icinga_api.to_request(icinga.url, sent, "mon1", 60), 5)
    icinga_api.check_answer(reply, sent)
    stored = icinga.stored("udp")
    assert stored is not None
    assert stored[:3] == (2, LINE, LONG)
    assert stored.perfdata == PERFDATA
    assert stored.at == pytest.approx(sent.ended, abs=1e-3)


def test_icinga_keeps_the_newer_result_when_an_older_one_comes_late(icinga: Icinga) -> None:
    now = time.time()
    for sent in (result("late", now, 2), result("late", now - 600, 0)):
        reply = sender(icinga).send(icinga_api.to_request(icinga.url, sent, "mon1", 0), 5)
        icinga_api.check_answer(reply, sent)
    stored = icinga.stored("late")
    assert stored is not None
    assert stored.code == 2


def test_icinga_makes_a_result_stale_by_itself(icinga: Icinga) -> None:
    sent = result("stale", code=0)
    reply = sender(icinga).send(icinga_api.to_request(icinga.url, sent, "mon1", 1), 5)
    icinga_api.check_answer(reply, sent)

    def stale() -> bool:
        stored = icinga.stored("stale")
        return stored is not None and stored.code == 3

    until(stale, "UNKNOWN after the ttl", 20)


@pytest.mark.parametrize(
    ("host", "service", "password", "words"),
    [
        (HOST, "udp", "wrong", "refused user and password"),
        (HOST, "none", PASSWORD, "Icinga knows no office!none"),
        ("foreign", "udp", PASSWORD, "Icinga knows no foreign!udp"),
    ],
)
def test_icinga_refuses_in_words(
    icinga: Icinga, host: str, service: str, password: str, words: str
) -> None:
    sent = result(service)._replace(host=host)
    request = icinga_api.to_request(icinga.url, sent, "mon1", 60)
    with pytest.raises(Undelivered, match=words):
        icinga_api.check_answer(sender(icinga, password=password).send(request, 5), sent)


def test_names_are_told_to_those_who_may_ask(icinga: Icinga) -> None:
    request = icinga_api.names_request(icinga.url, "services")
    assert icinga_api.names(sender(icinga).send(request, 5)) is None
    known = icinga_api.names(sender(icinga, "asker").send(request, 5))
    assert known == frozenset({"office!udp", "office!stale", "office!late", "foreign!udp"})
    sent = [result("udp"), result("none")]
    assert icinga_api.unknown(sent, known) == (sent[1],)


def test_a_certificate_that_nobody_vouches_for_is_refused(icinga: Icinga) -> None:
    sent = result("udp")
    request = icinga_api.to_request(icinga.url, sent, "mon1", 60)
    login = Login("sender", Secret(PASSWORD))
    with pytest.raises(Undelivered, match=r"(?i)certificate|ssl"):
        Sender(login).send(request, 5)
    reply = Sender(login, Trust(verify=False)).send(request, 5)
    assert json.loads(reply.body)["results"][0]["code"] == 200


def test_a_submission_to_icinga_delivers_what_it_can_and_keeps_the_rest(
    icinga: Icinga, tmp_path: Path
) -> None:
    destination = from_submit(f"icinga:{icinga.url}")
    means = Means(Secrets("asker", Secret("wrong")), Trust(str(icinga.ca)), str(tmp_path))
    sent = [result("udp", code=0), result("none")]
    assert submit(destination, sent, means, 5, "mon1")[0] == 0
    right = means._replace(secrets=Secrets("asker", Secret(PASSWORD)))
    (line,) = submit(destination, [result("late", code=1)], right, 5, "mon1").lines
    assert "Icinga knows no office!none" in line
    assert line.endswith("; 1 parcel waits")
    stored = {name: icinga.stored(name) for name in ("udp", "late")}
    assert {name: kept and kept.code for name, kept in stored.items()} == {"udp": 0, "late": 1}


def test_a_submission_waits_for_a_nagios_that_is_down(core: Core, tmp_path: Path) -> None:
    fifo = tmp_path / "nagios.cmd"
    destination = from_submit(f"nagios-cmd:{fifo}")
    means = Means(spool=str(tmp_path / "spool"))
    past = result("many 0", time.time() - 100, code=1)
    taken, (line,) = submit(destination, [past], means, 1)
    assert (taken, "No such file" in line) == (0, True)
    fifo.symlink_to(core.fifo)  # as a Nagios that is back, but for the link, which is refused
    taken, (line,) = submit(destination, [], means, 1)
    assert "cannot open" in line
    fifo.unlink()
    waiting = next((tmp_path / "spool").iterdir())
    waiting.rename(waiting.with_name(quoted(f"nagios-cmd:{core.fifo}", " :=")))
    assert submit(from_submit(f"nagios-cmd:{core.fifo}"), [], means, 5).lines == ()
    stored = wait(core, "many 0")
    assert stored.code == 1
    assert stored.at == pytest.approx(past.ended, abs=2)
