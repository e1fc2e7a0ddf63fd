"""A handle as an order describes it."""

import socket

import pytest

from bothsides.base.curl import library
from bothsides.base.errors import Unable
from bothsides.model.https import Order
from bothsides.parse.url import from_url
from bothsides.probe.https.listener import Listener
from bothsides.probe.https.set_up import handle_for
from tests.support.servers import ANSWER, answering, read_head, serving

URL = from_url("http://a.test/")


def listened(order: Order) -> Listener:
    """What a transfer of the order brought."""
    listener = Listener(library(), order, 3.0)
    handle = handle_for(library(), order, 3.0, listener)
    handle.perform()
    handle.close()
    listener.close()
    return listener


def test_the_addresses_of_the_order_are_connected_to_without_a_look_up() -> None:
    with serving(answering(ANSWER)) as server:
        url = URL._replace(port=server.port)
        listener = listened(Order(url, ("127.0.0.1",), 0.0))
    assert bytes(listener.body) == b"hello\n"
    assert [one.host for one in listener.sockets] == ["127.0.0.1"]


def test_a_target_is_connected_to_instead_of_the_urls_host() -> None:
    heads: list[bytes] = []

    def talk(client: socket.socket) -> None:
        heads.append(read_head(client))
        client.sendall(ANSWER)

    with serving(talk) as server:
        url = URL._replace(port=server.port)
        listened(Order(url, ("127.0.0.1",), 0.0, target="127.0.0.1"))
    assert f"Host: a.test:{server.port}".encode() in heads[0]


def test_text_beyond_ascii_is_sent_as_utf_8() -> None:
    heads: list[bytes] = []

    def talk(client: socket.socket) -> None:
        heads.append(read_head(client))
        client.sendall(ANSWER)

    settings = (("USERAGENT", "M\u00fcller"), ("HTTPHEADER", ["X: gr\u00fcn"]))
    with serving(talk) as server:
        listened(Order(URL._replace(port=server.port), ("127.0.0.1",), 0.0, settings))
    assert "User-Agent: M\u00fcller".encode() in heads[0]
    assert "X: gr\u00fcn".encode() in heads[0]


def test_what_this_libcurl_does_not_take_is_ours_to_mend() -> None:
    order = Order(URL, ("127.0.0.1",), 0.0, (("NO_SUCH_OPTION", 1),))
    with pytest.raises(Unable, match="does not take this NO_SUCH_OPTION"):
        handle_for(library(), order, 1.0, Listener(library(), order, 1.0))
