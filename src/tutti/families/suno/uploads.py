"""Sounds that callers bring: by address, in one multipart post, or in the four steps of a form.

An upload has one id from its beginning: the id of the form, of the task that makes a clip of the sound, and of the
clip. Checking how long the sound is and whether it can be read is the engine's part.
"""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import msgspec

from tutti.accounts.model import Caller
from tutti.errors import ConflictError
from tutti.families.endpoint import body_of, caller_of, decode, idempotency_key_of
from tutti.families.services import Services
from tutti.families.suno.checks import check_given, check_text, check_word, to_notify_hook
from tutti.families.suno.errors import ClipNotReadyError, TaskNotExistError
from tutti.families.suno.incoming import SOUND_TYPES, IncomingSound
from tutti.families.suno.own import own_task
from tutti.families.suno.posted import PostedForm, read_form
from tutti.families.suno.render import fail_reason
from tutti.families.suno.seats import promised
from tutti.families.suno.submit import submit
from tutti.families.suno.translate import LONGEST_TITLE
from tutti.families.suno.upload_forms import FORM_PATH, UploadForms, is_upload_id, sound_key
from tutti.intents import ClipSeat, SoundImport
from tutti.intents.stored import read_intent
from tutti.kit.asgi import Receive, Scope, Send, base_url, header, send_bytes
from tutti.kit.ids import new_id
from tutti.tasks.model import Task
from tutti.tasks.states import TaskState
from tutti.wires.suno import Envelope, encoder
from tutti.wires.suno_acts import (
    ClipName,
    UploadForm,
    UploadFormReply,
    UploadState,
    upload_ask_decoder,
    upload_finish_decoder,
)

MODEL = "suno_upload"
_LONGEST_URL = 2048
_EXTENSIONS = tuple(dict.fromkeys(SOUND_TYPES.values()))
_MEDIA_TYPES = {extension: media for media, extension in reversed(SOUND_TYPES.items())}


class Uploads:
    """The routes under /suno/uploads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._forms = UploadForms(services.form_secret, services.clock)

    async def from_address(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/uploads/audio-url: fetch a sound and make a clip of it."""
        caller = self._uploader(scope)
        form = decode(upload_ask_decoder, await body_of(scope, receive, self._services))
        url = check_given(form.url, "url", "name the address of a sound")
        await self._take_address(scope, send, caller, url, title=form.name, notify_hook=form.notify_hook)

    async def begin(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/uploads/audio: a file at once, an address, or the wish for a form."""
        caller = self._uploader(scope)
        if (header(scope, b"content-type") or "").lower().startswith("multipart/"):
            await self._take_file(scope, receive, send, caller)
            return
        form = decode(upload_ask_decoder, await body_of(scope, receive, self._services))
        if form.url:
            await self._take_address(scope, send, caller, form.url, title=form.name, notify_hook=form.notify_hook)
            return
        wanted = f"name the kind of file ({', '.join(_EXTENSIONS)}), or send a url or a file"
        extension = check_given(form.extension, "extension", wanted).lower().removeprefix(".")
        check_word(extension, "extension", _EXTENSIONS)
        told = self._new_form(caller, extension, base=self._services.settings.public_url or base_url(scope))
        await send_bytes(send, status=200, body=encoder.encode(told))

    async def post_form(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/uploads/form/{upload_id}: the file of a form; its signed fields stand for a key."""
        upload_id = scope["path_params"]["upload_id"]
        self._services.require_room()
        async with self._incoming() as sound:
            posted = PostedForm(sound, check=lambda fields: self._forms.key_of(upload_id, fields))
            await read_form(scope, receive, posted)
            key = self._forms.key_of(upload_id, posted.fields)
            if await self._services.store.find([upload_id], user_id=None):
                raise ConflictError("This upload is finished: ask for another form.")
            await sound.keep(self._services.blobs, key)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def finish(self, scope: Scope, receive: Receive, send: Send) -> None:
        """POST /suno/uploads/audio/{upload_id}/upload-finish: make a clip of what was posted; once, however often."""
        caller = self._uploader(scope)
        form = decode(upload_finish_decoder, await body_of(scope, receive, self._services) or b"{}")
        upload_id = scope["path_params"]["upload_id"]
        task = await self._task(caller, upload_id)
        if task is None:
            await self._require_posted(caller, upload_id)
            # Said twice at once it is done once. Its line break keeps the key from being anyone's own.
            key = f"finish\n{upload_id}"
            await self._import(caller, upload_id, title=form.upload_filename, request=upload_id, idempotency_key=key)
        await self._tell_state(send, caller, upload_id)

    async def state(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - a GET has no body
        """GET /suno/uploads/audio/{upload_id}."""
        await self._tell_state(send, caller_of(scope, self._services), scope["path_params"]["upload_id"])

    async def initialize(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the body is {}
        """POST /suno/uploads/audio/{upload_id}/initialize-clip: the clip's id, once it is complete."""
        caller = caller_of(scope, self._services)
        upload_id = scope["path_params"]["upload_id"]
        task = await self._task(caller, upload_id)
        if task is None or task.state is not TaskState.SUCCEEDED:
            state = await self._state(caller, upload_id)
            reason = state.error_message or f"it is {state.status}"
            raise ClipNotReadyError(f"The upload {upload_id} is no clip yet: {reason}.", subject=upload_id)
        await send_bytes(send, status=200, body=encoder.encode(ClipName(clip_id=upload_id)))

    def _uploader(self, scope: Scope) -> Caller:
        """Who may bring sounds, while there is room for them."""
        caller = caller_of(scope, self._services)
        caller.require_model(MODEL)
        self._services.models.offer(MODEL)
        self._services.require_room()
        return caller

    def _incoming(self) -> IncomingSound:
        return IncomingSound(self._services.scratch, max_bytes=self._services.settings.upload_max_bytes)

    def _new_form(self, caller: Caller, extension: str, *, base: str) -> UploadFormReply:
        upload_id = new_id()
        url = f"{base.rstrip('/')}{FORM_PATH}{upload_id}"
        fields = {"Content-Type": _MEDIA_TYPES[extension], **self._forms.fields(upload_id, caller.user_id)}
        form = UploadForm(id=upload_id, url=url, fields=fields)
        return UploadFormReply(data=form, id=upload_id, url=url, fields=fields)

    async def _take_address(
        self, scope: Scope, send: Send, caller: Caller, url: str, *, title: str | None, notify_hook: str | None
    ) -> None:
        hook = to_notify_hook(notify_hook)
        upload_id = new_id()
        check_text(url, "url", _LONGEST_URL)
        async with self._incoming() as sound:
            await self._services.copy_from(url, sound.write, self._services.settings.upload_max_bytes)
            await sound.keep(self._services.blobs, sound_key(upload_id, caller.user_id))
        name = title or PurePosixPath(unquote(urlsplit(url).path)).name
        request = {"url": url, "name": title}
        upload_id = await self._import_new(scope, caller, upload_id, title=name, request=request, notify_hook=hook)
        await send_bytes(send, status=200, body=encoder.encode(Envelope(data=upload_id)))

    async def _take_file(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        upload_id = new_id()
        async with self._incoming() as sound:
            posted = PostedForm(sound)
            await read_form(scope, receive, posted)
            hook = to_notify_hook(posted.fields.get("notify_hook"))
            await sound.keep(self._services.blobs, sound_key(upload_id, caller.user_id))
        title = posted.fields.get("name") or posted.filename
        request = {"filename": posted.filename, "sha256": sound.sha256}
        upload_id = await self._import_new(scope, caller, upload_id, title=title, request=request, notify_hook=hook)
        await send_bytes(send, status=200, body=encoder.encode(Envelope(data=upload_id)))

    async def _import_new(
        self,
        scope: Scope,
        caller: Caller,
        upload_id: str,
        *,
        title: str | None,
        request: object,
        notify_hook: str | None,
    ) -> str:
        """Submit a sound that has just come; one that is refused, or had come before, leaves no file behind."""
        key = sound_key(upload_id, caller.user_id)
        try:
            task_id = await self._import(
                caller,
                upload_id,
                title=title,
                request=request,
                idempotency_key=idempotency_key_of(scope),
                notify_hook=notify_hook,
            )
        except Exception:
            await self._services.blobs.delete([key])
            raise
        if task_id != upload_id:
            await self._services.blobs.delete([key])
        return task_id

    async def _import(
        self,
        caller: Caller,
        upload_id: str,
        *,
        title: str | None,
        request: object,
        idempotency_key: str | None,
        notify_hook: str | None = None,
    ) -> str:
        """Submit the making of a clip. Gives the task's id."""
        name = PurePosixPath((title or "").replace("\\", "/").replace("\0", "")).name
        intent = SoundImport(
            # Nothing about an upload is left to chance: its seed is read by nobody.
            seat=ClipSeat(clip_id=upload_id, seed=0),
            sound_key=sound_key(upload_id, caller.user_id),
            title=check_text(name.rpartition(".")[0] or name, "name", LONGEST_TITLE),
        )
        submitted = await submit(
            self._services,
            caller,
            self._services.models.offer(MODEL),
            intent,
            body=msgspec.json.encode(request),
            notify_hook=notify_hook,
            idempotency_key=idempotency_key,
            task_id=upload_id,
        )
        return submitted.task.public_id

    async def _task(self, caller: Caller, upload_id: str) -> Task | None:
        if not is_upload_id(upload_id):
            return None
        return await own_task(self._services, caller, upload_id, kind=SoundImport.kind)

    async def _require_posted(self, caller: Caller, upload_id: str) -> None:
        """Raise `TaskNotExistError` unless this user has posted the file of this upload."""
        is_posted = is_upload_id(upload_id) and await self._services.blobs.head(sound_key(upload_id, caller.user_id))
        if not is_posted:
            raise TaskNotExistError(
                f"{TaskNotExistError.code}: you have posted no file for the upload {upload_id[:100]!r}.", field="id"
            )

    async def _tell_state(self, send: Send, caller: Caller, upload_id: str) -> None:
        await send_bytes(send, status=200, body=encoder.encode(await self._state(caller, upload_id)))

    async def _state(self, caller: Caller, upload_id: str) -> UploadState:
        task = await self._task(caller, upload_id)
        if task is None:
            await self._require_posted(caller, upload_id)
            return UploadState(id=upload_id, status="uploaded")
        (clip,) = promised(read_intent(task.intent))
        if task.state is TaskState.SUCCEEDED:
            return UploadState(id=upload_id, status="complete", title=clip.title, s3_id=upload_id)
        if task.is_terminal:
            return UploadState(id=upload_id, status="error", title=clip.title, error_message=fail_reason(task))
        return UploadState(id=upload_id, status="processing", title=clip.title)
