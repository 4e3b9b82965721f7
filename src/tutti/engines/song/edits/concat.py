"""Clips that go on from one another as one whole song."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tutti.engines.engine import Job, Reporter
from tutti.engines.song.edits.sound_clip import sound_clip
from tutti.engines.song.edits.sources import Source, open_source
from tutti.engines.song.files import FileWish, Label, clip_result, make_sleeve, write_files
from tutti.engines.song.joining import cut, join
from tutti.engines.song.keys import key_name
from tutti.engines.song.laying import FADE_BARS, SETTLE_BARS, Piece, lay, step_db
from tutti.engines.song.master import Mastered, encoded_below_ceiling
from tutti.engines.song.model import SAMPLE_RATE_HZ, Audio
from tutti.engines.song.record import ClipRecord, Excerpt
from tutti.intents import ClipResult, Concat, GoOn, SongResult


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """One of the clips, and how much of it is heard; None: to its end."""

    source: Source
    kept_s: float | None


def concat(job: Job, font: Path, report: Reporter) -> SongResult:
    """The whole song; where brought sound begins it, score and words are those of what follows."""
    wish = job.intent
    assert isinstance(wish, Concat)
    report.progress(0.0, "joining")
    parts = [_part(piece, job.inputs, is_last=piece is wish.pieces[-1]) for piece in wish.pieces]
    sound, gains_db = _sound(parts)
    report.progress(0.3, "mastering")
    mastered = encoded_below_ceiling(sound)
    report.progress(0.6, "writing files")
    record = _record(parts, gains_db, wish)
    folder = job.scratch / "clip-1"
    clip = (
        _brought(folder, mastered, parts, wish, font) if record is None else _own(folder, mastered, record, wish, font)
    )
    report.part(0, clip)
    return SongResult(clips=(clip,))


def _part(piece: GoOn, inputs: Mapping[str, Path], *, is_last: bool) -> _Part:
    source = open_source(piece.clip, inputs)
    return _Part(source=source, kept_s=None if is_last else source.joint_s(piece.at_s))


def _sound(parts: Sequence[_Part]) -> tuple[Audio, list[float]]:
    """All parts laid one after the other, and the gain in dB that each begins with."""
    pieces: list[Piece] = []
    for part in parts:
        audio = part.source.sound()
        gain_db = step_db(_heard(pieces[-1]), audio) if pieces else 0.0
        settle_s = SETTLE_BARS * part.source.bar_s
        pieces.append(Piece(audio=audio, length_s=part.kept_s, gain_db=gain_db, settle_s=settle_s))
    return lay(pieces, fade_s=FADE_BARS * parts[-1].source.bar_s), [piece.gain_db for piece in pieces]


def _heard(piece: Piece) -> Audio:
    return piece.audio if piece.length_s is None else piece.audio[:, : round(piece.length_s * SAMPLE_RATE_HZ)]


def _record(parts: Sequence[_Part], gains_db: Sequence[float], wish: Concat) -> ClipRecord | None:
    """The record of the whole: None where no part of it is ours but after brought sound."""
    offset_s, first = 0.0, 0
    if parts[0].source.record is None:
        offset_s, first = parts[0].kept_s or 0.0, 1
    records = [part.source.record for part in parts[first:]]
    ours = [record for record in records if record is not None]
    if not ours or len(ours) < len(records) or any(record.offset_s for record in ours[1:]):
        return None
    offset_s += ours[0].offset_s
    excerpts: list[Excerpt] = []
    for part, record, gain_db in zip(parts[first:], ours, gains_db[first:], strict=True):
        excerpts += _excerpts(part, record, gain_db)
    plan, score = join(excerpts)
    return ClipRecord(
        request=ours[0].request,
        seed=wish.seat.seed,
        plan=replace(plan, title=wish.title or plan.title),
        score=score,
        lyrics="\n\n".join(record.lyrics for record in ours if record.lyrics),
        excerpts=tuple(excerpts),
        offset_s=offset_s,
        has_brought_sound=first > 0 or any(record.has_brought_sound for record in ours),
    )


def _excerpts(part: _Part, record: ClipRecord, gain_db: float) -> tuple[Excerpt, ...]:
    bars = record.score.bars
    if part.kept_s is not None:
        bars = round((part.kept_s - record.offset_s) / record.bar_s)
    first, *more = cut(record.made_of(), 0, bars)
    if not gain_db:
        return (first, *more)
    return (replace(first, gain_db=first.gain_db + gain_db, settle_bars=SETTLE_BARS), *more)


def _own(folder: Path, mastered: Mastered, record: ClipRecord, wish: Concat, font: Path) -> ClipResult:
    folder.mkdir()
    dress = FileWish(record=record, words=f"{record.plan.style} {record.plan.genre}", font=font)
    return clip_result(wish.seat, record, write_files(folder, mastered, dress, make_sleeve(dress)), mastered=mastered)


def _brought(folder: Path, mastered: Mastered, parts: Sequence[_Part], wish: Concat, font: Path) -> ClipResult:
    """As much as can be told of a whole that no score describes."""
    clip, heard = parts[0].source.clip, parts[0].source.heard
    title = wish.title or clip.title or "Untitled"
    key = key_name(heard.tonic, heard.mode)
    label = Label(title=title, style=clip.tags, bpm=round(heard.bpm, 2), key=key, seed=wish.seat.seed)
    lyrics = "\n\n".join(part.source.clip.lyrics for part in parts if part.source.clip.lyrics)
    return sound_clip(folder, wish.seat, mastered.audio, mastered.mp3, label=label, font=font, lyrics=lyrics)
