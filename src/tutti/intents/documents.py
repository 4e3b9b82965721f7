"""Files by what they are: pictures, sound and films among documents, and documents that are plain text."""

import base64
import binascii

from tutti.intents.chat import Audio, File, Image, Video
from tutti.kit import media_types

_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/x-yaml", "application/yaml"})


def by_type(file: File) -> File | Image | Audio | Video:
    """A file as what its media type says: callers send pictures, sound and films as documents too."""
    match file.media.media_type.partition("/")[0]:
        case "image":
            return Image(media=file.media, cache=file.cache)
        case "audio":
            return Audio(media=file.media)
        case "video":
            return Video(media=file.media)
    return file


def is_text(media_type: str) -> bool:
    """Whether files of a media type are words as they stand."""
    return media_type.startswith("text/") or media_type in _TEXT_TYPES


def text_of(file: File) -> str | None:
    """The words of a document that is plain text and in hand; None for every other, and for bytes that are no text."""
    if file.text is not None:
        return file.text
    if file.media.data is None or not is_text(file.media.media_type):
        return None
    try:
        return base64.b64decode(file.media.data).decode("utf-8-sig")
    except (binascii.Error, UnicodeDecodeError):
        return None


def name_of(file: File) -> str:
    """A name, for wires that want one with every document: its own, that of its address, or one by what it is.

    What does not say what it is is taken for a PDF, as most are.
    """
    if file.name:
        return file.name
    name, ending = file.name_at_source, media_types.ending_of(file.media.media_type)
    is_told = "." in name and media_types.by_name(name)
    return name if name and (is_told or not ending) else f"{name or 'document'}.{ending or 'pdf'}"


def titled(name: str, text: str) -> str:
    """A text with its name, as one piece of words: for wires that know no documents of text."""
    opening = f'<document name="{name}">' if name else "<document>"
    return f"{opening}\n{text}\n</document>"
