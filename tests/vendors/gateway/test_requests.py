"""What an upstream of the family is sent: the caller's body, and only what must change."""

import msgspec
import pytest

from tests.vendors.channel import channel
from tutti.errors import VendorRefusedError
from tutti.intents import ClipSeat, Concat, Cover, GoOn, LyricsWish, Origin, Song, SourceClip, Stems
from tutti.vendors.gateway.requests import to_upstream, verb_of

URL = "https://gateway.example.com"
SEATS = (ClipSeat(clip_id="a", seed=1), ClipSeat(clip_id="b", seed=2))
ORIGIN = Origin(lane="channel:1", vendor_ref="tag/their-task", clip_id="their-clip")
CLIP = SourceClip(clip_id="our-clip", audio_key="results/x.mp3", origin=ORIGIN)
GO_ON = Song(seats=SEATS, source=GoOn(clip=CLIP, at_s=30))


def sent(body: dict, intent=None, *, callback: str | None = None, **changes) -> dict:
    song = Song(seats=SEATS, lyrics="la") if intent is None else intent
    request = to_upstream(msgspec.json.encode(body), song, channel(URL, **changes), callback=callback)
    return msgspec.json.decode(request)


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "la", "tags": "folk", "x_unknown": {"a": [1, None]}},
        {"gpt_description_prompt": "our-clip", "mv": None, "make_instrumental": False},
    ],
)
def test_body_of_a_new_song_goes_out_as_it_came(body):
    assert sent(body) == body


def test_webhook_is_replaced_by_our_callback_address():
    body = {"prompt": "la", "notify_hook": "https://caller.example/hook"}
    assert sent(body) == {"prompt": "la"}
    assert sent(body, callback="https://ours/callback/1/t")["notify_hook"] == "https://ours/callback/1/t"


def test_names_are_mapped_and_overrides_put_in():
    told = sent({"mv": "chirp-v4"}, model_map={"chirp-v4": "chirp-auk"}, param_overrides={"weirdness": 0.5})
    assert told == {"mv": "chirp-auk", "weirdness": 0.5}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            {"task_id": "our-task", "continue_clip_id": "our-clip", "continue_at": 30},
            {"task_id": "their-task", "continue_clip_id": "their-clip", "continue_at": 30},
        ),
        (
            {"metadata_params": {"underpainting_clip_id": "our-clip"}},
            {"metadata_params": {"underpainting_clip_id": "their-clip"}},
        ),
        ({"task_id": "what our wire ignores", "cover_clip_id": "our-clip"}, {"cover_clip_id": "their-clip"}),
    ],
)
def test_ids_of_clips_and_tasks_are_theirs(body, told):
    assert sent(body, GO_ON) == told


def test_singer_kept_here_is_named_there_by_its_clip():
    song = Song(seats=SEATS, lyrics="la", persona=CLIP, persona_id="mine")
    body = {"task": "artist_consistency", "persona_id": "mine"}
    assert sent(body, song) == {"task": "artist_consistency", "artist_clip_id": "their-clip"}


def test_clip_made_elsewhere_is_refused():
    ours = SourceClip(clip_id="our-clip", audio_key="results/x.mp3")
    with pytest.raises(VendorRefusedError):
        sent({}, Song(seats=SEATS, source=Cover(clip=ours)))


def test_paths_by_kind_of_work():
    pieces = (GoOn(clip=CLIP, at_s=3),)
    intents = (GO_ON, LyricsWish(prompt="rain", seed=1), Concat(seat=SEATS[0], pieces=pieces))
    assert [verb_of(intent) for intent in intents] == ["submit/music", "submit/lyrics", "submit/concat"]
    with pytest.raises(VendorRefusedError):
        verb_of(Stems(clip=CLIP, seats={"vocals": SEATS[0]}))
