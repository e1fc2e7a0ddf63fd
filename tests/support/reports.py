"""Reports for tests: of evidence made by hand, and of incidents that were recorded."""

import shutil
from pathlib import Path

from bothsides.base.record import from_record
from bothsides.command.report import judged
from bothsides.model.evidence import Look
from bothsides.model.report import Kept, Report, Span
from bothsides.model.whose_fault import NamedOwner, Plan, Run
from tests.support.evidence import (
    BACK,
    NOW,
    OUT,
    THIRD,
    WELL,
    document,
    https,
    owners_of,
    trace,
    udp,
)
from tests.support.process import HOUSE

RECORDS = HOUSE / "tests/data/records"
OUTAGE = HOUSE / "tests/data/outage"
MAPS = (
    "--map", str(OUTAGE / "networks.map"), "--exchanges", str(OUTAGE / "exchanges.txt"),
    "--as-file", str(OUTAGE / "ip2asn.tsv"),
)  # fmt: skip
GOLDEN = HOUSE / "tests/data/reports"


def lossy() -> Kept:
    """One of five packets is lost in TalNet on the way out; a third host is well."""
    documents = (
        document(
            "A",
            {"B": Look(udp(out=40), trace(OUT, 4, 0.2), https())},
            {"B": WELL[0].peers[0].now},
        ),
        document("B", {"A": Look(udp(back=40), trace(BACK), https())}),
        document("C", {"B": Look(udp(), trace(THIRD))}),
    )
    addresses = (*OUT, *BACK, *THIRD)
    owners = owners_of(addresses)
    return Kept(
        run=Run(
            subject="A to B",
            start="A",
            target="B",
            documents=documents,
            owners=tuple(
                NamedOwner(address, owner.label, owner.asn, owner.role, owner.sure)
                for address, owner in sorted(owners.items())
            ),
            witnesses=(),
        ),
        spans=(Span("before", NOW - 600, NOW - 300), Span("during", NOW, NOW + 300)),
        made=NOW + 600,
        version="9.9",
    )


def recorded(name: str) -> Kept:
    """The evidence of both ends and two thirds, from a record of check_whose_fault."""
    text = (RECORDS / f"check_whose_fault-{name}.json").read_text()
    _, run = from_record(text, "check_whose_fault", Plan, Run)
    return Kept(run=run, made=NOW, version="9.9")


def report(kept: Kept) -> Report:
    """The report of this evidence."""
    return judged(kept)


def outage(folder: Path) -> tuple[str, ...]:
    """Files of the outage of January 2019 in a folder; the options that name them."""
    options: list[str] = []
    for option, record in (("evidence", "outage"), ("before", "before"), ("after", "after")):
        place = folder / option
        place.mkdir()
        shutil.copy(RECORDS / f"check_mtr_path-{record}.json", place / "office-to-app.json")
        options += [f"--{option}", str(place)]
    return (*options, *MAPS)
