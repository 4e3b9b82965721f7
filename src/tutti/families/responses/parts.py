"""The parts of a message in the Responses wire: one function for each type, found in a table."""

from collections.abc import Callable, Mapping
from typing import Any

from tutti.errors import InvalidRequestError
from tutti.families.media import media_of
from tutti.families.reading import Reading
from tutti.intents.chat import Audio, File, Foreign, Image, Media, Part, Refusal, Text
from tutti.kit import media_types
from tutti.wires import responses as wire


def parts_of(content: str | list[dict[str, Any]], where: str, reading: Reading) -> tuple[Part, ...]:
    """The parts of a message, or the text that stands for one. Raises `InvalidRequestError` naming the field."""
    if isinstance(content, str):
        return (Text(text=content),) if content else ()
    return tuple(_part(part, f"{where}[{number}]", reading) for number, part in enumerate(content))


def _part(value: dict[str, Any], where: str, reading: Reading) -> Part:
    kind = value.get("type")
    if not isinstance(kind, str):
        raise InvalidRequestError(f"{where}.type: Expected str.", field=f"{where}.type")
    read = _PARTS.get(kind)
    return read(value, where, reading) if read else Foreign(wire="responses", value=value)


def _text(value: dict[str, Any], where: str, reading: Reading) -> Part:
    part = reading.read(wire.TextPart, _without(value, "logprobs"), where)
    return Text(text=part.text, citations=tuple(map(wire.citation_of, part.annotations or ())))


def _image(value: dict[str, Any], where: str, reading: Reading) -> Part:
    part = reading.read(wire.ImagePart, _without(value), where)
    if part.image_url:
        media = media_of(part.image_url, where=f"{where}.image_url")
    elif part.file_id:
        media = Media(file_id=part.file_id)
    else:
        raise InvalidRequestError(f"{where}: give image_url or file_id.", field=f"{where}.image_url")
    return Image(media=media, detail=part.detail)


def _file(value: dict[str, Any], where: str, reading: Reading) -> Part:
    part = reading.read(wire.FilePart, _without(value), where)
    name = part.filename or ""
    if part.file_data:
        return File(media=media_of(part.file_data, name=name, where=f"{where}.file_data"), name=name)
    if part.file_url:
        return File(media=media_of(part.file_url, name=name, where=f"{where}.file_url"), name=name)
    if part.file_id:
        return File(media=Media(file_id=part.file_id), name=name)
    raise InvalidRequestError(f"{where}: give file_data, file_url or file_id.", field=f"{where}.file_data")


def _audio(value: dict[str, Any], where: str, reading: Reading) -> Part:
    sound = reading.read(wire.AudioPart, _without(value), where).input_audio
    media_type = media_types.by_name(sound.format)
    return Audio(media=media_of(sound.data, media_type=media_type, where=f"{where}.input_audio.data"))


def _refusal(value: dict[str, Any], where: str, reading: Reading) -> Part:
    return Refusal(text=reading.read(wire.RefusalPart, _without(value), where).refusal)


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A part without its type, and without what its vendor adds and never takes."""
    return {name: inner for name, inner in value.items() if name not in {"type", *names} and inner is not None}


_PARTS: Mapping[str, Callable[[dict[str, Any], str, Reading], Part]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "summary_text": _text,
    "input_image": _image,
    "input_file": _file,
    "input_audio": _audio,
    "refusal": _refusal,
}
