"""Windows of stored runs side by side, and the sentence about them."""

from bothsides.incident.path_windows import lines, sentence, table
from bothsides.store.path_runs import StoredHop, WindowSummary

OWNERS = {"a": "us", "b": "ISP", "c": "Amazon", "x": "Amazon", "d": "Amazon", "e": "Amazon"}


def window(words: str, hosts: str, lost: int = 0, rta: float | None = 0.02) -> WindowSummary:
    """One letter a hop, "*" is silence."""
    hops = tuple(
        StoredHop(
            ttl=ttl,
            hosts=() if host == "*" else (host,),
            owner=OWNERS.get(host, ""),
            asked=6,
            lost=6 if host == "*" else 0,
            best=None,
            avg=None if host == "*" else 0.001 * ttl,
            worst=None,
        )
        for ttl, host in enumerate(hosts, 1)
    )
    return WindowSummary(words=words, runs=5, hops=hops, sent=100, lost=lost, rta=rta)


def marks(*paths: str) -> list[str]:
    return [line.marks for line in lines([window(path, path) for path in paths])]


def test_each_hop_is_marked() -> None:
    assert marks("abcde", "abxde", "abcde") == ["==", "==", "~=", "==", "=="]
    assert marks("abde", "abcde") == ["=", "=", "+", "=", "="]
    assert marks("abcde", "abde") == ["=", "=", "-", "=", "="]
    assert marks("abcde", "ab*de") == ["=", "=", "*", "=", "="]


def test_the_sentence_names_the_hop_the_network_and_what_the_target_lost() -> None:
    before, during = window("noon", "abcde"), window("one", "abxde", 33, 0.06)
    said = sentence([before, during, window("two", "abcde")])
    assert said.startswith("noon and one: same until hop 2 (b ISP), then c became x, the old way")
    assert "The target lost 33% of 100 (before 0% of 100), rtt 20 to 60 ms" in said
    assert "The difference lies between ISP and Amazon; us, ISP were the same in both" in said
    assert said.endswith("In two the old path is back.")


def test_the_same_path_is_said_to_be_the_same() -> None:
    said = sentence([window("noon", "abcde"), window("one", "abcde", 1)])
    lost = "The target lost 1% of 100 (before 0% of 100), rtt 20 to 20 ms."
    assert said == f"noon and one: the path is the same. {lost}"


def test_the_table_has_a_column_for_each_window() -> None:
    rows = list(table([window("noon", "ab*de"), window("one", "abxde", 100, None)]))
    assert rows[0].split() == ["noon", "one"]
    assert "100% of 100 lost, no answer" in rows[2]
    assert rows[6].split() == ["3", "Amazon", "*", "100%", "-", "=", "x", "0%", "3.0"]
