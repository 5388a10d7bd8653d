"""The proxy between tests and servers does exactly the harm that it was told to do."""

import socket
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from tests.fakes.tcp_proxy import HOST, TcpProxy

PATIENCE = 5


def echo(listener: socket.socket, heard: list[bytes]) -> None:
    """Answer every client, one after the other, with what it says."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            while piece := connection.recv(1024):
                heard.append(piece)
                connection.sendall(piece)


@pytest.fixture
def heard() -> list[bytes]:
    return []


@pytest.fixture
def proxy(heard: list[bytes]) -> Iterator[TcpProxy]:
    listener = socket.create_server((HOST, 0))
    threading.Thread(target=echo, args=(listener, heard), daemon=True).start()
    with TcpProxy(partial(socket.create_connection, listener.getsockname())) as running:
        yield running
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def client(proxy: TcpProxy) -> socket.socket:
    return socket.create_connection((HOST, proxy.port), timeout=PATIENCE)


def said(one: socket.socket, words: bytes) -> bytes:
    """Say something and return what comes back, nothing where the connection is at its end."""
    try:
        one.sendall(words)
        return one.recv(1024)
    except ConnectionError:
        return b""


def test_without_orders_everything_passes(proxy: TcpProxy) -> None:
    with client(proxy) as one:
        assert said(one, b"hello") == b"hello"


def test_what_was_said_before_a_cut_arrives_and_its_answer_does_not(
    proxy: TcpProxy, heard: list[bytes]
) -> None:
    proxy.cut_after(b"COMMIT")
    with client(proxy) as one:
        assert said(one, b"BEGIN") == b"BEGIN"
        assert said(one, b"COMMIT") == b""
    with client(proxy) as another:
        assert said(another, b"COMMIT") == b"COMMIT"
    assert heard == [b"BEGIN", b"COMMIT", b"COMMIT"]
    assert proxy.cuts == 1


def test_refused_clients_come_back_when_all_is_well_again(proxy: TcpProxy) -> None:
    with client(proxy) as one:
        assert said(one, b"hello") == b"hello"
        proxy.refuse()
        assert said(one, b"hello") == b""
    with client(proxy) as another:
        assert said(another, b"hello") == b""
    proxy.heal()
    with client(proxy) as third:
        assert said(third, b"hello") == b"hello"


def test_what_was_frozen_arrives_when_it_thaws(proxy: TcpProxy) -> None:
    with client(proxy) as one:
        assert said(one, b"hello") == b"hello"
        proxy.freeze()
        one.sendall(b"later")
        proxy.thaw()
        assert one.recv(1024) == b"later"


def test_answers_come_in_pieces(proxy: TcpProxy) -> None:
    proxy.drip(piece=1, pause=0.001)
    with client(proxy) as one:
        assert said(one, b"abc") == b"a"


def test_a_half_closed_connection_has_no_more_answers(proxy: TcpProxy, heard: list[bytes]) -> None:
    with client(proxy) as one:
        assert said(one, b"hello") == b"hello"
        proxy.half_close()
        assert said(one, b"anybody?") == b""
