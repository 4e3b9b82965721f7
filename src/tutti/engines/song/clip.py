"""One clip from brief to files; the stages stand here in their order."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tutti.engines.song.backing import length_samples, render_backing
from tutti.engines.song.continuation import Continuation, continue_plan
from tutti.engines.song.files import FileWish, key_name, write_files
from tutti.engines.song.joining import join_plans, join_scores, join_sounds
from tutti.engines.song.master import Mastered, encoded_below_ceiling, master
from tutti.engines.song.mix import mix
from tutti.engines.song.model import SAMPLE_RATE_HZ, Brief, Lyrics, Plan, Score, Stems
from tutti.engines.song.mp3 import decode_mp3
from tutti.engines.song.plan import make_plan
from tutti.engines.song.record import ClipRecord, read_record
from tutti.engines.song.score import compose
from tutti.engines.song.singer import sing_score
from tutti.engines.song.tools import Tools
from tutti.engines.song.words import settle_words
from tutti.errors import InvalidRequestError
from tutti.intents import ClipResult, ClipSeat, GoOn, Song

# Told 0..1 and what is being done; may raise to stop.
OnProgress = Callable[[float, str], None]

# Shares of a clip's time, measured on songs of one to three minutes.
_SINGING_FROM, _BAND_FROM, _MASTER_FROM, _FILES_FROM = 0.02, 0.60, 0.78, 0.88


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """The clip that is continued."""

    record: ClipRecord
    audio: Path
    at_s: float


def make_clip(
    song: Song, index: int, tools: Tools, folder: Path, on_progress: OnProgress, *, earlier: Earlier | None = None
) -> ClipResult:
    """The clip of one seat, its files in `folder`; the same song and seat give the same samples on one machine."""
    seat = song.seats[index]
    brief, lyrics = settle_words(song, seed=seat.seed, words_seed=song.seats[0].seed)
    on_progress(0.0, "composing")
    if earlier is None:
        plan = make_plan(brief, lyrics, seat.seed, longest_s=song.longest_s)
        score = compose(plan, lyrics, seat.seed)
        mastered = _produce(plan, score, tools, on_progress)
        words = lyrics.text
    else:
        part = _continuation(earlier, lyrics, seat, song.longest_s)
        plan, score, mastered = _go_on(earlier, part, tools, on_progress)
        words = _joined_words(score, earlier.record.lyrics, lyrics)
    on_progress(_FILES_FROM, "writing files")
    record = ClipRecord(request=song, seed=seat.seed, plan=plan, score=score, lyrics=words)
    wish = FileWish(record=record, words=_cover_words(brief), font=tools.font, variant=index)
    folder.mkdir()
    files = write_files(folder, mastered, wish)
    return _result(seat, record, mastered, {name: str(path) for name, path in files.items()})


def earlier_of(source: GoOn, inputs: dict[str, Path]) -> Earlier:
    """The earlier clip out of a job's local files.

    Raises `EngineError` for a plan that cannot be read, `InvalidRequestError` when the clip has none.
    """
    clip = source.clip
    if clip.plan_key is None:
        raise InvalidRequestError("The clip has no plan to go on from.", field="continue_clip_id", subject=clip.clip_id)
    record = read_record(inputs[clip.plan_key])
    return Earlier(record=record, audio=inputs[clip.audio_key], at_s=source.at_s)


def _produce(plan: Plan, score: Score, tools: Tools, on_progress: OnProgress) -> Mastered:
    """Sing, play, mix and master a score."""

    def sing_progress(share: float, note: str) -> None:
        on_progress(_SINGING_FROM + share * (_BAND_FROM - _SINGING_FROM), note)

    def voices() -> Stems | None:
        sung = sing_score(tools.singer, score, plan, sing_progress, samples=length_samples(score))
        return Stems(tracks=sung.tracks) if sung.tracks else None

    def band_progress(share: float, name: str) -> None:
        on_progress(_BAND_FROM + share * (_MASTER_FROM - _BAND_FROM), f"playing {name}")

    # The mix alone holds the voices, and lets them go when it has used them.
    mixed = mix(voices(), render_backing(score, plan, tools.player, band_progress), score, plan)
    on_progress(_MASTER_FROM, "mastering")
    return master(mixed.audio, genre=plan.genre)


def _continuation(earlier: Earlier, lyrics: Lyrics, seat: ClipSeat, longest_s: float) -> Continuation:
    old = earlier.record
    # What stays of the old song counts towards the longest one.
    room_s = max(longest_s - earlier.at_s, _SHORTEST_PART_S)
    return continue_plan(old.plan, old.score, earlier.at_s, lyrics, seat.seed, longest_s=room_s)


# A continuation shorter than this would be no more than an ending.
_SHORTEST_PART_S = 40.0


def _go_on(earlier: Earlier, part: Continuation, tools: Tools, on_progress: OnProgress) -> tuple[Plan, Score, Mastered]:
    """The new part after the old one, as one song."""
    old = earlier.record
    new = _produce(part.plan, part.score, tools, on_progress)
    sound = join_sounds(
        decode_mp3(earlier.audio.read_bytes()),
        new.audio,
        kept_s=part.kept_s,
        bar_s=old.score.duration_s / old.score.bars,
    )
    plan = join_plans(old.plan, part)
    kept = len(plan.sections) - len(part.plan.sections)
    return plan, join_scores(old.score, part, kept_sections=kept), encoded_below_ceiling(sound)


def _joined_words(score: Score, before: str, lyrics: Lyrics) -> str:
    """The words as sung: those of the old song that stayed, then the new ones."""
    sung = {line.text for line in score.vocals}
    kept = [row for row in before.splitlines() if row.startswith("[") or row.strip() in sung]
    return "\n".join([*kept, "", lyrics.text]).strip()


def _cover_words(brief: Brief) -> str:
    return " ".join((*brief.moods, brief.genre, brief.theme))


def _result(seat: ClipSeat, record: ClipRecord, mastered: Mastered, files: dict[str, str]) -> ClipResult:
    return ClipResult(
        clip_id=seat.clip_id,
        title=record.plan.title,
        tags=record.plan.style,
        lyrics=record.lyrics,
        duration_s=round(mastered.audio.shape[1] / SAMPLE_RATE_HZ, 2),
        files=files,
        bpm=record.plan.bpm,
        key=key_name(record.plan),
    )
