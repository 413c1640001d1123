"""Which addresses are public, and which hosts a list of authorities means."""

import pytest

from adapters.http.addresses import is_public
from adapters.toolkit.authorities import Authority, of_url, parse

INNER = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"),  # noqa: S104
    *("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16"),  # metadata services
    *("224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:a00:1", "::127.0.0.1", "::ffff:0:127.0.0.1"),  # IPv4-mapped, -compatible, -translated
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8"),  # NAT64, also of a local prefix
    *("2002:7f00:1::", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "100::1", "5f00::1", "3fff::1"),
    *("", "localhost", "1.2.3", "0x7f.1", "2130706433", "::1]"),  # no addresses: whoever resolves them returns some
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2a00:1450::1"]


@pytest.mark.parametrize("address", INNER)
def test_what_leads_inwards_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_hosts_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("text", "host", "port", "covered"),
    [
        ("minio", "minio", 9000, True),
        ("MinIO.corp.", "minio.CORP.", 80, True),
        ("minio:9000", "minio", 9000, True),
        ("minio:9000", "minio", 9001, False),
        ("minio", "bucket.minio", 80, False),
        ("*.minio:9000", "bucket.minio", 9000, True),
        ("*.minio", "minio", 80, False),
        ("*.minio", "evilminio", 80, False),
        ("10.0.0.7:9000", "10.0.0.7", 9000, True),
        ("[::1]:9000", "::1", 9000, True),
        ("müsik.example", "xn--msik-0ra.example", 80, True),
        ("fd00::7", "fd00::7", 443, True),
    ],
)
def test_an_authority_covers_a_host(text: str, host: str, port: int, *, covered: bool) -> None:
    assert parse(text).covers(host, port) is covered


@pytest.mark.parametrize(
    "text", ["*", "*.", "http://minio", "minio/path", "me@minio", "minio:", "minio:0", "minio:x", "[::1", "a b", ""]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://me:secret@store.example/path?q", Authority("store.example", 443)),
        ("http://[::1]:8000", Authority("::1", 8000)),
        ("http://127.0.0.1?x=@evil", Authority("127.0.0.1", 80)),
    ],
)
def test_the_authority_of_a_url(url: str, authority: Authority) -> None:
    assert of_url(url) == authority
    assert parse(str(authority)) == authority
