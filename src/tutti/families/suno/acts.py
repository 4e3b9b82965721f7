"""What can be done with a finished clip at once: its other files, its words and notes in time, its stems, its tags."""

from collections.abc import Callable

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError, WorkFailedError
from tutti.families.endpoint import body_of, caller_of, decode
from tutti.families.services import Services
from tutti.families.suno.checks import check_given, check_text
from tutti.families.suno.clips import Clips, FoundClip
from tutti.families.suno.once import Once
from tutti.families.suno.orders import Orders
from tutti.families.suno.render import clips_of, fail_reason, file_name, made_files
from tutti.families.suno.stems import TWO
from tutti.families.suno.submit import priced_name
from tutti.families.suno.tags import expand_tags
from tutti.families.suno.timing import to_timing
from tutti.families.suno.translate import to_source
from tutti.intents import SoundFile
from tutti.kit.asgi import Receive, Scope, Send, send_bytes, while_connected
from tutti.kit.midi import MidiTrack, read_midi
from tutti.tasks.model import Task
from tutti.tasks.states import TaskState
from tutti.tasks.wait import wait_until_done
from tutti.wires.suno import encoder
from tutti.wires.suno_acts import (
    ClipList,
    FileReply,
    MidiInstrument,
    MidiNote,
    MidiReply,
    TagsEnvelope,
    TagsReply,
    tags_ask_decoder,
)

# How long a call waits for a file that is being made; proxies commonly give up after 60 s.
WAIT_S = 25.0
_LONGEST_TAGS = 1000


class Acts:
    """The routes under /suno/act."""

    def __init__(self, services: Services, clips: Clips, orders: Orders, *, wait_s: float) -> None:
        self._services = services
        self._clips = clips
        self._orders = orders
        self._once = Once(services)
        self._wait_s = wait_s

    async def wav(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /suno/act/wav/{clip_id}."""
        caller, found = await self._found(scope)
        await self._make(scope, receive, send, caller, found, form="wav")

    async def mp4(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET /suno/act/mp4/{clip_id}: the film of a song, or one made of brought sound."""
        caller, found = await self._found(scope)
        key = found.clip.files.get("video")
        if key is None:
            await self._make(scope, receive, send, caller, found, form="mp4")
        else:
            await self._tell_file(scope, send, found, "mp4", key)

    async def timing(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/act/timing/{clip_id}: when each word is sung."""
        _, found = await self._found(scope)
        stored = await self._stored(found, "timed_lyrics", "no timed words: only songs made here have them")
        # Clips of an earlier version have none.
        key = found.clip.files.get("waveform")
        waveform = await self._services.blobs.get(key) if key else b"[]"
        await send_bytes(send, status=200, body=encoder.encode(to_timing(stored, waveform)))

    async def midi(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/act/midi/{clip_id}: the notes of each instrument."""
        _, found = await self._found(scope)
        stored = await self._stored(found, "midi", "no notes: only songs made here have them")
        told = MidiReply(instruments=tuple(_instrument(track) for track in read_midi(stored)))
        await send_bytes(send, status=200, body=encoder.encode(told))

    async def stems(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/act/stems/{clip_id}: voice and instruments as two clips, done or in work."""
        caller = caller_of(scope, self._services)
        clip_id = scope["path_params"]["clip_id"]
        intent = await self._orders.stems(caller, clip_id, TWO)
        caller.require_model(priced_name(intent))
        task = await self._once.submit(caller, intent, about=f"stems of {clip_id}")
        parts = await self._services.store.parts([task.id])
        told = ClipList(clips=clips_of(task, parts.get(task.id, ()), self._services.link(scope)))
        await send_bytes(send, status=200, body=encoder.encode(told))

    async def tags(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/act/tags: the bare answer."""
        await send_bytes(send, status=200, body=encoder.encode(await self._expanded(scope, receive)))

    async def submit_tags(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/submit/UPSAMPLE_TAGS: the same in the envelope."""
        told = TagsEnvelope(data=await self._expanded(scope, receive))
        await send_bytes(send, status=200, body=encoder.encode(told))

    async def _expanded(self, scope: Scope, receive: Receive) -> TagsReply:
        caller_of(scope, self._services)
        form = decode(tags_ask_decoder, await body_of(scope, receive, self._services))
        field = "original_tags" if form.original_tags or not form.tags else "tags"
        given = check_given(form.original_tags or form.tags, field, "send a few style words")
        tags = expand_tags(check_text(given, field, _LONGEST_TAGS))
        return TagsReply(upsampled_tags=tags, request_id=str(scope.get("tutti.request_id", "")))

    async def _found(self, scope: Scope) -> tuple[Caller, FoundClip]:
        caller = caller_of(scope, self._services)
        return caller, await self._clips.find(caller, scope["path_params"]["clip_id"])

    async def _stored(self, found: FoundClip, name: str, lack: str) -> bytes:
        """A file of the clip. Raises `InvalidRequestError` when it has none, `NotFoundError` when it has been swept."""
        key = found.clip.files.get(name)
        if key is None:
            raise InvalidRequestError(f"The clip {found.clip.clip_id} has {lack}.", field="clip_id")
        return await self._services.blobs.get(key)

    async def _make(
        self, scope: Scope, receive: Receive, send: Send, caller: Caller, found: FoundClip, *, form: str
    ) -> None:
        """Have a file made, wait a while, and tell it or that it is being made."""
        intent = SoundFile(clip=to_source(found.clip), form=form)
        caller.require_model(priced_name(intent))
        task = await self._once.submit(caller, intent, about=f"{form} of {found.clip.clip_id}")

        async def answer() -> None:
            await self._tell_made(scope, send, found, form, await self._waited(task))

        # The work goes on without whoever asked: the next call finds it done.
        await while_connected(answer(), receive)

    async def _waited(self, task: Task) -> Task:
        return await wait_until_done(self._services.store, task, timeout_s=self._wait_s)

    async def _tell_made(self, scope: Scope, send: Send, found: FoundClip, form: str, task: Task) -> None:
        if task.state is TaskState.SUCCEEDED:
            (key,) = made_files(task).values()
            await self._tell_file(scope, send, found, form, key)
        elif task.is_terminal:
            raise WorkFailedError(fail_reason(task), subject=task.public_id)
        else:
            message = f"The {form} is being made: ask again, or fetch the task."
            told = FileReply(code="in_progress", message=message, task_id=task.public_id)
            await send_bytes(send, status=200, body=encoder.encode(told))

    async def _tell_file(self, scope: Scope, send: Send, found: FoundClip, form: str, key: str) -> None:
        url = self._services.link(scope)(key, name=file_name(found.clip.title, form, key))
        told = _TELL[form](url)
        await send_bytes(send, status=200, body=encoder.encode(told))


# Form -> its answer: clients read the address of a wav in `data`, that of a film in an object there.
_TELL: dict[str, Callable[[str], FileReply]] = {
    "wav": lambda url: FileReply(data=url, wav_file_url=url),
    "mp4": lambda url: FileReply(data={"mp4_file_url": url}, mp4_file_url=url),
}


def _instrument(track: MidiTrack) -> MidiInstrument:
    notes = tuple(
        MidiNote(pitch=note.pitch, start=note.start_s, end=note.end_s, velocity=round(note.velocity / 127, 3))
        for note in track.notes
    )
    return MidiInstrument(name=track.name, notes=notes)
