"""What an upstream of the family says, read in our words."""

import contextlib

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.vendors.bench import new_song
from tutti.errors import VendorBusyError, VendorError, VendorRefusedError, VendorReplyLostError
from tutti.intents import LyricsResult, LyricsWish, SongResult
from tutti.routing.choice import OutcomeKind
from tutti.tasks.model import Task
from tutti.vendors.gateway.answers import from_fetch, from_submit, outcome_of

LANE = "channel:1"
NAMES = st.sampled_from(["code", "message", "data", "task_id", "status", "progress", "error", "audio_url", "metadata"])
OPENAI = b'{"error":{"message":"no channel at http://10.0.0.7:3000/x","type":"new_api_error"}}'


def task_of(new) -> Task:
    return msgspec.structs.replace(Task.of(new, now_ms=1), vendor_ref="tag/theirs")


SONG = task_of(new_song("la"))
WORDS = msgspec.structs.replace(SONG, kind="lyrics", intent=msgspec.json.encode(LyricsWish(prompt="rain", seed=1)))


def fetched(task: Task, **told):
    body = {"code": "success", "message": "", "data": [{"task_id": "theirs", **told}]}
    answers = from_fetch(200, msgspec.json.encode(body), [task], lane=LANE)
    return answers[0] if answers else None


def test_submit_gives_the_upstream_s_id():
    assert from_submit(200, b'{"code":"success","message":"","data":"theirs"}') == "theirs"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"code":"invalid_request","message":"prompt_empty","data":null}', VendorRefusedError),
        (200, b'{"code":"invalid_request","message":"no","data":null}', VendorRefusedError),
        # Its key, its credit, its load, its channels: another channel may take the work.
        (401, OPENAI, VendorBusyError),
        (403, OPENAI, VendorBusyError),
        (429, b"slow down", VendorBusyError),
        (503, OPENAI, VendorBusyError),
        # It says itself that it failed, and keeps no money for that.
        (500, b'{"code":"do_request_failed","message":"no","data":null}', VendorBusyError),
        (502, OPENAI, VendorBusyError),
        # Nobody knows.
        (500, b"<html>oops</html>", VendorReplyLostError),
        (504, OPENAI, VendorReplyLostError),
        (200, b'{"code":"success","message":""', VendorReplyLostError),
        (200, b"<html>It works!</html>", VendorReplyLostError),
        (200, b'{"code":"success","data":null}', VendorReplyLostError),
    ],
)
def test_submit_that_fails_says_whether_the_work_was_taken(status, body, error):
    with pytest.raises(VendorError) as raised:
        from_submit(status, body)
    assert type(raised.value) is error
    assert "10.0.0.7" not in raised.value.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, "ok"), (400, "caller_fault"), (401, "key_refused"), (403, "key_refused"), (429, "busy"), (500, "failed")],
)
def test_outcome_of_a_submit_for_its_channel(status, kind):
    assert outcome_of(status, None).kind is OutcomeKind(kind)
    assert outcome_of(429, "7").retry_after_s == 7
    assert outcome_of(429, "Sat, 28 Nov 2026 00:00:00 GMT").retry_after_s is None


@pytest.mark.parametrize(
    ("told", "progress"),
    [({"status": "NOT_START"}, 0), ({"status": "IN_PROGRESS", "progress": "40%"}, 40), ({"progress": 150}, 99)],
)
def test_task_in_work_tells_its_progress(told, progress):
    answer = fetched(SONG, **told)
    assert (answer.progress, answer.result, answer.failure) == (progress, None, None)


def test_finished_song_becomes_our_clips_with_their_origin():
    clip = {"id": "c1", "audio_url": "https://cdn/a.mp3", "image_url": "https://cdn/a.jpeg", "title": "Dawn"}
    extra = {**clip, "id": "c3"}
    flat = {"clip_id": "c2", "audio_url": "https://cdn/b.mp3", "duration": 60, "metadata": {"tags": "folk"}}
    answer = fetched(SONG, status="SUCCESS", data=[clip, flat, extra])
    one, other = msgspec.json.decode(answer.result, type=SongResult).clips
    seats = msgspec.json.decode(SONG.intent)["seats"]
    assert [one.clip_id, other.clip_id] == [seat["clip_id"] for seat in seats]
    assert one.files == {"audio": "https://cdn/a.mp3"} | dict.fromkeys(("image", "image_large"), "https://cdn/a.jpeg")
    assert (other.origin.clip_id, other.origin.vendor_ref, other.duration_s) == ("c2", "tag/theirs", 60)
    assert list(answer.parts) == [msgspec.json.encode(one), msgspec.json.encode(other)]


def test_finished_words_are_read():
    data = {"text": "[Verse]", "title": "Rain", "status": "complete"}
    answer = fetched(WORDS, status="SUCCESS", data=data)
    assert msgspec.json.decode(answer.result, type=LyricsResult) == LyricsResult(title="Rain", text="[Verse]", tags=())


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"status": "FAILURE", "fail_reason": "see https://10.0.0.7/x"}, "see (address)"),
        ({"status": "FAILURE"}, "The upstream gave no reason."),
        ({"status": "SUCCESS", "data": []}, "The upstream ended the work without a result."),
        ({"status": "SUCCESS", "data": None}, "The upstream ended the work without a result."),
    ],
)
def test_failure_says_why_without_an_address(told, message):
    assert fetched(SONG, **told).failure.message == message


def test_tasks_that_are_not_told_have_no_answer():
    body = b'{"code":"success","data":[{"task_id":"another","status":"SUCCESS"}]}'
    assert from_fetch(200, body, [SONG], lane=LANE) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from([200, 404, 500]), st.binary(max_size=50) | VALUES.map(msgspec.json.encode))
@example(200, b"[" * 100_000)
@example(200, b'{"data":' * 100_000)
def test_no_reply_breaks_a_reader_in_another_way(status, body):
    with contextlib.suppress(VendorError):
        from_submit(status, body)
    with contextlib.suppress(VendorError):
        from_fetch(status, body, [SONG], lane=LANE)
