"""The Suno task wire, in the form of the Suno-API / New-API family: what is sent to /suno/* and what comes back.

Facts are from contracts/suno.yaml. Optional request fields take null like absence, since web clients send every field
they have. Uploads, acts, personas and the clip routes have their forms in `suno_acts.py`.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class Stretches(msgspec.Struct, frozen=True, kw_only=True):
    """Which clip an edit works on, and from where to where; in a submit, or nested in its `metadata_params`."""

    # All in seconds of the clip.
    infill_start_s: float | None = None
    infill_end_s: float | None = None
    # The words of a replaced section; without them the prompt holds them.
    infill_lyrics: str | None = None
    underpainting_clip_id: str | None = None
    underpainting_start_s: float | None = None
    underpainting_end_s: float | None = None
    overpainting_clip_id: str | None = None
    overpainting_start_s: float | None = None
    overpainting_end_s: float | None = None


class ControlSliders(msgspec.Struct, frozen=True, kw_only=True):
    """`metadata.control_sliders`, each 0..1."""

    style_weight: float | None = None
    weirdness_constraint: float | None = None
    audio_weight: float | None = None


class SubmitMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """`metadata` of a song submit; one client spells the gender without its underscore."""

    vocal_gender: str | None = None
    vocalgender: str | None = None
    control_sliders: ControlSliders | None = None
    infill_lyrics: str | None = None


class EditParams(Stretches, frozen=True, kw_only=True):
    """`metadata_params` of a song submit."""

    metadata: SubmitMetadata | None = None


class SubmitMusic(Stretches, frozen=True, kw_only=True, omit_defaults=True):
    """The body of POST /suno/submit/music and of POST /suno/generate."""

    # What is to be done with an earlier clip; None makes a new song.
    task: str | None = None
    gpt_description_prompt: str | None = None
    make_instrumental: bool | None = None
    mv: str | None = None
    # None is absent; "" asks for an instrumental.
    prompt: str | None = None
    title: str | None = None
    tags: str | None = None
    task_id: str | None = None
    continue_clip_id: str | None = None
    # Second of the continued clip at which the new part starts.
    continue_at: float | None = None
    cover_clip_id: str | None = None
    persona_id: str | None = None
    artist_clip_id: str | None = None
    # "two", "twelve", "vocals" or "instrumental"; the group's name says the same with a capital.
    stem_task: str | None = None
    stem_type_group_name: str | None = None
    negative_tags: str | None = None
    vocal_gender: str | None = None
    style_weight: float | None = None
    weirdness: float | None = None
    seed: int | None = None
    # Seconds, and quarter notes a minute.
    duration: float | None = None
    bpm: float | None = None
    key: str | None = None
    metadata: SubmitMetadata | None = None
    metadata_params: EditParams | None = None
    notify_hook: str | None = None


class SubmitLyrics(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /suno/submit/lyrics."""

    prompt: str | None = None
    notify_hook: str | None = None


class FetchMany(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /suno/fetch; `action` is read by nobody."""

    ids: tuple[str, ...] | None = None


class ClipMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The twelve documented keys of a clip's metadata, then those that only some clips have."""

    tags: str
    # The words sung.
    prompt: str
    gpt_description_prompt: str | None
    audio_prompt_id: str | None
    history: list[dict[str, Any]] | None
    concat_history: list[dict[str, Any]] | None
    type: str
    # Seconds, null until the clip is complete.
    duration: float | None
    refund_credits: bool | None
    stream: bool
    error_type: str | None
    error_message: str | None
    # Ours: what the clip was made with; given to a submit it makes the same clip again.
    seed: int | UnsetType = UNSET
    # The task word that the clip was asked for with.
    task: str | UnsetType = UNSET
    stem_from_id: str | UnsetType = UNSET
    stem_name: str | UnsetType = UNSET
    cover_clip_id: str | UnsetType = UNSET
    underpainting_clip_id: str | UnsetType = UNSET
    overpainting_clip_id: str | UnsetType = UNSET
    persona_id: str | UnsetType = UNSET
    artist_clip_id: str | UnsetType = UNSET
    negative_tags: str | UnsetType = UNSET


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a song: the documented 22 keys, then those that the flatter flavour of the family adds."""

    id: str
    title: str
    status: str
    audio_url: str
    video_url: str
    image_url: str
    image_large_url: str
    is_video_pending: bool
    major_model_version: str
    model_name: str
    is_liked: bool = False
    user_id: str = ""
    display_name: str = "Tutti"
    handle: str = "tutti"
    is_handle_updated: bool = False
    is_trashed: bool = False
    reaction: None = None
    # ISO 8601 in UTC with milliseconds and Z.
    created_at: str
    play_count: int = 0
    upvote_count: int = 0
    is_public: bool = False
    metadata: ClipMetadata
    clip_id: str
    duration: float | None
    state: str
    mv: str
    tags: str
    prompt: str
    msg: str = ""
    continue_at: float | None = None
    # Ours: a link to every file of the clip by name, such as "midi", "score" and "timed_lyrics".
    files: dict[str, str]


class LyricsData(msgspec.Struct, frozen=True, kw_only=True):
    """What a lyrics task holds; `status` is running, complete or error."""

    id: str
    text: str
    title: str
    status: str
    tags: tuple[str, ...] = ()
    error_message: str = ""


class SunoTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task as fetched and, bare, as posted to a webhook; times in Unix seconds, 0 until they happen."""

    task_id: str
    notify_hook: str
    action: str
    status: str
    fail_reason: str
    submit_time: int
    start_time: int
    finish_time: int
    progress: str
    data: tuple[Clip, ...] | LyricsData | None


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What every /suno/* reply is wrapped in; `code` is "success" or an error's word."""

    code: str = "success"
    message: str = ""
    data: str | SunoTask | tuple[SunoTask, ...] | None = None


submit_music_decoder = msgspec.json.Decoder(SubmitMusic)
submit_lyrics_decoder = msgspec.json.Decoder(SubmitLyrics)
fetch_many_decoder = msgspec.json.Decoder(FetchMany)
encoder = msgspec.json.Encoder()
