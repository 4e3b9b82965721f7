import re

import msgspec
import pytest
from msgspec import structs

from tests.gateway import Gateway, make_gateway
from tutti.families.suno.render import file_name, renderer, to_suno_task
from tutti.tasks.model import RefundPolicy, Task, TaskPart
from tutti.tasks.states import TaskState
from tutti.wires.suno import Clip, ClipMetadata, SunoTask

pytestmark = pytest.mark.anyio


def link(key: str, *, name: str) -> str:
    return f"http://x/files/{key}?name={name}"


CLIP_KEYS = [
    "id",
    "title",
    "status",
    "audio_url",
    "video_url",
    "image_url",
    "image_large_url",
    "is_video_pending",
    "major_model_version",
    "model_name",
    "is_liked",
    "user_id",
    "display_name",
    "handle",
    "is_handle_updated",
    "is_trashed",
    "reaction",
    "created_at",
    "play_count",
    "upvote_count",
    "is_public",
    "metadata",
]
METADATA_KEYS = [
    "tags",
    "prompt",
    "gpt_description_prompt",
    "audio_prompt_id",
    "history",
    "concat_history",
    "type",
    "duration",
    "refund_credits",
    "stream",
    "error_type",
    "error_message",
]


async def submitted(gateway: Gateway, **body: object) -> str:
    async with gateway.client() as client:
        reply = await client.post("/suno/submit/music", json={"prompt": "la", "mv": "chirp-v3-5", **body})
    return reply.json()["data"]


async def stored(gateway: Gateway, public_id: str) -> tuple[Task, tuple[TaskPart, ...]]:
    (task,) = await gateway.store.find([public_id], user_id=None)
    return task, (await gateway.store.parts([task.id])).get(task.id, ())


async def told(gateway: Gateway, public_id: str) -> SunoTask:
    return to_suno_task(*await stored(gateway, public_id), link)


def test_clip_has_the_documented_keys_in_order():
    assert list(Clip.__struct_fields__[:22]) == CLIP_KEYS
    assert list(ClipMetadata.__struct_fields__[:12]) == METADATA_KEYS


async def test_first_clip_is_complete_before_the_second():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    (task,) = await gateway.claim()
    await gateway.publish(task, 0)
    first, second = (await told(gateway, public_id)).data
    assert (first.status, first.state, first.duration) == ("complete", "succeeded", 96.5)
    assert first.audio_url.startswith("http://x/files/results/")
    assert (second.status, second.audio_url, second.duration) == ("streaming", "", None)
    assert (await told(gateway, public_id)).status == "IN_PROGRESS"


async def test_growing_clip_streams_and_can_be_heard_already():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    (task,) = await gateway.claim()
    await gateway.publish(task, 0, is_growing=True, duration_s=None)
    first, second = (await told(gateway, public_id)).data
    assert (first.status, first.state, first.duration, second.audio_url) == ("streaming", "pending", None, "")
    assert first.audio_url.startswith("http://x/files/results/")


async def test_second_clip_alone_is_told_in_its_seat():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    (task,) = await gateway.claim()
    clip = await gateway.publish(task, 1)
    first, second = (await told(gateway, public_id)).data
    assert (first.status, second.status, second.id) == ("streaming", "complete", clip.clip_id)


async def test_failed_task_keeps_its_first_clip():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    (task,) = await gateway.claim()
    await gateway.publish(task, 0)
    await gateway.fail(task)
    suno = await told(gateway, public_id)
    assert (suno.status, suno.progress, suno.fail_reason) == ("FAILURE", "100%", "the engine gave up")
    assert [clip.status for clip in suno.data] == ["complete", "error"]
    assert suno.data[1].metadata.error_message == "the engine gave up"
    assert suno.data[0].metadata.error_message is None


@pytest.mark.parametrize(
    ("state", "started_at_ms", "status"),
    [
        (TaskState.QUEUED, 0, "NOT_START"),
        (TaskState.QUEUED, 5000, "QUEUED"),
        (TaskState.SUBMITTING, 5000, "SUBMITTED"),
        (TaskState.WAITING, 5000, "IN_PROGRESS"),
        (TaskState.RUNNING, 5000, "IN_PROGRESS"),
        (TaskState.STORING, 5000, "IN_PROGRESS"),
        (TaskState.SUCCEEDED, 5000, "SUCCESS"),
        (TaskState.FAILED, 5000, "FAILURE"),
        (TaskState.CANCELLED, 5000, "FAILURE"),
        (TaskState.EXPIRED, 0, "FAILURE"),
    ],
)
async def test_every_state_has_a_status(state, started_at_ms, status):
    gateway = await make_gateway()
    task, _ = await stored(gateway, await submitted(gateway))
    task = structs.replace(task, state=state, started_at_ms=started_at_ms, progress=40)
    suno = to_suno_task(task, (), link)
    assert suno.status == status
    assert suno.progress == ("100%" if status in ("SUCCESS", "FAILURE") else "40%")
    assert suno.start_time == started_at_ms // 1000


async def test_cancelled_task_says_so():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    task, _ = await stored(gateway, public_id)
    await gateway.store.cancel(task.id, refund=RefundPolicy.FULL)
    suno = await told(gateway, public_id)
    assert (suno.status, suno.fail_reason, suno.data) == ("FAILURE", "cancelled", None)


async def test_continued_clip_names_its_origin():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    (task,) = await gateway.claim()
    clip = await gateway.publish(task, 0)
    await gateway.finish(task)
    child = await submitted(gateway, task_id=public_id, continue_clip_id=clip.clip_id, continue_at=61.5)
    await gateway.finish_all()
    metadata = (await told(gateway, child)).data[0].metadata
    assert metadata.audio_prompt_id == clip.clip_id
    assert metadata.history == [{"id": clip.clip_id, "continue_at": 61.5}]


async def test_webhook_body_is_what_fetch_tells():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    await gateway.finish_all()
    task, parts = await stored(gateway, public_id)
    assert msgspec.json.decode(renderer(link)(task, parts), type=SunoTask) == to_suno_task(task, parts, link)


async def test_created_at_is_iso_with_milliseconds():
    gateway = await make_gateway()
    public_id = await submitted(gateway)
    await gateway.finish_all()
    created_at = (await told(gateway, public_id)).data[0].created_at
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created_at)


@pytest.mark.parametrize(
    ("title", "name", "key", "expected"),
    [
        ("Lanterns", "audio", "r/audio.mp3", "Lanterns.mp3"),
        ("Lanterns", "image_large", "r/image_large.jpeg", "Lanterns.image_large.jpeg"),
        ("../../etc/passwd", "midi", "r/song.mid", "etcpasswd.midi.mid"),
        ("夜色", "video", "r/video.mp4", "夜色.mp4"),
        ("", "audio", "r/audio.mp3", "song.mp3"),
        ("//\n", "audio", "r/audio.mp3", "song.mp3"),
    ],
)
def test_file_is_named_for_its_song(title, name, key, expected):
    assert file_name(title, name, key) == expected
