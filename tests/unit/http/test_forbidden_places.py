"""J1: sixty ways to write an address inside our own network, and none of them reaches a listener there."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.http import AddressPolicy, ForbiddenAddress, NotSent, Outbound

LOOPBACK = [
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.00.00.01", "127.255.255.254", "2130706433",
    "017700000001", "0x7f000001", "0x7F.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1", "127.0x0.0.1",
    "00000177.0.0.1", "127.000.000.001",
    "localhost", "localhost.", "LOCALHOST", "LocalHost.", "a.localhost", "[::1]", "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "１２７.0.0.1",
]  # fmt: skip
OWN = [
    "10.0.0.1", "10.255.255.255", "167772161", "0x0a000001", "012.0.0.1", "172.16.0.1", "172.31.255.254",
    "192.168.0.1", "192.168.1", "0xc0a80001", "100.64.0.1", "[fc00::1]", "[fd00:ec2::254]",
    "[::ffff:10.0.0.1]", "[::ffff:192.168.0.1]",
]  # fmt: skip
METADATA = [
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[fe80::1]",
    "[fe80::1%25lo]", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "0",
    "0.0.0.0",     "[::]", "255.255.255.255", "224.0.0.1", "[ff02::1]",
]  # fmt: skip
WHOLE = [
    "127.0.0.1@app.example", "app.example@127.0.0.1", "app.example:443@127.0.0.1", "127.0.0.1#.app.example",
    "127.0.0.1?.app.example", "127.0.0.1%2eapp.example", "%31%32%37.0.0.1", "127.0.0.1\\.app.example",
    "127.0.0.1%00.app.example", "",
]  # fmt: skip
SPELLINGS = LOOPBACK + OWN + METADATA + WHOLE


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen on loopback, where nobody may come."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def reached(server: socket.socket) -> bool:
    try:
        connection, _ = server.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainHttp(AddressPolicy):
    """Judge plain HTTP as if it were HTTPS, so that nothing but the address decides."""

    def check_origin(self, scheme: str, host: str, port: int) -> None:
        AddressPolicy.check_origin(self, "https" if scheme == "http" else scheme, host, port)

    def speaking(self, scheme: str) -> AddressPolicy:
        return self


def test_the_table_of_j1_holds_sixty_spellings() -> None:
    assert len(set(SPELLINGS)) >= 60


@pytest.mark.parametrize("host", SPELLINGS)
def test_j1_no_spelling_of_a_forbidden_address_reaches_it(host: str, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    policy = PlainHttp(ports=frozenset({port}))
    with pytest.raises((ForbiddenAddress, NotSent, ValueError)):
        _ask(f"http://{host}:{port}", policy)
    assert not reached(listener)


@pytest.mark.parametrize("host", LOOPBACK + OWN + METADATA)
def test_j1_whoever_types_such_an_address_hears_of_it_at_once(host: str) -> None:
    with pytest.raises((ForbiddenAddress, ValueError)):
        AddressPolicy().check_url(f"https://{host}")


@pytest.mark.parametrize(
    "host", ["app.example", "xn--bcher-kva.example", "127.example", "8.8.8.8", "10.example"]
)
def test_an_address_that_shows_nothing_forbidden_may_be_stored(host: str) -> None:
    AddressPolicy().check_url(f"https://{host}")


def test_j2_a_name_that_leads_elsewhere_the_second_time_is_judged_again(listener: socket.socket) -> None:
    """The first answer is public, the second is loopback: what was checked is what is connected to."""
    port = listener.getsockname()[1]
    answers = iter([["198.51.100.7"], ["127.0.0.1"]])
    policy = PlainHttp(ports=frozenset({port}))
    outbound = Outbound(f"http://rebinding.example:{port}", policy=policy, resolver=lambda *_: next(answers))
    with closing(outbound):
        for _ in range(2):
            with pytest.raises(ForbiddenAddress):
                outbound.send("GET", "/a")
    assert not reached(listener)


def _ask(origin: str, policy: AddressPolicy) -> None:
    with closing(Outbound(origin, policy=policy, deadline=timedelta(seconds=5))) as outbound:
        outbound.send("GET", "/latest/meta-data", headers={"authorization": "Bearer canary"})
