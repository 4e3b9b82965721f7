"""From the body of a submit to what is to be made: the translation with what has to be looked up for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from tutti.accounts.model import Caller
from tutti.errors import InvalidRequestError
from tutti.families.endpoint import decode
from tutti.families.services import Services
from tutti.families.suno.checks import check_given, to_notify_hook
from tutti.families.suno.clips import Clips
from tutti.families.suno.concat import to_concat
from tutti.families.suno.edits import EDITS, PERSONA_WORD, STEMS_WORD, to_clip_id, to_task_word
from tutti.families.suno.errors import TaskNotExistError
from tutti.families.suno.own import own_task
from tutti.families.suno.stems import ALL, TWO, to_stem_word, to_stems
from tutti.families.suno.translate import to_continued, to_lyrics_wish, to_song, to_source
from tutti.intents import AnyIntent, GoOn, Song, Stems
from tutti.wires.suno import SubmitMusic, submit_lyrics_decoder, submit_music_decoder
from tutti.wires.suno_acts import ClipAsk, clip_ask_decoder


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a submit asks for."""

    intent: AnyIntent
    notify_hook: str | None = None


ReadBody = Callable[[Caller, bytes], Awaitable[Order]]


class Orders:
    """Reads the bodies of submits for their caller."""

    def __init__(self, services: Services, clips: Clips) -> None:
        self._services = services
        self._clips = clips
        # Action of /suno/submit/{action} -> what reads its body.
        self.by_action: Mapping[str, ReadBody] = {
            "music": self.music,
            "lyrics": self.lyrics,
            "concat": self.concat,
            "stems": self.two_stems,
        }

    async def music(self, caller: Caller, body: bytes) -> Order:
        """A song, or what its task word asks for."""
        form = decode(submit_music_decoder, body)
        hook = to_notify_hook(form.notify_hook)
        word = to_task_word(form)
        if word is None:
            return Order(intent=to_song(form, source=await self._continued(caller, form)), notify_hook=hook)
        if word == PERSONA_WORD:
            return Order(intent=await self._sung_by_persona(caller, form), notify_hook=hook)
        if word == STEMS_WORD:
            clip_id = to_clip_id(form, "continue_clip_id")
            intent = await self.stems(caller, clip_id, to_stem_word(form), field="continue_clip_id")
            return Order(intent=intent, notify_hook=hook)
        edit = EDITS[word]
        clip_id = to_clip_id(form, edit.clip_field)
        found = await self._clips.find(caller, clip_id, field=edit.clip_field)
        return Order(intent=edit.make(form, found.clip), notify_hook=hook)

    async def lyrics(self, caller: Caller, body: bytes) -> Order:  # noqa: ARG002 - as its siblings
        """Words for a song."""
        form = decode(submit_lyrics_decoder, body)
        return Order(intent=to_lyrics_wish(form), notify_hook=to_notify_hook(form.notify_hook))

    async def concat(self, caller: Caller, body: bytes) -> Order:
        """A part joined to its whole song."""
        form = decode(clip_ask_decoder, body)
        return Order(
            intent=await to_concat(self._clips, caller, _clip_id(form)),
            notify_hook=to_notify_hook(form.notify_hook),
        )

    async def two_stems(self, caller: Caller, body: bytes) -> Order:
        """Voice and instruments of a clip."""
        form = decode(clip_ask_decoder, body)
        intent = await self.stems(caller, _clip_id(form), TWO)
        return Order(intent=intent, notify_hook=to_notify_hook(form.notify_hook))

    async def stems(self, caller: Caller, clip_id: str, word: str, *, field: str = "clip_id") -> Stems:
        """A clip's stems; for all of them its plan is read."""
        found = await self._clips.find(caller, clip_id, field=field)
        key = found.clip.files.get("plan") if word == ALL else None
        return to_stems(word, found.clip, await self._services.blobs.get(key) if key else None)

    async def _sung_by_persona(self, caller: Caller, form: SubmitMusic) -> Song:
        """A new song in a stored singer's voice, or in that of the clip that is named in its place."""
        clip_id, field = form.artist_clip_id, "artist_clip_id"
        if form.persona_id:
            persona = await self._services.personas.find_persona(form.persona_id, user_id=caller.user_id)
            if persona is None:
                raise InvalidRequestError(f"You have no persona {form.persona_id[:100]!r}.", field="persona_id")
            clip_id, field = persona.root_clip_id, "persona_id"
        if not clip_id:
            raise InvalidRequestError("persona_id is empty: name the singer.", field="persona_id")
        found = await self._clips.find(caller, clip_id, field=field)
        return replace(to_song(form), persona=to_source(found.clip), persona_id=form.persona_id or None)

    async def _continued(self, caller: Caller, form: SubmitMusic) -> GoOn | None:
        """The clip that a song goes on from as one whole: the older form, which names task and clip."""
        if not form.continue_clip_id:
            return None
        if not form.task_id:
            raise InvalidRequestError("task id is empty", field="task_id")
        task = await own_task(self._services, caller, form.task_id)
        if task is None:
            raise TaskNotExistError("task_origin_not_exist", field="task_id")
        parts = await self._services.store.parts([task.id])
        return to_continued(form, parts.get(task.id, ()))


def _clip_id(form: ClipAsk) -> str:
    return check_given(form.clip_id, "clip_id", "name the clip to work on")
