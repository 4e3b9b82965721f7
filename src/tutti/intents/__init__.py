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


class ClipSeat(msgspec.Struct, frozen=True, kw_only=True):
    """One clip promised at submit, so that a re-run yields the same clip under the same id."""

    clip_id: str
    seed: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where an upstream keeps a clip that it made: what goes on from the clip must be asked for there."""

    # The lane of its channel.
    lane: str
    # The upstream's id of the work, as the task row keeps it, and its id of the clip.
    vendor_ref: str
    clip_id: str


class SourceClip(msgspec.Struct, frozen=True, kw_only=True):
    """A finished clip that new work starts from: one of our own, or sound that a caller brought."""

    clip_id: str
    # Blob keys of the clip's sound and of its plan file, which holds request, plan, score and seed. Brought sound has
    # no plan, but an analysis: what was heard in it (tempo, beats, key).
    audio_key: str
    plan_key: str | None = None
    analysis_key: str | None = None
    duration_s: float | None = None
    title: str = ""
    tags: str = ""
    lyrics: str = ""
    # None: the clip was made here, or brought.
    origin: Origin | None = None


class GoOn(msgspec.Struct, frozen=True, kw_only=True, tag_field="how", tag="go-on"):
    """Go on from a second of the clip, in its key, tempo and voice."""

    clip: SourceClip
    at_s: float
    # Whether the clips hold the kept part of the old one too, joined; else the new part alone, to be joined later.
    is_whole: bool = True


class Cover(msgspec.Struct, frozen=True, kw_only=True, tag_field="how", tag="cover"):
    """The same song in another style: its tune and words, or, for brought sound, its tempo and key."""

    clip: SourceClip


class Replace(msgspec.Struct, frozen=True, kw_only=True, tag_field="how", tag="replace"):
    """Sing and play a stretch of the clip anew; the song's `lyrics` are the words of the stretch."""

    clip: SourceClip
    start_s: float
    end_s: float


class Accompany(msgspec.Struct, frozen=True, kw_only=True, tag_field="how", tag="accompany"):
    """Play instruments under a stretch of the clip, whose voice stays."""

    clip: SourceClip
    start_s: float
    end_s: float


class SingOver(msgspec.Struct, frozen=True, kw_only=True, tag_field="how", tag="sing-over"):
    """Sing the song's `lyrics` over a stretch of the clip, whose instruments stay."""

    clip: SourceClip
    start_s: float
    end_s: float


class SongWishes(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may fix of a song beyond words and style; None leaves it to style and seed."""

    # Styles and instruments to keep out, comma separated.
    negative_tags: str = ""
    # Quarter notes a minute, 40..240.
    bpm: float | None = None
    # Tonic and mode as a musician writes them: "C", "F# minor", "Bb major", "Am".
    key: str | None = None
    # Length wanted, in seconds; the nearest that whole bars and the words allow.
    duration_s: float | None = None
    # "f" or "m".
    vocal_gender: str | None = None
    # 0..1, how closely the style words are followed; how far from the usual melody and harmony may go; how much of a
    # source clip's sound is kept in a cover.
    style_weight: float | None = None
    weirdness: float | None = None
    audio_weight: float | None = None


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
    # What it is made from; None: nothing but words.
    source: GoOn | Cover | Replace | Accompany | SingOver | None = None
    wishes: SongWishes = SongWishes()
    # The clip whose singer is to sing, and the name that the caller keeps this singer under.
    persona: SourceClip | None = None
    persona_id: str | None = None


class SoundImport(Intent, frozen=True, kw_only=True, tag="sound-import"):
    """Make a clip of sound that a caller brought: checked, measured, its tempo, beats and key heard."""

    kind = "sound-import"
    seat: ClipSeat
    sound_key: str
    title: str = ""


class Stems(Intent, frozen=True, kw_only=True, tag="stems"):
    """Take a clip apart, one seat a stem: "vocals" and "instrumental", or every part of our own songs."""

    kind = "stems"
    clip: SourceClip
    # Stem name -> seat.
    seats: dict[str, ClipSeat]


class Concat(Intent, frozen=True, kw_only=True, tag="concat"):
    """Join a part that goes on from other clips to one whole song; the earliest clip first."""

    kind = "concat"
    seat: ClipSeat
    # Each clip with the second at which the next one takes over; the last is kept to its end.
    pieces: tuple[GoOn, ...]
    title: str = ""


class SoundFile(Intent, frozen=True, kw_only=True, tag="sound-file"):
    """A file of a clip that is made only when asked for: "wav", or "mp4" of brought sound."""

    kind = "sound-file"
    clip: SourceClip
    form: str


class LyricsWish(Intent, frozen=True, kw_only=True, tag="lyrics"):
    """Words for a song about `prompt`."""

    kind = "lyrics"
    prompt: str
    seed: int


AnyIntent = Song | SoundImport | Stems | Concat | SoundFile | LyricsWish


class ClipResult(msgspec.Struct, frozen=True, kw_only=True):
    """One finished (or still growing) version of a song, as an engine or vendor hands it over."""

    clip_id: str
    title: str
    tags: str
    lyrics: str
    duration_s: float | None = None
    # Name -> file: "audio" mp3, "image", "image_large" jpeg, "video" mp4, "plan", "score", "midi", "timed_lyrics",
    # "lrc", "waveform"; "analysis" of brought sound. Scratch paths while in the engine, blob keys once stored.
    files: dict[str, str] = {}
    bpm: float | None = None
    key: str | None = None
    # Whether this is an early word of it: its files may be read while they are still being written.
    is_growing: bool = False
    # None: the clip was made here, or brought.
    origin: Origin | None = None


class SongResult(msgspec.Struct, frozen=True, kw_only=True):
    """A whole song task's yield."""

    clips: tuple[ClipResult, ...]


class FileResult(msgspec.Struct, frozen=True, kw_only=True):
    """A single file made."""

    files: dict[str, str]


class LyricsResult(msgspec.Struct, frozen=True, kw_only=True):
    """Finished words."""

    title: str
    text: str
    tags: tuple[str, ...] = ()
