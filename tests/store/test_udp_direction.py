"""The directions of loss that check_udp_loss leaves for check_mtr_path."""

import json

import pytest

from bothsides.store.udp_direction import RECENT, UdpDirection, changed, from_document

NOW = 1_700_000_000.0
FOUND = UdpDirection(NOW, "far", "192.0.2.7", 862, 100, 88, (12, 12), (0, 0))


def test_what_is_kept_comes_back_by_address_for_five_minutes() -> None:
    document = json.loads(json.dumps(changed(None, [FOUND])))
    assert from_document(document, "192.0.2.7", NOW + 10) == FOUND
    assert from_document(document, "192.0.2.7", NOW + RECENT + 1) is None
    assert from_document(document, "192.0.2.7", NOW - 1) is None, "our clock was set back"
    assert from_document(document, "192.0.2.8", NOW) is None


def test_the_last_run_to_an_address_counts_and_old_ones_are_removed() -> None:
    document = changed(None, [FOUND, FOUND._replace(address="192.0.2.9", at=NOW - 4000)])
    later = FOUND._replace(at=NOW + 60, answered=100, forward=(0, 0))
    document = changed(document, [later])
    assert list(document) == ["192.0.2.7"]
    assert from_document(document, "192.0.2.7", NOW + 60) == later


def test_the_document_is_bounded() -> None:
    many = [
        FOUND._replace(address=f"10.0.{n // 256}.{n % 256}", at=NOW + n / 1e3) for n in range(1500)
    ]
    document = changed(None, many)
    assert len(document) == 1000
    assert many[-1].address in document


@pytest.mark.parametrize(
    "fields",
    [
        None,
        7,
        [],
        [NOW, "far", "192.0.2.7", 862, 100, 88, [12, 120], [0, 0]],
        [NOW, "far", "192.0.2.7", 862, 100, 88, [5, 4], None],
        [NOW, "far", "192.0.2.7", 862, "x", 88, None, None],
        [NOW, "far", "192.0.2.7", 862, 100, 88, [1], None],
        [NOW, "far", "192.0.2.7", 862, 100, 88, "12", None],
    ],
)
def test_what_is_not_ours_is_no_direction(fields: object) -> None:
    assert from_document({"192.0.2.7": fields}, "192.0.2.7", NOW) is None
    assert list(changed({"192.0.2.7": fields}, [])) == []
