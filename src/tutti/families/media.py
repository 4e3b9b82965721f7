"""A file in a request as callers write it: an address, a data URI, or bare base64."""

import base64
import binascii
from urllib.parse import unquote_to_bytes

from tutti.errors import InvalidRequestError
from tutti.intents.chat import Media
from tutti.kit import media_types, sniff

# Characters of base64 that hold what a look at the first bytes needs; a multiple of four.
_HEAD_CHARACTERS = sniff.HEAD_BYTES * 2


def media_of(text: str, *, name: str = "", media_type: str = "", where: str = "") -> Media:
    """A file; its type from what says it best: the data URI, `media_type`, the `name`, the first bytes.

    Raises `InvalidRequestError` naming `where` when it is neither an address nor base64.
    """
    if text[:8].lower().startswith(("http://", "https://")):
        path = text.partition("?")[0].partition("#")[0]
        known = media_types.proper(media_type) or media_types.by_name(name) or media_types.by_name(path)
        return Media(media_type=known, url=text)
    if text[:5].lower() == "data:":
        return _of_data_uri(text, name=name, where=where)
    head = _decoded_head(text)
    if not head:
        raise InvalidRequestError(f"{where or 'The file'} is neither an address nor base64.", field=where or None)
    return Media(media_type=media_types.proper(media_type) or media_types.by_name(name) or _sniffed(head), data=text)


def _of_data_uri(uri: str, *, name: str, where: str) -> Media:
    """https://www.rfc-editor.org/rfc/rfc2397; what is not base64 there becomes so."""
    head, comma, data = uri[5:].partition(",")
    if not comma:
        raise InvalidRequestError(f"{where or 'The file'} is not a data URI: it has no comma.", field=where or None)
    declared, *parameters = (part.strip() for part in head.split(";"))
    if "base64" not in (parameter.lower() for parameter in parameters):
        data = base64.b64encode(unquote_to_bytes(data)).decode("ascii")
    known = media_types.proper(declared)
    if known in {"", sniff.OCTETS}:
        known = media_types.by_name(name) or _sniffed(_decoded_head(data))
    return Media(media_type=known, data=data)


def _decoded_head(data: str) -> bytes:
    """The first bytes of base64; nothing when it is none."""
    try:
        return base64.b64decode(data[:_HEAD_CHARACTERS], validate=True)
    except (binascii.Error, ValueError):
        return b""


def _sniffed(head: bytes) -> str:
    return sniff.media_type(head) if head else ""
