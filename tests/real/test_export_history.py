"""Stored history in InfluxDB and in an archive of S3, sent twice and still there once."""

import json
import time
from pathlib import Path

from tests.export.history import remember
from tests.support import daemons, object_store, stores
from tests.support.forked import run
from tests.support.object_store import BUCKET
from tests.support.process import NRPE_ENVIRONMENT, Outcome


def export(memory: str, *words: str, **more: str) -> Outcome:
    command = ("bothsides", "export", "--state-dir", memory, "--export-source", "mon1", *words)
    return run(*command, environment={**NRPE_ENVIRONMENT, **more})


def test_influxdb_has_every_run_once_after_two_exports(tmp_path: Path) -> None:
    memory = remember(tmp_path, time.time() // 60 * 60)
    with daemons.folder() as root, stores.influx(root) as influx:
        for _ in range(2):
            outcome = export(memory, "--export", f"influx:{influx.url}")
            assert outcome.code == 0, outcome.text
        assert len(influx.rows("bothsides_hop")) == 60 * 11
        assert len(influx.rows("bothsides_path")) == 60
        assert len(influx.rows("bothsides_event")) == 2


def test_an_archive_gets_reports_lists_them_and_forgets_old_ones(tmp_path: Path) -> None:
    memory = remember(tmp_path, time.time() // 60 * 60, runs=6)
    page = tmp_path / "incident.html"
    page.write_text("<html></html>")
    with daemons.folder() as root, object_store.moto(root) as store:
        keys = {
            "AWS_ACCESS_KEY_ID": store.access,
            "AWS_SECRET_ACCESS_KEY": store.secret,
        }
        where = ("--export", f"s3:{store.url}/{BUCKET}/mtr")
        outcome = export(memory, "--route", "office-to-aws", *where, **keys)
        assert outcome.line.startswith("EXPORT OK - 6 of 6 runs exported to s3:"), outcome.text
        outcome = export(
            memory, "--route", "office-to-aws", "--incident", str(page), *where, **keys
        )
        assert outcome.line.startswith("EXPORT OK - 1 of 1 reports stored in s3:"), outcome.text
        listed = export(memory, "--list", "--below", "office-to-aws/", *where, **keys)
        names = [line.split()[-1] for line in listed.text.splitlines()[:-1]]
        assert len(names) == 7
        assert sum(name.endswith("/10-0-0-2_to_10-0-0-11.txt") for name in names) == 6
        assert sum(name.endswith("/office_to_aws.html") for name in names) == 1
        assert "EXPORT OK - 7 objects in s3:" in listed.text
        gone = export(memory, "--expire", "5m", *where, **keys)
        assert gone.line.startswith("EXPORT OK - 4 reports removed from s3:")
        wrong = export(memory, "--list", *where, **{**keys, "AWS_SECRET_ACCESS_KEY": "x"})
        assert wrong.code == 2
        assert "S3 refused our keys for bucket" in wrong.text
        assert json.dumps(store.secret) not in wrong.text
