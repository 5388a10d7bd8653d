"""Where requests may go, by every spelling of an address."""

import pytest

from adapters.http import AddressPolicy, ForbiddenAddress, system_resolver

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
OWN = [
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "127.0.0.1",
    "127.8.9.10",
    "100.64.0.1",
    "100.127.255.255",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    AddressPolicy().check_addresses("a.example", [address])


@pytest.mark.parametrize("address", OWN + NEVER)
def test_j1_no_other_address_is_allowed_by_default(address: str) -> None:
    with pytest.raises(ForbiddenAddress, match=r"a\.example"):
        AddressPolicy().check_addresses("a.example", [address])


@pytest.mark.parametrize("address", PUBLIC + OWN)
def test_an_operator_may_allow_addresses_of_the_own_house(address: str) -> None:
    AddressPolicy(allow_private=True).check_addresses("a.example", [address])


@pytest.mark.parametrize("address", NEVER)
def test_j1_cloud_metadata_multicast_and_tunnels_are_never_allowed(address: str) -> None:
    with pytest.raises(ForbiddenAddress):
        AddressPolicy(allow_private=True).check_addresses("a.example", [address])


def test_j1_j2_one_forbidden_address_among_good_ones_forbids_the_host() -> None:
    with pytest.raises(ForbiddenAddress):
        AddressPolicy().check_addresses("a.example", ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f000001", "017700000001", "127.1"])
def test_odd_spellings_of_loopback_are_seen_through_by_the_resolver(spelling: str) -> None:
    with pytest.raises(ForbiddenAddress):
        AddressPolicy().check_addresses(spelling, system_resolver(spelling, 443))


@pytest.mark.parametrize(
    ("policy", "scheme", "port", "allowed"),
    [
        pytest.param(AddressPolicy(), "https", 443, True, id="https"),
        pytest.param(AddressPolicy(), "https", 8443, True, id="https on 8443"),
        pytest.param(AddressPolicy(), "https", 22, False, id="another port"),
        pytest.param(AddressPolicy(), "http", 443, False, id="plain http"),
        pytest.param(AddressPolicy(ports=frozenset({80})), "https", 80, True, id="listed port"),
        pytest.param(AddressPolicy(allow_private=True), "http", 40_000, True, id="development"),
    ],
)
def test_j4_scheme_and_port_follow_the_policy(
    policy: AddressPolicy, scheme: str, port: int, allowed: bool
) -> None:
    if allowed:
        policy.check_origin(scheme, "a.example", port)
        return
    with pytest.raises(ForbiddenAddress):
        policy.check_origin(scheme, "a.example", port)


def test_j4_plain_http_goes_no_further_than_ones_own_network_where_that_is_allowed() -> None:
    policy = AddressPolicy(allow_private=True)
    policy.speaking("http").check_addresses("a.example", ["10.0.0.1", "127.0.0.1", "::ffff:192.168.0.1"])
    policy.speaking("https").check_addresses("a.example", ["8.8.8.8"])
    with pytest.raises(ForbiddenAddress, match="plain HTTP"):
        policy.speaking("http").check_addresses("a.example", ["10.0.0.1", "8.8.8.8"])
    with pytest.raises(ForbiddenAddress, match="plain HTTP"):
        policy.check_url("http://8.8.8.8")
