"""Signed addresses of stored files: whoever holds one may read the file until it expires, without a key."""

import hashlib
import hmac
from pathlib import Path
from urllib.parse import quote, urlencode

from tutti.kit.clock import Clock, SystemClock
from tutti.kit.secret_file import read_or_make_secret

PREFIX = "/files/"

_DAY_S = 86_400


class FileLinks:
    """Makes and checks links `/files/<key>?exp=<unix seconds>&sig=<hex>[&name=<file name>]`."""

    def __init__(self, secret: bytes, valid_days: float, *, clock: Clock | None = None) -> None:
        self._secret = secret
        self._valid_days = valid_days
        self._clock = clock or SystemClock()

    @classmethod
    def of_data_dir(cls, data: Path, valid_days: float, *, clock: Clock | None = None) -> "FileLinks":
        """Links signed with the secret of a data directory, made at its first start."""
        return cls(read_or_make_secret(data / "secrets" / "link-key"), valid_days, clock=clock)

    def url(self, key: str, *, base_url: str = "", filename: str | None = None) -> str:
        """The address of a blob, under `filename` when a browser saves it; the same one all day long.

        The end is rounded up to a whole day, so that a task asked for twice shows the same links and caches can work.
        """
        good_until_s = self._clock.now_ms() / 1000 + self._valid_days * _DAY_S
        expires_at_s = -int(-good_until_s // _DAY_S) * _DAY_S
        name = filename or ""
        query = {"exp": str(expires_at_s), "sig": self._sign(key, str(expires_at_s), name)}
        if name:
            query["name"] = name
        return f"{base_url.rstrip('/')}{PREFIX}{quote(key)}?{urlencode(query)}"

    def is_valid(self, key: str, *, expires: str, signature: str, filename: str = "") -> bool:
        """Whether these words of a link were signed by us and still hold."""
        if not hmac.compare_digest(self._sign(key, expires, filename).encode(), signature.encode("utf-8", "replace")):
            return False
        return int(expires) * 1000 > self._clock.now_ms()

    def _sign(self, key: str, expires: str, filename: str) -> str:
        # The lengths stand first, so that no field can move its border into the next.
        words = f"{len(key)},{len(expires)},{key}{expires}{filename}"
        return hmac.new(self._secret, words.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
