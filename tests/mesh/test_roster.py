"""A host's part in the landscape: whom it asks, how, and within which budget."""

import pytest

from bothsides.inventory.faults import Wrong
from bothsides.mesh.peer import Far
from tests.support.mesh_far import THREE, roster_of


def test_the_peers_with_their_values() -> None:
    found = roster_of(THREE, "web1")
    assert found.fars == (
        Far("db1", "192.0.2.2", 862, "stamp", 40.0, 1.0, "us.east"),
        Far("old", "2001:db8::3", 862, "stamp", 40.0, 1.0, ""),
    )
    assert (found.length, found.window, found.families) == (5.0, 60.0, [4, 6])


def test_a_fleet_may_move_over_host_by_host() -> None:
    more = '[[pair]]\nfrom = "all"\nto = "old"\nprotocol = "mehsh"\nip = "192.0.2.9"\n'
    far = roster_of(THREE + more, "web1").fars[1]
    assert (far.wire, far.port, far.address) == ("mehsh", 4232, "192.0.2.9")


def test_the_budget_is_shared() -> None:
    found = roster_of("[defaults]\nmax_pps = 50\n" + THREE, "web1")
    assert [far.rate for far in found.fars] == [25.0, 25.0]
    assert (found.asked, found.granted) == (80.0, 50.0)


@pytest.mark.parametrize(
    ("text", "host", "words"),
    [
        (
            THREE,
            "web2",
            'unknown host "web2" (of --name, else of the system); did you mean "web1"?',
        ),
        (THREE.replace('from = "all3"', 'from = "db1"'), "web1", '"web1" asks nobody by UDP'),
        (
            THREE + '[[pair]]\nfrom = "web1"\nto = "db1"\nslice = "2s"\n',
            "web1",
            'slice is 2 s for "db1" and 5 s for "old"; a host has one; write it in [defaults]',
        ),
    ],
)
def test_what_contradicts_itself_is_said(text: str, host: str, words: str) -> None:
    with pytest.raises(Wrong) as fault:
        roster_of(text, host)
    assert str(fault.value).startswith(words)


def test_an_address_may_be_written_as_mehsh_s_own_example_has_it() -> None:
    """mehsh, defect 7: the `v4:` of its example ended it, with exit status 0."""
    found = roster_of(THREE.replace('ip = "192.0.2.2"', 'ip = "v4:192.0.2.2"'), "web1")
    assert found.fars[0].address == "192.0.2.2"
