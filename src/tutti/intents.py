"""What a caller wants, in no wire's words: where families, vendors and engines meet.

An intent is stored with its task as JSON and travels to engine children as msgpack, so it holds plain values only;
msgspec reads and writes it. A field whose name ends in `_key` holds a blob key, and whoever does the work finds a local
copy of that blob. Add one here when a new kind of work appears, and teach families to make it and engines to serve it.
"""

from typing import ClassVar

import msgspec


class Intent(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The base of all intents; `kind` is the tag that a task row carries."""

    kind: ClassVar[str]


class ContinuedClip(msgspec.Struct, frozen=True, kw_only=True):
    """The earlier clip that a song goes on from: which one, from which second, and the record it was rendered with."""

    clip_id: str
    at_s: float
    # Blob key of the clip's plan file, which holds request, plan, score and seed.
    plan_key: str
    # Blob key of the clip's audio.
    audio_key: str


class ClipSeat(msgspec.Struct, frozen=True, kw_only=True):
    """One clip promised at submit, so that a re-run yields the same clip under the same id."""

    clip_id: str
    seed: int


class Song(Intent, frozen=True, kw_only=True, tag="song"):
    """One song wanted in as many versions as there are seats."""

    kind = "song"
    seats: tuple[ClipSeat, ...]
    # None: words are to be written from `description`; "": instrumental; otherwise lyrics with [Verse]/[Chorus] marks.
    lyrics: str | None = None
    description: str = ""
    title: str = ""
    # Style words, comma separated, in English or Chinese.
    tags: str = ""
    is_instrumental: bool = False
    # The version name that the caller asked for, such as "chirp-v4"; sets the longest song.
    model: str = "chirp-v3-0"
    longest_s: float = 240.0
    continues: ContinuedClip | None = None


class LyricsWish(Intent, frozen=True, kw_only=True, tag="lyrics"):
    """Words for a song about `prompt`."""

    kind = "lyrics"
    prompt: str
    seed: int


AnyIntent = Song | LyricsWish


class ClipResult(msgspec.Struct, frozen=True, kw_only=True):
    """One finished (or still growing) version of a song, as an engine or vendor hands it over."""

    clip_id: str
    title: str
    tags: str
    lyrics: str
    duration_s: float | None = None
    # Name -> file: "audio" mp3, "image", "image_large" jpeg, "video" mp4, "plan", "score", "midi", "timed_lyrics",
    # "lrc". Scratch paths while in the engine, blob keys once stored.
    files: dict[str, str] = {}
    bpm: float | None = None
    key: str | None = None


class SongResult(msgspec.Struct, frozen=True, kw_only=True):
    """A whole song task's yield."""

    clips: tuple[ClipResult, ...]


class LyricsResult(msgspec.Struct, frozen=True, kw_only=True):
    """Finished words."""

    title: str
    text: str
    tags: tuple[str, ...] = ()
