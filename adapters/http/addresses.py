"""Which addresses we may connect to: a target's URL must not lead into our own network."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeAlias

from adapters.http.errors import ForbiddenAddress
from adapters.http.request import parse_origin

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""Turn a host and a port into all addresses it leads to, written as IP addresses. Raises OSError."""

_Address: TypeAlias = IPv4Address | IPv6Address
_Network: TypeAlias = IPv4Network | IPv6Network

_PRIVATE: tuple[_Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10",
        "::1/128", "fc00::/7",
    )
)  # fmt: skip
"""Networks of one's own: allowed where the operator says so (development, a target in the same house)."""

_NEVER: tuple[_Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""Never a target: link-local (cloud metadata lives there), multicast, reserved, documentation, tunnels."""

_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Decide where requests may go. `allow_private` opens one's own network, on any port and by plain HTTP.

    A token must not travel the internet by plain HTTP for that: `at_home` lets requests go nowhere else.
    `authorities` is a file of certificates (PEM) that count besides the usual ones, for a house that signs
    its own; there is no way to leave the check out.
    """

    allow_private: bool = False
    at_home: bool = False
    ports: frozenset[int] = field(default=frozenset({443, 8443}))
    authorities: Path | None = None

    def check_origin(self, scheme: str, host: str, port: int) -> None:
        """Refuse a scheme or port before any name is resolved."""
        if scheme != "https" and not self.allow_private:
            raise ForbiddenAddress(f"{host}: plain HTTP is not allowed; use https")
        if port not in self.ports and not self.allow_private:
            known = " or ".join(map(str, sorted(self.ports)))
            raise ForbiddenAddress(f"{host}: port {port} is not allowed; use {known}")

    def check_url(self, origin: str) -> None:
        """Refuse what can be seen of `https://host[:port]` without a look-up; ValueError where it is none."""
        parsed = parse_origin(origin)
        self.check_origin(parsed.scheme, parsed.host, parsed.port)
        self.speaking(parsed.scheme).check_host(parsed.host)

    def speaking(self, scheme: str) -> "AddressPolicy":
        """Return what holds for requests of this scheme."""
        return replace(self, at_home=scheme != "https")

    def check_host(self, host: str) -> None:
        """Refuse a host that shows without a look-up where it leads: a number in any spelling, or localhost.

        Names are judged when we connect; this lets whoever types an address hear of it at once.
        """
        name = host.rstrip(".").lower()
        own = name == "localhost" or name.endswith(".localhost")
        self.check_addresses(host, ("127.0.0.1",) if own else _numeric(host))

    def check_addresses(self, host: str, addresses: Sequence[str]) -> None:
        """Refuse the host if any of its addresses is forbidden: a mixed answer is an attack or a mistake."""
        for text in addresses:
            address = ip_address(text)
            if not self._allows(address):
                raise ForbiddenAddress(f"{host}: leads to an address inside a network that is not allowed")
            if self.at_home and not _within(_unwrapped(address), _PRIVATE):
                raise ForbiddenAddress(
                    f"{host}: plain HTTP is not allowed outside your own network; use https"
                )

    def _allows(self, address: _Address) -> bool:
        plain = _unwrapped(address)
        if _within(plain, _PRIVATE):
            return self.allow_private
        return plain.is_global and not plain.is_multicast and not _within(plain, _NEVER)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Ask the operating system, which also turns 0x7f000001, 017700000001 and 2130706433 into 127.0.0.1."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _numeric(host: str) -> Sequence[str]:
    """Read a host that is an address in any spelling; a name gives nothing, and nobody is asked for it."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _unwrapped(address: _Address) -> _Address:
    """Show the IPv4 address that an IPv6 spelling really reaches (mapped, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _within(address: _Address, networks: Sequence[_Network]) -> bool:
    return any(address in network for network in networks)
