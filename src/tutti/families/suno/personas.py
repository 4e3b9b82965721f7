"""Personas: the singer of a finished song, kept under a name. Replies are bare, as Suno's own are."""

from tutti.accounts.model import Caller
from tutti.accounts.persona import Persona
from tutti.errors import InvalidRequestError, NotFoundError
from tutti.families.endpoint import body_of, caller_of, decode
from tutti.families.services import Services
from tutti.families.suno.checks import check_given, check_text
from tutti.families.suno.clips import Clips
from tutti.families.suno.render import clips_of
from tutti.intents import Song
from tutti.kit.asgi import Receive, Scope, Send, send_bytes
from tutti.kit.ids import new_public_uuid
from tutti.wires.suno import encoder
from tutti.wires.suno_acts import PersonaReply, persona_ask_decoder

_LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 5000
_MOST_CLIPS = 20
_LONGEST_CLIP_ID = 100


class Personas:
    """The routes under /suno/persona."""

    def __init__(self, services: Services, clips: Clips) -> None:
        self._services = services
        self._clips = clips

    async def create(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/persona/create/: keep the singer of a clip."""
        caller = caller_of(scope, self._services)
        form = decode(persona_ask_decoder, await body_of(scope, receive, self._services))
        root_clip_id = check_given(form.root_clip_id, "root_clip_id", "name the clip whose singer is to be kept")
        found = await self._clips.find(caller, root_clip_id, field="root_clip_id")
        if not isinstance(found.intent, Song) or found.intent.is_instrumental:
            raise InvalidRequestError(
                f"The clip {root_clip_id} has no singer of ours: choose a song that was sung here.",
                field="root_clip_id",
            )
        persona = Persona(
            id=new_public_uuid(),
            user_id=caller.user_id,
            name=check_text(check_given(form.name, "name", "say what to call the singer"), "name", _LONGEST_NAME),
            description=check_text(form.description or "", "description", _LONGEST_DESCRIPTION),
            root_clip_id=root_clip_id,
            clips=_clips(form.clips or (root_clip_id,)),
            is_public=bool(form.is_public),
            created_at_ms=self._services.clock.now_ms(),
        )
        await self._services.personas.add_persona(persona)
        await self._tell(scope, send, caller, persona)

    async def get(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/persona/{persona_id}: one's own."""
        caller = caller_of(scope, self._services)
        persona_id = scope["path_params"]["persona_id"]
        persona = await self._services.personas.find_persona(persona_id, user_id=caller.user_id)
        if persona is None:
            raise NotFoundError(f"You have no persona {persona_id[:100]!r}.", field="id", subject=persona_id)
        await self._tell(scope, send, caller, persona)

    async def _tell(self, scope: Scope, send: Send, caller: Caller, persona: Persona) -> None:
        ((task, parts),) = await self._clips.tasks_of(caller, [persona.root_clip_id])
        clips = clips_of(task, parts, self._services.link(scope))
        clip = next(clip for clip in clips if clip.id == persona.root_clip_id)
        told = PersonaReply(
            id=persona.id,
            name=persona.name,
            description=persona.description,
            root_clip_id=persona.root_clip_id,
            clip=clip,
            clips=persona.clips,
            is_public=persona.is_public,
            image_s3_id=clip.image_url,
        )
        await send_bytes(send, status=200, body=encoder.encode(told))


def _clips(given: tuple[str, ...]) -> tuple[str, ...]:
    if len(given) > _MOST_CLIPS:
        raise InvalidRequestError(f"clips holds {len(given)} ids; at most {_MOST_CLIPS} are kept.", field="clips")
    return tuple(check_text(clip_id, "clips", _LONGEST_CLIP_ID) for clip_id in given)
