import pytest

from tutti.kit.addresses import parse_networks
from tutti.kit.client_ip import client_ip, is_in

PROXIES = parse_networks(["10.0.0.0/8", "fd00::/8"])


def scope(peer, forwarded=None):
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    return {"client": (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
    ],
)
def test_only_trusted_proxies_are_believed(peer, forwarded, found):
    assert client_ip(scope(peer, forwarded), PROXIES) == found


def test_nobody_is_trusted_by_default():
    assert client_ip(scope("10.0.0.1", "198.51.100.1"), ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "is_inside"), [("10.9.9.9", True), ("11.0.0.1", False), ("fd00::2", True), ("", False)]
)
def test_address_lies_in_a_network(address, is_inside):
    assert is_in(address, PROXIES) == is_inside
