"""The parts of a message in the OpenAI wire: one function for each type, found in a table."""

from collections.abc import Callable, Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.media import media_of
from tutti.families.reading import Reading
from tutti.intents.chat import Audio, CacheMark, File, Foreign, Image, Media, Part, Refusal, Text, Video
from tutti.intents.documents import by_type
from tutti.kit import media_types
from tutti.wires import openai_request as wire


def part_of(value: dict[str, Any], where: str, reading: Reading) -> Part:
    """One part. Types that only this wire knows are kept for it. Raises `InvalidRequestError` naming the field."""
    kind = value.get("type", "text")
    if not isinstance(kind, str):
        raise InvalidRequestError(f"{where}.type: Expected str.", field=f"{where}.type")
    read = PARTS.get(kind)
    return read(value, where, reading) if read else Foreign(wire="openai", value=value)


def cache_of(mark: dict[str, Any] | None) -> CacheMark | None:
    """Claude's mark, which its callers put on parts of this wire too."""
    if not mark or mark.get("type") != "ephemeral":
        return None
    ttl = mark.get("ttl")
    return CacheMark(ttl=ttl if isinstance(ttl, str) else None)


def _text(value: dict[str, Any], where: str, reading: Reading) -> Part:
    part = reading.read(wire.TextPart, {"type": "text", **value}, where)
    return Text(text=part.text, cache=cache_of(part.cache_control))


def _image(value: dict[str, Any], where: str, reading: Reading) -> Part:
    part = reading.read(wire.ImagePart, value, where)
    source = wire.ImageUrl(url=part.image_url) if isinstance(part.image_url, str) else part.image_url
    media = media_of(source.url, where=f"{where}.image_url.url")
    if not media.media_type.startswith(("image/", "application/octet-stream")) and media.media_type:
        return by_type(File(media=media, cache=cache_of(part.cache_control)))
    return Image(media=media, detail=source.detail, cache=cache_of(part.cache_control))


def _audio(value: dict[str, Any], where: str, reading: Reading) -> Part:
    sound = reading.read(wire.AudioPart, value, where).input_audio
    media_type = media_types.by_name(sound.format or "")
    return Audio(media=media_of(sound.data, media_type=media_type, where=f"{where}.input_audio.data"))


def _file(value: dict[str, Any], where: str, reading: Reading) -> Part:
    part = reading.read(wire.FilePart, value, where)
    source, name, cache = part.file, part.file.filename or "", cache_of(part.cache_control)
    if source.file_id:
        return File(media=Media(file_id=source.file_id), name=name, cache=cache)
    if not source.file_data:
        raise InvalidRequestError(f"{where}.file: give file_data or file_id.", field=f"{where}.file")
    media = media_of(source.file_data, name=name, where=f"{where}.file.file_data")
    return by_type(File(media=media, name=name, cache=cache))


def _file_url(value: dict[str, Any], where: str, reading: Reading) -> Part:
    source = reading.read(wire.FileUrlPart, value, where).file_url
    return by_type(File(media=media_of(_address(source), where=f"{where}.file_url.url")))


def _video(value: dict[str, Any], where: str, reading: Reading) -> Part:
    source = reading.read(wire.VideoUrlPart, value, where).video_url
    return Video(media=media_of(_address(source), where=f"{where}.video_url.url"))


def _refusal(value: dict[str, Any], where: str, reading: Reading) -> Part:
    return Refusal(text=reading.read(wire.RefusalPart, value, where).refusal)


def _address(source: wire.Url | str) -> str:
    return source if isinstance(source, str) else source.url


PARTS: Mapping[str, Callable[[dict[str, Any], str, Reading], Part]] = {
    "text": _text,
    "image_url": _image,
    "input_audio": _audio,
    "file": _file,
    "file_url": _file_url,
    "video_url": _video,
    "refusal": _refusal,
}
