"""Base URLs as operators write them, joined with paths as vendors document them.

Some write the address up to the host, some up to the version as SDKs have it, some with a proxy's path before it. What
the base and the path have in common stands in the address once.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

_VERSION = re.compile(r"v\d+[a-z0-9]*")


def join(base_url: str, path: str, *, known: Iterable[str]) -> str:
    """The address of a path under a base URL; `known` are all paths of the vendor, whose beginnings a base may hold.

    >>> join("https://api.openai.com/v1/", "/v1/embeddings", known=["/v1/embeddings"])
    'https://api.openai.com/v1/embeddings'
    >>> join("https://ark.example/api/v3", "/v1/embeddings", known=["/v1/embeddings"])
    'https://ark.example/api/v3/embeddings'
    """
    parts = urlsplit(base_url)
    base = [part for part in parts.path.split("/") if part]
    bare, _, query = path.partition("?")
    wanted = bare.strip("/").split("/")
    held = max((_overlap(base, one.partition("?")[0].strip("/").split("/")) for one in known), default=0)
    base = base[: len(base) - held]
    if base and _VERSION.fullmatch(base[-1]) and wanted[0] == "v1":  # a version of its own instead of the wire's
        wanted = wanted[1:]
    return urlunsplit((parts.scheme, parts.netloc, "/" + "/".join([*base, *wanted]), query, ""))


def _overlap(base: list[str], path: list[str]) -> int:
    """How many parts at the end of the one are the beginning of the other."""
    most = min(len(base), len(path))
    return next((count for count in range(most, 0, -1) if base[-count:] == path[:count]), 0)
