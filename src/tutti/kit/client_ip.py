"""Who is at the other end of a connection, behind proxies that are trusted to say so."""

from collections.abc import Sequence
from ipaddress import ip_address

from tutti.kit.addresses import Network
from tutti.kit.asgi import Scope, header


def client_ip(scope: Scope, trusted: Sequence[Network]) -> str:
    """The address of the client: of the connection, or, through trusted proxies, the last one that none of them has.

    X-Forwarded-For is read from its end, since each proxy adds who asked it and only their words are believed.
    """
    address: str = (scope.get("client") or ("",))[0]
    if not trusted or not is_in(address, trusted):
        return address
    for named in reversed((header(scope, b"x-forwarded-for") or "").split(",")):
        if not _is_address(named.strip()):
            break
        address = named.strip()
        if not is_in(address, trusted):
            break
    return address


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of these networks."""
    if not _is_address(address):
        return False
    number = ip_address(address)
    return any(number in network for network in networks if network.version == number.version)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
