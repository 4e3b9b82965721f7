"""Suno tasks as another gateway of the New-API family serves them: submit, fetch, files, and calling back.

What a job does is steered by its prompt: "take 2.5 s" is done that long after its submit (else at its second fetch),
"fail please" ends in FAILURE. A job belongs to the key that it was asked for with; what goes on from a clip must be
asked for with the key and the task that made the clip. Idempotency-Key is honoured unless the prompt says "keyless".

    GET /_jobs   every job with the moments at which it was begun and done, in milliseconds of the clock
"""

import asyncio
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from tests.upstream.call import Call, Refused, Reply, Wire, reply_json, require, route
from tests.upstream.forms import Form
from tests.upstream.openai import require_bearer
from tests.upstream.openai import tell_error as tell_openai_error

# What each kind of file begins with, so that it is known by its content.
FILES = {
    "mp3": ("audio/mpeg", b"ID3" + bytes(60_000)),
    "mp4": ("video/mp4", b"\0\0\0\x18ftypisom" + bytes(2000)),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff\xe0" + bytes(1000)),
}
TEXT = "[Verse]\nWords of the upstream"


class Music(msgspec.Struct, frozen=True, kw_only=True):
    """Any submit; like its kin this wire takes fields that it does not know."""

    prompt: str | None = None
    gpt_description_prompt: str | None = None
    make_instrumental: bool | None = None
    mv: str | None = None
    title: str | None = None
    tags: str | None = None
    negative_tags: str | None = None
    task: str | None = None
    task_id: str | None = None
    continue_clip_id: str | None = None
    continue_at: float | None = None
    cover_clip_id: str | None = None
    artist_clip_id: str | None = None
    persona_id: str | None = None
    clip_id: str | None = None
    infill_start_s: float | None = None
    infill_end_s: float | None = None
    infill_lyrics: str | None = None
    underpainting_clip_id: str | None = None
    underpainting_start_s: float | None = None
    underpainting_end_s: float | None = None
    overpainting_clip_id: str | None = None
    overpainting_start_s: float | None = None
    overpainting_end_s: float | None = None
    stem_task: str | None = None
    stem_type_group_name: str | None = None
    vocal_gender: str | None = None
    style_weight: float | None = None
    weirdness: float | None = None
    seed: int | None = None
    duration: float | None = None
    bpm: float | None = None
    key: str | None = None
    metadata: dict[str, Any] | None = None
    metadata_params: dict[str, Any] | None = None
    notify_hook: str | None = None

    @property
    def text(self) -> str:
        """The words that steer the job."""
        return f"{self.prompt or ''} {self.gpt_description_prompt or ''}"

    @property
    def clips(self) -> list[str]:
        """The clips that it starts from."""
        params = self.metadata_params or {}
        names = ("continue_clip_id", "cover_clip_id", "artist_clip_id", "underpainting_clip_id", "overpainting_clip_id")
        found = [getattr(self, name) or params.get(name) for name in (*names, "clip_id")]
        return [one for one in found if one]


class Fetch(Form):
    ids: list[str]
    action: str | None = None


@dataclass
class Job:
    """One task."""

    id: str
    key: str
    action: str
    form: Music
    clip_ids: tuple[str, ...]
    # Seconds of work; None: done at the second fetch.
    takes_s: float | None
    begun_ms: int
    idempotency_key: str | None = None
    fetches: int = 0
    done_ms: int = 0

    def look(self) -> str:
        """Its status now."""
        now_ms = _now_ms()
        if not self.done_ms:
            if self.takes_s is None:
                self.done_ms = now_ms if self.fetches >= 2 else 0
            elif now_ms >= self.begun_ms + self.takes_s * 1000:
                self.done_ms = self.begun_ms + int(self.takes_s * 1000)
        if self.done_ms:
            return "FAILURE" if "fail please" in self.form.text else "SUCCESS"
        return "IN_PROGRESS" if self.fetches else "SUBMITTED"


def wire() -> Wire:
    """The Suno wire, with jobs of its own."""
    jobs = Jobs()
    return Wire(
        name="suno",
        routes=[
            route("POST", r"/suno/submit/music/concat", jobs.submit),
            route("POST", r"/suno/submit/(?P<action>\w+)", jobs.submit),
            route("POST", r"/suno/fetch", jobs.fetch_many),
            route("GET", r"/suno/fetch/(?P<task_id>[\w-]+)", jobs.fetch_one),
            route("GET", r"/files/(?P<clip_id>[\w-]+)\.(?P<form>\w+)", file),
            route("GET", r"/_jobs", jobs.tell),
        ],
        tell_error=tell_error,
    )


def tell_error(error: Refused) -> object:
    """Errors before a task is looked at have OpenAI's form, those of tasks the envelope."""
    if error.status in {401, 404} or error.status >= 500:
        return tell_openai_error(error)
    return {"code": error.code or "invalid_request", "message": error.message, "data": None}


class Jobs:
    """All tasks that were taken."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._by_key: dict[tuple[str, str], str] = {}
        self._by_clip: dict[str, Job] = {}
        self._calling: set[asyncio.Task[None]] = set()

    def submit(self, call: Call) -> Reply:
        """POST /suno/submit/{action}."""
        require_bearer(call)
        form = call.read(Music)
        action = call.found.get("action", "concat").lower()
        self._check(call, action, form)
        asked = (call.key, call.headers.get("idempotency-key") or str(uuid.uuid4()))
        job = self._jobs.get(self._by_key.get(asked, ""))
        if job is None or "keyless" in form.text:
            job = self._take(call, action, form)
            self._by_key[asked] = job.id
        return _envelope(job.id)

    def fetch_many(self, call: Call) -> Reply:
        """POST /suno/fetch: the caller's own of these ids; others are left out."""
        require_bearer(call)
        base = _base(call)
        known = [job for job in map(self._jobs.get, call.read(Fetch).ids) if job is not None and job.key == call.key]
        return _envelope([] if call.fault.forget else [self._look(job, base) for job in known])

    def fetch_one(self, call: Call) -> Reply:
        """GET /suno/fetch/{task_id}."""
        require_bearer(call)
        job = self._jobs.get(call.found["task_id"])
        if job is None or job.key != call.key or call.fault.forget:
            raise Refused("task_not_exist", code="task_not_exist")
        return _envelope(self._look(job, _base(call)))

    def tell(self, _call: Call) -> Reply:
        """GET /_jobs."""
        rows = [
            {"id": job.id, "key": job.key, "action": job.action, "begun_ms": job.begun_ms, "done_ms": job.done_ms}
            | {"fetches": job.fetches, "clips": job.clip_ids, "idempotency_key": job.idempotency_key}
            for job in self._jobs.values()
        ]
        return reply_json(rows)

    def _check(self, call: Call, action: str, form: Music) -> None:
        if action == "lyrics":
            require(form.prompt, "prompt_empty")
            return
        require(action in ("music", "concat", "stems"), f"invalid_action: {action}")
        for clip_id in form.clips:
            parent = self._by_clip.get(clip_id)
            if parent is None or parent.key != call.key:
                raise Refused(f"There is no clip {clip_id}.", code="task_not_exist")
            is_named = form.task_id in (None, parent.id)
            require(is_named and (form.task_id or form.continue_clip_id is None or form.task), "task_origin_not_exist")
        if action == "music" and not form.clips:
            require(form.prompt is not None or form.gpt_description_prompt, "prompt_empty")

    def _take(self, call: Call, action: str, form: Music) -> Job:
        number = len(self._jobs) + 1
        job_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"job {number}"))
        wanted = re.search(r"\btake ([\d.]+) s", form.text)
        count = 0 if action == "lyrics" else 1 if action == "concat" else 2
        job = Job(
            id=job_id,
            key=call.key,
            action=action,
            form=form,
            clip_ids=tuple(str(uuid.uuid5(uuid.NAMESPACE_URL, f"clip {number} {index}")) for index in range(count)),
            takes_s=float(wanted[1]) if wanted else None,
            begun_ms=_now_ms(),
            idempotency_key=call.headers.get("idempotency-key"),
        )
        self._jobs[job_id] = job
        self._by_clip.update(dict.fromkeys(job.clip_ids, job))
        if form.notify_hook and job.takes_s is not None:
            calling = asyncio.get_running_loop().create_task(self._call_back(job, form.notify_hook, _base(call)))
            self._calling.add(calling)
            calling.add_done_callback(self._calling.discard)
        return job

    async def _call_back(self, job: Job, hook: str, base: str) -> None:
        """Post the ended task, as often as it takes to be heard, five times at most."""
        await asyncio.sleep(job.takes_s or 0)
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(5):
                try:
                    if (await client.post(hook, json=_task(job, base))).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.2)

    def _look(self, job: Job, base: str) -> dict[str, Any]:
        job.fetches += 1
        return _task(job, base)


def file(call: Call) -> Reply:
    """GET /files/{clip}.{form}: no key is asked for, as with any content network."""
    require(call.found["form"] in FILES, "There is no such file.")
    kind, content = FILES[call.found["form"]]
    return Reply(content_type=kind, body=content)


def _task(job: Job, base: str) -> dict[str, Any]:
    status = job.look()
    is_over = status in ("SUCCESS", "FAILURE")
    return {
        "task_id": job.id,
        "notify_hook": job.form.notify_hook or "",
        "action": "LYRICS" if job.action == "lyrics" else "MUSIC",
        "status": status,
        "fail_reason": "The upstream's singer has a cold." if status == "FAILURE" else "",
        "submit_time": job.begun_ms // 1000,
        "start_time": job.begun_ms // 1000,
        "finish_time": job.done_ms // 1000,
        "progress": "100%" if is_over else "0%" if status == "SUBMITTED" else "40%",
        "data": _lyrics(job, status) if job.action == "lyrics" else _clips(job, status, base),
    }


def _lyrics(job: Job, status: str) -> dict[str, Any]:
    word = {"SUCCESS": "complete", "FAILURE": "error"}.get(status, "running")
    text = f"{TEXT} about {job.form.prompt}" if status == "SUCCESS" else ""
    return {"id": job.id, "text": text, "title": "Market Rain", "status": word, "tags": ["folk"]}


def _clips(job: Job, status: str, base: str) -> list[dict[str, Any]]:
    if status == "SUBMITTED":
        return []
    return [_clip(job, clip_id, status, base) for clip_id in job.clip_ids]


def _clip(job: Job, clip_id: str, status: str, base: str) -> dict[str, Any]:
    is_done = status == "SUCCESS"
    word = {"SUCCESS": "complete", "FAILURE": "error"}.get(status, "streaming")
    return {
        "id": clip_id,
        "title": job.form.title or "Lanterns",
        "status": word,
        "audio_url": f"{base}/files/{clip_id}.mp3" if is_done else "",
        "video_url": f"{base}/files/{clip_id}.mp4" if is_done else "",
        "image_url": f"{base}/files/{clip_id}.jpeg" if is_done else "",
        "image_large_url": f"{base}/files/{clip_id}.jpeg" if is_done else "",
        "is_video_pending": not is_done,
        "major_model_version": "v4",
        "model_name": job.form.mv or "chirp-v3-0",
        "is_liked": False,
        "user_id": "upstream-account",
        "display_name": "upstream",
        "handle": "upstream",
        "is_handle_updated": False,
        "is_trashed": False,
        "reaction": None,
        "created_at": "2026-01-01T00:00:00.000Z",
        "play_count": 0,
        "upvote_count": 0,
        "is_public": False,
        "metadata": {
            "tags": job.form.tags or "folk",
            "prompt": job.form.prompt or TEXT,
            "gpt_description_prompt": job.form.gpt_description_prompt,
            "audio_prompt_id": None,
            "history": None,
            "concat_history": None,
            "type": "gen",
            "duration": 96.5 if is_done else None,
            "refund_credits": None,
            "stream": True,
            "error_type": "singer_ill" if word == "error" else None,
            "error_message": "The upstream's singer has a cold." if word == "error" else None,
        },
    }


def _envelope(data: object) -> Reply:
    return reply_json({"code": "success", "message": "", "data": data})


def _base(call: Call) -> str:
    return f"http://{call.headers['host']}"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
