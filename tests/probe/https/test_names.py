"""Name look-ups of one run."""

from bothsides.base.deadline import Deadline
from bothsides.model.failure import Failure
from bothsides.model.https import Route
from bothsides.probe.https.names import Names

ROUTE = Route(4, suspicious=False)


def test_an_address_is_its_own_and_takes_no_look_up() -> None:
    names = Names(ROUTE, Deadline(5))
    assert names.hosts("192.0.2.1") == (("192.0.2.1",), 0.0, "")


def test_an_address_of_the_other_family_is_refused() -> None:
    refused = Names(Route(6, suspicious=False), Deadline(5)).hosts("192.0.2.1").hosts
    assert isinstance(refused, Failure)
    assert refused.words == "192.0.2.1 is no IPv6 address, see -4 and -6"


def test_a_name_is_looked_up_once_for_all_who_share_it() -> None:
    names = Names(ROUTE, Deadline(5))
    assert names.lacks("localhost")
    first = names.hosts("localhost")
    assert first.hosts == ("127.0.0.1",)
    assert not names.lacks("localhost")
    again = names.hosts("localhost")
    assert (again.hosts, again.seconds) == (first.hosts, 0.0)


def test_tries_of_one_url_look_up_each_for_itself() -> None:
    names = Names(ROUTE, Deadline(5), shared=False)
    names.hosts("localhost")
    assert names.lacks("localhost")


def test_a_name_that_is_none_has_a_failure() -> None:
    names = Names(ROUTE, Deadline(5))
    names.look_up(("-no-.invalid..", "127.0.0.1"))
    assert isinstance(names.hosts("-no-.invalid..").hosts, Failure)
    assert names.hosts("127.0.0.1").hosts == ("127.0.0.1",)
