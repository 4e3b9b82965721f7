"""The proxies that the environment names (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY), as they were at the start."""

from urllib.request import getproxies, proxy_bypass

from tutti.kit.http1.address import Address, Origin, parse_address
from tutti.kit.http1.errors import BadRequestError, NotConnectedError


class Proxies:
    """Which proxy stands before which server."""

    def __init__(self) -> None:
        """Read the environment."""
        self._named = getproxies()
        self._found: dict[Origin, Address | None] = {}
        self.are_named = any(self._named.get(scheme) for scheme in ("http", "https", "all"))

    def before(self, origin: Origin) -> Address | None:
        """The proxy for a server. Raises `NotConnectedError` for one that is not of http."""
        if origin not in self._found:
            self._found[origin] = self._find(origin)
        return self._found[origin]

    def _find(self, origin: Origin) -> Address | None:
        named = self._named.get("https" if origin.is_tls else "http") or self._named.get("all")
        if not named or proxy_bypass(origin.host):
            return None
        try:
            return parse_address(named)
        except BadRequestError as error:
            raise NotConnectedError("the proxy that the environment names is not one of http") from error
