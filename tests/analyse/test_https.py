"""What visits prove."""

import pytest

from bothsides.model.https import Visit
from bothsides.parse import Unreadable
from tests.support.https import URL, judged


def test_a_record_of_a_visit_without_a_transfer_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="without a transfer"):
        judged(Visit(URL, ()))
