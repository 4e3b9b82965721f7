import pytest

from tutti.kit.addresses import is_reachable, parse_networks

HOSTILE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104 - nothing is bound
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::1",
    "2001:0:7f00:1::80ff:fefe",
    "2001:0:808:808::80ff:fffe",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:127.0.0.1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",
    "127.1",
    "2130706433",
    "",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_address_is_not_reachable(address: str) -> None:
    assert not is_reachable(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_reachable(address: str) -> None:
    assert is_reachable(address)


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("::ffff:10.1.2.3", True),
        ("fd12::7", True),
        ("fd13::7", False),
        ("127.0.0.1", False),
        ("8.8.8.8", True),
    ],
)
def test_allowed_network_is_reachable_and_no_other(address: str, reachable: bool) -> None:  # noqa: FBT001 - a table
    assert is_reachable(address, parse_networks(["10.1.0.0/16", "fd12::/16"])) == reachable


def test_network_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="intranet"):
        parse_networks(["10.0.0.0/8", "intranet"])
