"""An address taken apart: whom to connect to, and what the first lines of a request say of it."""

import base64
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from tutti.kit.http1.errors import BadRequestError

_PORTS = {"http": 80, "https": 443}
# What may stand in path and query as it is, RFC 3986; "%" because it stands for what was quoted already.
_PLAIN = "%/:?@!$&'()*+,;=-._~[]"


@dataclass(frozen=True, slots=True)
class Origin:
    """A server; connections to it are as good as one another."""

    host: str
    port: int
    is_tls: bool

    @property
    def name(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.is_tls else "http"] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request goes."""

    origin: Origin
    # Path and query.
    target: str
    # Of a user and password in the address; empty without.
    authorization: str


@lru_cache(maxsize=1024)
def parse_address(url: str) -> Address:
    """Take an address apart. Raises `BadRequestError`."""
    try:
        parts = urlsplit(url)
        usual_port = _PORTS[parts.scheme]
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port or usual_port
    except (ValueError, KeyError):  # UnicodeError is one of the first
        raise BadRequestError("not an address of http or https") from None
    if not host:
        raise BadRequestError("an address without a host")
    target = quote(parts.path or "/", safe=_PLAIN)
    if parts.query:
        target += "?" + quote(parts.query, safe=_PLAIN)
    return Address(Origin(host, port, parts.scheme == "https"), target, _basic(parts.username, parts.password))


def _basic(user: str | None, password: str | None) -> str:
    if user is None and password is None:
        return ""
    return "Basic " + base64.b64encode(f"{unquote(user or '')}:{unquote(password or '')}".encode()).decode()
