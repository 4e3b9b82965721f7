"""Files that a conversation names by address, brought in where the upstream would not fetch them itself.

Addresses are the callers', so what is fetched comes in by the door for inputs.
"""

import base64
from dataclasses import replace

from tutti.blobs.inputs import InputDoor
from tutti.errors import BodyTooLargeError
from tutti.intents.chat import Audio, Chat, File, Image, Media, Message, Part, ToolResult, Video
from tutti.kit.text_addresses import Address
from tutti.vendors.wire import UpstreamWire

_WithMedia = Image | Audio | Video | File
# What is taken for each; documents may be of any type that a model reads.
_ACCEPTED: dict[type[Part], tuple[str, ...]] = {
    Image: ("image/",),
    Audio: ("audio/", "video/"),
    Video: ("video/",),
    File: ("image/", "audio/", "video/", "text/", "application/"),
}
# All files of one call together.
_MOST_BYTES = 64 * 1024 * 1024


async def with_media_inside(chat: Chat, wire: UpstreamWire, door: InputDoor, *, fetches_pictures: bool = True) -> Chat:
    """The same conversation with every file in it that the upstream cannot take by its address.

    `fetches_pictures` says whether it takes pictures so where its wire allows it. Raises `InvalidRequestError` and its
    kinds, which name the field.
    """
    bringer = _Bringer(wire, door, fetches_pictures=fetches_pictures)
    messages = [await bringer.message(message) for message in chat.messages]
    return replace(chat, messages=tuple(messages)) if bringer.taken_bytes else chat


class _Bringer:
    def __init__(self, wire: UpstreamWire, door: InputDoor, *, fetches_pictures: bool) -> None:
        self._wire = wire
        self._fetches_pictures = fetches_pictures
        self._door = door
        self.taken_bytes = 0

    async def message(self, message: Message) -> Message:
        return replace(message, parts=await self._parts(message.parts))

    async def _parts(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple([await self._part(part) for part in parts])

    async def _part(self, part: Part) -> Part:
        if isinstance(part, ToolResult):
            return replace(part, parts=await self._parts(part.parts))
        if not isinstance(part, _WithMedia) or part.media.url is None or self._takes(part):
            return part
        given = await self._door.take(part.media.url, accept=_ACCEPTED[type(part)], field="messages")
        self.taken_bytes += len(given.content)
        if self.taken_bytes > _MOST_BYTES:
            raise BodyTooLargeError(
                f"The files that `messages` names have over {_MOST_BYTES} bytes together.", field="messages"
            )
        media = Media(media_type=given.media_type, data=base64.b64encode(given.content).decode())
        if isinstance(part, File):
            return replace(part, media=media, name_at_source=Address(part.media.url).file_name)
        return replace(part, media=media)

    def _takes(self, part: _WithMedia) -> bool:
        return self._wire.takes(part, part.media) and (self._fetches_pictures or not isinstance(part, Image))
