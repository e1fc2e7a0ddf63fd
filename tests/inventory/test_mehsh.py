"""What mehsh would not understand of a landscape."""

from pathlib import Path

import pytest

from bothsides.inventory.mehsh import not_understood
from bothsides.inventory.read import read

DATA = Path(__file__).parents[1] / "data" / "landscapes"
GROUP = '[[group]]\nname = "g"\n'
HOST = '[[server]]\nname = "a"\nip = "192.0.2.1"\ngroups = ["g"]\n'
START = GROUP + HOST
CHECK = '[[check]]\nfrom = "g"\nto = "a"\ncheck = "udp_ping"\n'
ANALYSIS = '[[analysis]]\nfrom = "g"\nto = "a"\nname = "mtr"\n'


def said(text: str) -> list[str]:
    return [str(fault) for fault in not_understood(read(text, file="m.toml"), text)]


@pytest.mark.parametrize("name", ["mehsh", "mehsh/local", "mehsh/test", "mehsh/readme-1-local"])
def test_a_file_of_mehsh_has_nothing_that_mehsh_does_not_understand(name: str) -> None:
    assert said((DATA / f"{name}.toml").read_text()) == []


@pytest.mark.parametrize("name", ["mehsh/basic", "mehsh/readme-3-lamp"])
def test_mehsh_does_not_read_the_addresses_of_its_own_examples(name: str) -> None:
    lines = said((DATA / f"{name}.toml").read_text())
    assert lines
    assert all("mehsh cannot read" in line and 'write ip = "127.' in line for line in lines)


@pytest.mark.parametrize(
    ("text", "line", "words", "remedy"),
    [
        (
            START + '[servers]\ncolumns = ["name", "ip"]\nrows = [["b", "192.0.2.2"]]\n',
            9,
            "does not know [servers]",
            "[[server]]",
        ),
        (
            '[servers]\ncolumns = ["name", "ip", "groups"]\nrows = [["b", "192.0.2.2", ["g"]]]\n'
            + GROUP,
            3,
            "does not know [servers]",
            "",
        ),
        (HOST.replace('groups = ["g"]\n', ""), 1, "needs groups", "groups = []"),
        (HOST.replace('["g"]', "[]"), 1, "needs at least one [[group]]", "write a [[group]]"),
        (START.replace("192.0.2.1", "2001:db8::1"), 5, "has no IPv6", "another file"),
        (START + "disabled = true\n", 7, 'ignores "disabled"', "two files"),
        (START + '[[group]]\nname = "h"\nmatch = "a"\n', 9, 'ignores "match"', "two files"),
        (
            START + CHECK.replace('"g"', '"all"'),
            8,
            'does not know this word: "all"',
            "name a server",
        ),
        (
            START + CHECK.replace('"g"', '"a | g"') + "allow_empty = true\n",
            8,
            "does not know expressions",
            "name a server",
        ),
        (START + CHECK + "both = true\nallow_empty = true\n", 11, 'ignores "both"', "two files"),
        (
            START + CHECK.replace('"udp_ping"', '"http"\nhttp_url = "http://h/"'),
            10,
            "never reports the result",
            "[[https]]",
        ),
        (START + ANALYSIS + 'min_loss = "10%"\ncommand = "ls"\n', 11, "as a whole number", "20"),
        (
            START + ANALYSIS + 'min_loss = 20\nargv = ["ls"]\n',
            7,
            "needs a command",
            "instead of argv",
        ),
        (
            START + CHECK + '[[pair]]\nfrom = "g"\nto = "a"\ndisabled = true\n',
            14,
            'ignores "disabled" of [[pair]]',
            "two files",
        ),
    ],
)
def test_a_line_that_mehsh_does_not_understand_is_named(
    text: str, line: int, words: str, remedy: str
) -> None:
    lines = [each for each in said(text) if words in each]
    assert lines
    assert lines[0].startswith(f"m.toml:{line}: warning: ")
    assert remedy in lines[0]
