"""Which IP addresses lie on the public internet, looking through those that carry another one inside."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Ranges that the standard library calls global and that are not for callers.
_NEVER: tuple[Network, ...] = (
    ip_network("168.63.129.16/32"),  # the wire server of one cloud: its metadata service under a public address
    ip_network("192.0.0.0/24"),  # IETF protocol assignments (RFC 6890)
    ip_network("192.88.99.0/24"),  # relays of 6to4, withdrawn (RFC 7526)
    ip_network("fec0::/10"),  # site-local, withdrawn but still routed in places (RFC 3879)
    ip_network("64:ff9b:1::/48"),  # NAT64 within one network (RFC 8215): where the IPv4 part stands, only it knows
)
# IPv6 prefix -> how far the IPv4 address inside stands from the right end, in bits.
_CARRIERS: tuple[tuple[IPv6Network, int], ...] = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("::ffff:0:0:0/96"), 0),  # IPv4-translated (RFC 2765)
    (IPv6Network("::/96"), 0),  # IPv4-compatible, withdrawn
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (IPv6Network("2002::/16"), 80),  # 6to4 (RFC 3056)
)
_TEREDO = IPv6Network("2001::/32")
# The interface part that ISATAP puts before its IPv4 address (RFC 5214), with and without the universal bit.
_ISATAP = (0x00005EFE, 0x02005EFE)


def parse_networks(words: Sequence[str]) -> tuple[Network, ...]:
    """Networks in CIDR form, such as "10.1.0.0/16". Raises `ValueError` naming the one that is none."""
    return tuple(ip_network(word, strict=False) for word in words)


def is_reachable(host: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a numeric address is public, or lies in a network that was allowed; words that are no address are not."""
    try:
        outer = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(outer)
    if any(address in network for address in (outer, *inner) for network in allowed):
        return True
    return all(map(_is_public, inner or (outer,)))


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_unspecified or any(address in network for network in _NEVER):
        return False
    return address.is_global


def _inside(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    for network, shift in _CARRIERS:
        # The loopback and the unspecified address lie in ::/96 and carry nothing but themselves.
        if address in network and number > 1:
            return (IPv4Address(number >> shift & 0xFFFFFFFF),)
    if address in _TEREDO:  # the server, and the client with its bits turned (RFC 4380)
        return IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        return (IPv4Address(number & 0xFFFFFFFF),)
    return ()
