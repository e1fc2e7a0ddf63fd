"""Landscapes read: the examples, inheritance, includes, size, and anything that is no landscape."""

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bothsides.inventory.faults import Faulty
from bothsides.inventory.files import load
from bothsides.inventory.mesh import Mesh
from bothsides.inventory.model import Landscape
from bothsides.inventory.read import read
from bothsides.parse import Unreadable
from tests.inventory.big import big
from tests.inventory.mistakes import BASE, CHECK, LAST, SERVER, check_line, only_fault
from tests.support.examples import examples

DATA = Path(__file__).parents[1] / "data" / "landscapes"
OURS = ["wonderproxy", "semaphore", "kuenzler", "mehsh"]
THEIRS = ["basic", "local", "test", "readme-1-local", "readme-3-lamp"]


def example_of(name: str) -> Landscape:
    return load(str(DATA / f"{name}.toml"))


def pairs(landscape: Landscape, topic: str = "udp") -> set[tuple[str, str]]:
    return {
        (pair.source.name, pair.target.name)
        for pair in Mesh(landscape).all()
        if pair.work.topic == topic
    }


@pytest.mark.parametrize("name", OURS + [f"mehsh/{name}" for name in THEIRS])
def test_an_example_is_read_without_a_warning(name: str) -> None:
    assert example_of(name).warnings == ()


def test_mehshs_fragment_names_no_server() -> None:
    with pytest.raises(Faulty, match=r"readme-2-analysis\.toml:1: the landscape names no server"):
        example_of("mehsh/readme-2-analysis")


def test_mehshs_examples_mean_what_they_mean_to_mehsh() -> None:
    assert pairs(example_of("mehsh/local")) == {("local", "local"), ("local", "fail")}
    assert len(pairs(example_of("mehsh/test"))) == 9
    lamp = example_of("mehsh/readme-3-lamp")
    assert len(pairs(lamp)) == 2 * 2 + 2 * 3 + 3 * 3 + 3
    assert lamp.servers["database_backup"].ip == "127.0.5.1"
    assert lamp.servers["database_backup"].groups == ()
    (analysis,) = example_of("mehsh/local").analyses
    assert (analysis.min_loss, analysis.of_slice, analysis.command) == (20, False, "ls")


def test_38_hosts_take_less_than_80_lines() -> None:
    assert len((DATA / "wonderproxy.toml").read_text().splitlines()) < 80
    landscape = example_of("wonderproxy")
    assert len(landscape.servers) == 38
    assert len(pairs(landscape)) == 38 * 37
    assert len(pairs(landscape, "clock")) == 38


def test_the_german_and_the_american_side_measure_each_other() -> None:
    found = pairs(example_of("semaphore"), "path")
    assert found == {
        pair
        for one in ("sb1", "sb2", "sb3")
        for other in ("us-east-1", "us-west-1", "us-west-2")
        for pair in ((one, other), (other, one))
    }


def test_a_host_inherits_from_defaults_then_groups_then_itself() -> None:
    landscape = read(
        """\
[defaults]
rate = "1/s"
window = "10s"
transport = "ssh"
path = { flows = 1, echoes = 1 }
[[group]]
name = "a"
rate = "2/s"
path = { flows = 2 }
[[group]]
name = "b"
match = "role:x"
rate = "3/s"
provider = "p"
[[provider]]
name = "p"
[[server]]
name = "one"
ip = "192.0.2.1"
groups = ["a"]
[[server]]
name = "two"
ip = "192.0.2.2"
role = "x"
groups = ["a"]
[[server]]
name = "three"
ip = "192.0.2.3"
rate = "4/s"
"""
    )
    rates = {
        name: server.settings["udp"]["rate"].value for name, server in landscape.servers.items()
    }
    assert rates == {"one": 2.0, "two": 3.0, "three": 4.0}
    assert all(
        server.settings["udp"]["window"].value == 10.0 for server in landscape.servers.values()
    )
    path = landscape.servers["one"].settings["path"]
    assert (path["flows"].value, path["echoes"].value) == (2, 1)
    assert path["flows"].origin == '[[group]] "a"'
    two = landscape.servers["two"]
    assert (two.provider, two.transport, two.groups) == ("p", "ssh", ("a", "b"))
    assert two.fields["provider"].place == ("landscape.toml", 14)


def test_the_traced_address_is_extra1_only_when_it_is_an_address() -> None:
    landscape = read(
        'server = [{ name = "a", ip = "10.0.0.1", extra1 = "192.0.2.1" },'
        ' { name = "b", ip = "10.0.0.2", extra1 = "rack 7" },'
        ' { name = "c", ip = "10.0.0.3", extra1 = "192.0.2.3", trace_ip = "192.0.2.4" }]'
    )
    traced = {name: server.trace_ip for name, server in landscape.servers.items()}
    assert traced == {"a": "192.0.2.1", "b": "10.0.0.2", "c": "192.0.2.4"}


def test_hosts_of_one_address_are_told_apart_by_their_network() -> None:
    text = (
        'server = [{ name = "a", ip = "10.0.0.1" }, { name = "b", ip = "10.0.0.1", network ='
        ' "vpn" }]'
    )
    assert len(read(text).servers) == 2


def test_tables_on_one_line_keep_their_own_allow_empty() -> None:
    text = (
        'server = [{ name = "a", ip = "10.0.0.1" }]\n'
        'path = [{ from = "a", to = "role:x", allow_empty = true }, { from = "a", to = "role:y"'
        " }]\n"
    )
    with pytest.raises(
        Faulty, match=r"landscape\.toml:2: \[\[path\]\] 2: to: \"role:y\" selects no server"
    ):
        read(text)


@pytest.mark.parametrize("rows", [True, False])
def test_a_thousand_hosts_are_read_within_two_seconds(rows: bool) -> None:
    start = time.process_time()
    landscape = read(big(1000, rows=rows))
    assert time.process_time() - start < 2
    assert len(landscape.servers) == 1000


# what is replaced, by what, the line of the fault, what is wrong, what helps
REPLACED = [
    ("version = 1", "version = 2", 2, "version 2 is not known", "install a newer bothsides"),
    ("version = 1", 'include = ["x.toml"]', 2, "cannot be followed here", "read it from a file"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "words", "remedy"), REPLACED)
def test_a_mistake_in_a_sound_file_is_one_line(
    old: str, new: str, line: int, words: str, remedy: str
) -> None:
    assert old in BASE
    check_line(only_fault(BASE.replace(old, new)), line, words, remedy)


def test_an_empty_file_names_no_server() -> None:
    check_line(only_fault(""), 1, "the landscape names no server", "write [[server]]")


def test_all_faults_come_at_once_sorted_by_line() -> None:
    text = BASE + SERVER + 'rate = "x"\nport = 0\n' + CHECK.replace('"web"', '"wbe"') + "[[x]]\n"
    with pytest.raises(Faulty) as caught:
        read(text, file="mesh.toml")
    lines = [fault.place.line - LAST for fault in caught.value.faults]
    assert lines == [4, 5, 7, 10]
    assert str(caught.value).count("\n") == 3


JUNK = ["\n", "&", "[[pair]]\n", "é", '"""', "", *"\"[]{=1'0", "true", "all"]
SEEDS = [(DATA / f"{name}.toml").read_text() for name in ("semaphore", "kuenzler", "mehsh")]


@examples(300)
@given(st.sampled_from(SEEDS), st.data())
def test_a_mutated_example_is_read_or_unreadable(seed: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(seed)))
        end = data.draw(st.integers(start, min(len(seed), start + 20)))
        junk = data.draw(st.sampled_from(JUNK))
        seed = seed[:start] + junk + seed[end:]
    read_or_unreadable(seed)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
@example("a = " + "9" * 5000)
@example("a = 0000-01-01")
@example("[maintenance]\n" * 2)
@example("a = [" * 500 + "]" * 500)
@example("[[" + "a." * 2000 + "b]]")
def test_any_text_is_read_or_unreadable(text: str) -> None:
    read_or_unreadable(text)


TABLES = ["landscape", "defaults", "group", "server", "provider", "check", "path", "https", "clock"]
TABLES += ["pair", "link", "analysis", "escalation", "maintenance"]
VALUES = [
    "1", "-1", "nan", "1e400", "true", '""', '"x"', "[]", '["a"]', "[[]]", "{}", "[{}]",
    "1979-05-27", '"all"', '"self"', '"monitor"', '"10%"', '"!a"',
]  # fmt: skip
KEYS = [
    "name", "identifier", "ip", "ips", "from", "to", "check", "third", "except", "both",
    "match", "groups", "udp", "path", "rate", "provider", "networks", "between", "what",
    "begin", "end", "min_loss", "argv", "command", "version", "include", "warning",
]  # fmt: skip


@examples(400)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(TABLES),
            st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=5),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_any_tables_of_any_values_are_read_or_unreadable(
    tables: list[tuple[str, list[tuple[str, str]]]], sound: bool
) -> None:
    lines = ['[[server]]\nname = "a"\nip = "192.0.2.1"'] if sound else []
    for name, pairs_ in tables:
        lines.append(f"[[{name}]]" if name not in ("landscape", "defaults") else f"[{name}]")
        lines += [f"{key} = {value}" for key, value in dict(pairs_).items()]
    read_or_unreadable("\n".join(lines))


def read_or_unreadable(text: str) -> None:
    try:
        landscape = read(text)
    except Unreadable as fault:
        assert isinstance(fault, Faulty)
        assert fault.faults
        assert all(line.isprintable() for line in str(fault).split("\n"))
        assert all(each.remedy for each in fault.faults if not each.warning)
    else:
        for pair in Mesh(landscape).all():
            assert pair.target.ip
