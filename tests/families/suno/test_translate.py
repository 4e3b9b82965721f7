import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.errors import InvalidRequestError
from tutti.families.endpoint import decode
from tutti.families.suno.checks import to_notify_hook
from tutti.families.suno.translate import to_continued, to_lyrics_wish, to_song
from tutti.families.suno.versions import version_of
from tutti.intents import ClipResult, Song
from tutti.tasks.model import TaskPart
from tutti.wires.suno import SubmitLyrics, SubmitMusic, submit_lyrics_decoder, submit_music_decoder

CLIP = ClipResult(
    clip_id="c1",
    title="Lanterns",
    tags="folk",
    lyrics="la",
    duration_s=96.5,
    files={"audio": "results/t/1/audio.mp3", "plan": "results/t/1/plan.json"},
)


def part(clip: ClipResult) -> TaskPart:
    return TaskPart(index=0, result=msgspec.json.encode(clip), at_ms=0)


@pytest.mark.parametrize(
    ("form", "lyrics", "description", "is_instrumental"),
    [
        (SubmitMusic(gpt_description_prompt="a waltz"), None, "a waltz", False),
        (SubmitMusic(gpt_description_prompt="a waltz", make_instrumental=True), None, "a waltz", True),
        (SubmitMusic(gpt_description_prompt="a waltz", prompt="not these", tags="nor these"), None, "a waltz", False),
        (SubmitMusic(gpt_description_prompt="", prompt="la"), "la", "", False),
        (SubmitMusic(gpt_description_prompt=" ", prompt="la"), "la", "", False),
        (SubmitMusic(prompt="la"), "la", "", False),
        (SubmitMusic(prompt=""), "", "", True),
        (SubmitMusic(prompt=" \n"), "", "", True),
        (SubmitMusic(prompt="la", make_instrumental=True), "", "", True),
    ],
)
def test_song_takes_its_mode_from_the_fields(form, lyrics, description, is_instrumental):
    song = to_song(form)
    assert (song.lyrics, song.description, song.is_instrumental) == (lyrics, description, is_instrumental)


def test_song_in_inspiration_mode_leaves_title_and_tags_alone():
    song = to_song(SubmitMusic(gpt_description_prompt="a waltz", title="T", tags="pop"))
    assert (song.title, song.tags) == ("", "")


def test_song_has_two_seats_that_differ():
    song = to_song(SubmitMusic(prompt="la"))
    assert len({seat.clip_id for seat in song.seats}) == 2
    assert len({seat.seed for seat in song.seats}) == 2


@pytest.mark.parametrize("form", [SubmitMusic(), SubmitMusic(gpt_description_prompt=""), SubmitMusic(title="T")])
def test_song_without_words_or_wish_is_refused(form):
    with pytest.raises(InvalidRequestError, match="prompt_empty") as caught:
        to_song(form)
    assert caught.value.field == "prompt"


@pytest.mark.parametrize(
    ("mv", "field", "length", "is_taken"),
    [
        ("chirp-v3-5", "prompt", 3000, True),
        ("chirp-v3-5", "prompt", 3001, False),
        ("chirp-v3-5", "tags", 200, True),
        ("chirp-v3-5", "tags", 201, False),
        ("chirp-crow", "prompt", 5000, True),
        ("chirp-crow", "tags", 1001, False),
        ("chirp-v4-tau", "tags", 201, False),
        ("chirp-v99", "prompt", 5000, True),
        ("chirp-v99", "prompt", 5001, False),
    ],
)
def test_song_length_is_limited_by_version(mv, field, length, is_taken):
    form = msgspec.structs.replace(SubmitMusic(mv=mv, prompt="la"), **{field: "x" * length})
    if is_taken:
        assert to_song(form).model == mv
        return
    with pytest.raises(InvalidRequestError, match=f"at most {length - 1}") as caught:
        to_song(form)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("mv", "major", "model_name", "longest_s"),
    [
        ("chirp-v3-0", "v3", "chirp-v3", 120),
        ("chirp-v3-5", "v3.5", "chirp-v3", 120),
        ("chirp-v4", "v4", "chirp-v4", 150),
        ("chirp-auk", "v4.5", "chirp-auk", 240),
        ("chirp-v4-5+", "v4.5+", "chirp-bluejay", 480),
        ("chirp-crow-upload", "v5", "chirp-crow", 480),
        ("chirp-dodo", "dodo", "chirp-dodo", 240),
    ],
)
def test_version_is_told_by_its_row(mv, major, model_name, longest_s):
    version = version_of(mv)
    assert (version.major, version.model_name, version.longest_s) == (major, model_name, longest_s)


@pytest.mark.parametrize(("continue_at", "at_s"), [(None, 96.5), (0, 0), (61.5, 61.5), (96.5, 96.5)])
def test_continuation_takes_the_clips_record(continue_at, at_s):
    continued = to_continued(SubmitMusic(continue_clip_id="c1", continue_at=continue_at), [part(CLIP)])
    assert continued.at_s == at_s
    assert (continued.clip.plan_key, continued.clip.audio_key) == ("results/t/1/plan.json", "results/t/1/audio.mp3")


@pytest.mark.parametrize("continue_at", [-0.1, 96.6, 1e300])
def test_continuation_outside_the_clip_is_refused(continue_at):
    with pytest.raises(InvalidRequestError, match="continue_at"):
        to_continued(SubmitMusic(continue_clip_id="c1", continue_at=continue_at), [part(CLIP)])


@pytest.mark.parametrize(
    "clip",
    [
        msgspec.structs.replace(CLIP, clip_id="c2"),
        msgspec.structs.replace(CLIP, duration_s=None),
        msgspec.structs.replace(CLIP, files={}),
    ],
)
def test_continuation_of_an_unfinished_clip_is_refused(clip):
    with pytest.raises(InvalidRequestError, match="no finished clip"):
        to_continued(SubmitMusic(continue_clip_id="c1"), [part(clip)])


@pytest.mark.parametrize("prompt", [None, "", " "])
def test_lyrics_wish_without_words_is_refused(prompt):
    with pytest.raises(InvalidRequestError, match=r"^prompt_empty$"):
        to_lyrics_wish(SubmitLyrics(prompt=prompt))


@pytest.mark.parametrize(
    "address", ["https://hooks.example.org/a?b=c", "http://hooks.example.org:8080", "http://[2001:db8::1]/x"]
)
def test_notify_hook_takes_http_addresses(address):
    assert to_notify_hook(address) == address


@pytest.mark.parametrize("address", [None, ""])
def test_notify_hook_may_be_absent(address):
    assert to_notify_hook(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org",
        "hooks.example.org",
        "https://",
        "https:///path",
        "http://example.org:99999",
        "http://[::1",
        "https://example.org/\n",
        "https://exa mple.org/",
        "https://example.org/" + "x" * 2048,
    ],
)
def test_notify_hook_refuses_other_addresses(address):
    with pytest.raises(InvalidRequestError, match="notify_hook"):
        to_notify_hook(address)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(msgspec.json.encode))
def test_no_body_breaks_the_decoders(body):
    for decoder in (submit_music_decoder, submit_lyrics_decoder):
        with contextlib.suppress(InvalidRequestError):
            decode(decoder, body)


@pytest.mark.parametrize("opening", [b'{"a":', b"["])
def test_deep_nesting_is_refused(opening):
    with pytest.raises(InvalidRequestError):
        decode(submit_music_decoder, b'{"metadata":' + opening * 100_000)


_words = st.none() | st.text(max_size=300)


@given(
    st.builds(
        SubmitMusic,
        gpt_description_prompt=_words,
        make_instrumental=st.none() | st.booleans(),
        mv=st.none() | st.sampled_from(["chirp-v3-0", "chirp-crow", "chirp-x", ""]),
        prompt=_words,
        title=_words,
        tags=_words,
    )
)
def test_song_survives_storage(form):
    try:
        song = to_song(form)
    except InvalidRequestError:
        return
    try:
        stored = msgspec.json.encode(song)
    except UnicodeEncodeError:  # a lone surrogate can not come out of a JSON body
        return
    assert msgspec.json.decode(stored, type=Song) == song
    assert song.is_instrumental or song.lyrics or song.description
