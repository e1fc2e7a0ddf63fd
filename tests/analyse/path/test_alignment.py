"""Two paths side by side."""

from hypothesis import given
from hypothesis import strategies as st

from bothsides.analyse.path.alignment import Hops, Row, align


def hops(text: str) -> Hops:
    return {ttl: (host,) for ttl, host in enumerate(text, 1) if host != "*"}


def marks(old: str, new: str) -> str:
    return "".join(
        "=" if row.same else "-" if not row.new else "+" if not row.old else "~"
        for row in align(hops(old), hops(new))
    )


def test_one_inserted_hop_is_one_plus_and_one_removed_is_one_minus() -> None:
    assert marks("abcde", "abxcde") == "==+==="
    assert marks("abcde", "abde") == "==-=="


def test_a_replaced_hop_stands_beside_its_successor() -> None:
    assert marks("abcde", "abxde") == "==~=="
    assert marks("abcde", "abxyde") in ("==~+==", "==+~==")


def test_silence_stays_beside_what_it_may_be() -> None:
    assert align(hops("ab*de"), hops("ab*de"))[2] == Row(3, 3, False)
    assert align(hops("abcde"), hops("ab*de"))[2] == Row(3, 3, False)


@given(st.text("abcdefgh*", max_size=12), st.text("abcdefgh*", max_size=12))
def test_every_hop_of_both_stands_there_once_and_in_order(old: str, new: str) -> None:
    rows = align(hops(old), hops(new))
    assert [row.old for row in rows if row.old] == list(range(1, max(hops(old), default=0) + 1))
    assert [row.new for row in rows if row.new] == list(range(1, max(hops(new), default=0) + 1))
