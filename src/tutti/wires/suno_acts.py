"""The Suno wire around tasks: uploads, acts on finished clips, personas, and clips in place of tasks.

Facts are from contracts/suno.yaml. As in `suno.py`, null counts as absence.
"""

from typing import Any

import msgspec

from tutti.wires.suno import Clip


class ClipAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a concat and of a stems submit."""

    clip_id: str | None = None
    notify_hook: str | None = None


class UploadAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /suno/uploads/audio and /suno/uploads/audio-url: an address, or the kind of file to come."""

    url: str | None = None
    extension: str | None = None
    name: str | None = None
    notify_hook: str | None = None


class UploadForm(msgspec.Struct, frozen=True, kw_only=True):
    """Where to post a file, and the fields to send before the part named "file"."""

    id: str
    url: str
    fields: dict[str, str]


class UploadFormReply(UploadForm, frozen=True, kw_only=True):
    """The form both bare and in the envelope, since clients read the one or the other."""

    code: str = "success"
    message: str = ""
    data: UploadForm


class UploadFinish(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /suno/uploads/audio/{id}/upload-finish."""

    upload_type: str | None = None
    upload_filename: str | None = None


class UploadState(msgspec.Struct, frozen=True, kw_only=True):
    """Where an upload stands: uploaded, processing, complete or error."""

    id: str
    status: str
    error_message: str | None = None
    title: str = ""
    # The clip's id once there is one, the same as the upload's.
    s3_id: str = ""


class ClipName(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to initialize-clip."""

    clip_id: str


class FileReply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an act that makes a file; the address stands in both places that clients read."""

    code: str = "success"
    message: str = ""
    data: Any = None
    wav_file_url: str = ""
    mp4_file_url: str = ""
    # While the file is being made.
    task_id: str = ""


class AlignedWord(msgspec.Struct, frozen=True, kw_only=True):
    """A sung word; a line break ends the last of a line."""

    word: str
    success: bool = True
    start_s: float
    end_s: float
    p_align: float = 1.0


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """When each word of a clip is sung."""

    aligned_words: tuple[AlignedWord, ...]
    waveform_data: tuple[float, ...] = ()
    hoot_cer: float = 0.0
    is_streamed: bool = False


class MidiNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note; MIDI pitch 0..127, seconds, velocity 0..1."""

    pitch: int
    start: float
    end: float
    velocity: float


class MidiInstrument(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument's notes in order."""

    name: str
    notes: tuple[MidiNote, ...]


class MidiReply(msgspec.Struct, frozen=True, kw_only=True):
    """The notes of a clip."""

    state: str = "complete"
    instruments: tuple[MidiInstrument, ...]


class ClipList(msgspec.Struct, frozen=True, kw_only=True):
    """The bare answer of direct stems."""

    clips: tuple[Clip, ...]


class TagsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /suno/act/tags; the other spelling sends `tags`."""

    original_tags: str | None = None
    tags: str | None = None


class TagsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A few style words, made many."""

    upsampled_tags: str
    request_id: str


class TagsEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """The same in the envelope."""

    code: str = "success"
    message: str = ""
    data: TagsReply


class PersonaAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The body of POST /suno/persona/create/."""

    root_clip_id: str | None = None
    name: str | None = None
    description: str | None = None
    clips: tuple[str, ...] | None = None
    is_public: bool | None = None


class PersonaReply(msgspec.Struct, frozen=True, kw_only=True):
    """A stored singer, bare."""

    id: str
    name: str
    description: str
    root_clip_id: str
    clip: Clip
    clips: tuple[str, ...]
    is_public: bool
    is_owned: bool = True
    user_display_name: str = "Tutti"
    user_handle: str = "tutti"
    image_s3_id: str


class GenerateReply(msgspec.Struct, frozen=True, kw_only=True):
    """The bare answer of POST /suno/generate; `status` "complete" means that the work was accepted."""

    id: str
    clips: tuple[Clip, ...]
    metadata: dict[str, Any]
    major_model_version: str
    status: str = "complete"
    created_at: str
    batch_size: int


class GeneratedId(msgspec.Struct, frozen=True, kw_only=True):
    """The bare answer of POST /suno/generate/lyrics/."""

    id: str


class RawLyrics(msgspec.Struct, frozen=True, kw_only=True):
    """The bare answer of GET /suno/lyrics/{id}; `status` is submitted, running, complete or error."""

    text: str
    title: str
    status: str
    tags: tuple[str, ...] = ()
    error_message: str = ""


clip_ask_decoder = msgspec.json.Decoder(ClipAsk)
upload_ask_decoder = msgspec.json.Decoder(UploadAsk)
upload_finish_decoder = msgspec.json.Decoder(UploadFinish)
tags_ask_decoder = msgspec.json.Decoder(TagsAsk)
persona_ask_decoder = msgspec.json.Decoder(PersonaAsk)
