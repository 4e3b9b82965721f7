"""Files as callers write them in requests, and read them in answers that are words."""

import base64
import binascii

from tutti.errors import InvalidRequestError
from tutti.intents.chat import Image, Media
from tutti.kit import data_uri, media_types, sniff

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


def markdown_of(image: Image) -> str:
    """A picture in an answer of a wire that has only words for it: callers of such gateways expect markdown."""
    media = image.media
    return f"![image]({media.url or data_uri.join(media.media_type or 'image/png', media.data or '')})"


def _of_data_uri(uri: str, *, name: str, where: str) -> Media:
    found = data_uri.split(uri)
    if found is None:
        raise InvalidRequestError(f"{where or 'The file'} is not a data URI: it has no comma.", field=where or None)
    declared, data = found
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
