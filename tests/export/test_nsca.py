"""Records for send_nsca."""

from bothsides.export.nsca import to_records
from tests.export.results import HOST, PLAIN, SHORT


def test_records_octet_by_octet() -> None:
    assert to_records([SHORT._replace(long="a\tb\x17c"), HOST]) == (
        b"office\tclock\t0\tSNMP_CLOCK OK - fine\na b c\x17office\t1\tdown\x17"
    )


def test_a_long_output_loses_its_last_lines_before_nsca_cuts_it() -> None:
    record = to_records([PLAIN._replace(long="\n".join(["x" * 70] * 200))])
    assert len(record) < 4096
    assert record.endswith(b"more lines\x17")
