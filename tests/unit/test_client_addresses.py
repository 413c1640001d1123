"""Who a client is, behind proxies."""

from ipaddress import ip_network

import pytest

from entrypoints.api.client_addresses import ClientAddresses
from entrypoints.settings import InvalidSettings, parse

BY_DEFAULT = parse({}).trusted_proxies


def found(peer: str, *forwarded: str, trusted: str = "") -> str:
    networks = tuple(map(ip_network, trusted.split())) if trusted else BY_DEFAULT
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return ClientAddresses(networks).find({"client": (peer, 1), "headers": headers})  # type: ignore[arg-type] # enough of one


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("8.8.8.8", ["198.51.100.7"], "8.8.8.8"),  # whoever comes from anywhere may write anything
        ("10.0.0.3", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.3", ["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.3", ["6.6.6.6", "198.51.100.7"], "198.51.100.7"),  # two lines are one list
        ("10.0.0.3", ["6.6.6.6, 198.51.100.7, 192.168.4.4, 10.9.9.9"], "198.51.100.7"),
        ("10.0.0.3", ["192.168.4.4, 10.9.9.9"], "192.168.4.4"),
        ("127.0.0.1", [], ""),
        ("127.0.0.1", [""], ""),
        ("", ["198.51.100.7"], "198.51.100.7"),  # a Unix socket
        ("10.0.0.3", ["198.51.100.7, unknown"], ""),
        ("10.0.0.3", ["6.6.6.6, 198.51.100.7:4711"], "198.51.100.7"),
        ("10.0.0.3", ["[2001:db8:1:2:3::9]:4711"], "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.3", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("2001:db8:1:2:aaaa::1", [], "2001:db8:1:2::/64"),
        ("fe80::1%eth0", ["198.51.100.7"], "198.51.100.7"),
    ],
)
def test_a_client_is_the_last_one_that_is_no_proxy(peer: str, forwarded: list[str], client: str) -> None:
    assert found(peer, *forwarded) == client


def test_only_proxies_of_the_setting_may_name_a_client() -> None:
    assert found("10.0.0.3", "6.6.6.6", trusted="10.0.0.4/32") == "10.0.0.3"
    assert found("10.0.0.4", "6.6.6.6, 10.0.0.3", trusted="10.0.0.4/32") == "10.0.0.3"
    assert found("203.0.113.5", "6.6.6.6, 203.0.113.77", trusted="203.0.113.0/24") == "6.6.6.6"


def test_a_long_list_costs_little_and_its_end_counts() -> None:
    assert found("10.0.0.3", ", ".join(["6.6.6.6"] * 10_000 + ["198.51.100.7"])) == "198.51.100.7"


def test_the_setting_names_networks() -> None:
    assert parse({"TRUSTED_PROXIES": "none"}).trusted_proxies == ()
    both = ip_network("203.0.113.0/24"), ip_network("2001:db8::1/128")
    assert parse({"TRUSTED_PROXIES": "203.0.113.0/24, 2001:db8::1"}).trusted_proxies == both
    with pytest.raises(InvalidSettings, match="TRUSTED_PROXIES must list networks"):
        parse({"TRUSTED_PROXIES": "proxy.example.com"})
