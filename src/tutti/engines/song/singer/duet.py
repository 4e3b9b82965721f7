"""Who sings which line: one singer all of them, two in turns."""

from dataclasses import dataclass, replace

from tutti.engines.song.model import Plan, Score, SectionKind, VocalLine, VoiceChoice, VoiceColour
from tutti.models.runtime.kokoro.voices import Blend

_OCTAVE = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A line as it is given to one singer."""

    line: VocalLine
    blend: Blend
    colour: VoiceColour


def cast_lines(score: Score, plan: Plan, voice: VoiceChoice) -> list[Part]:
    """Every line with its singer: in a duet sections go from one to the other, and in choruses lines do.

    What the partner sings lies an octave from where it is written, for the tune is written in the lead's range.
    """
    if voice.partner is None:
        return [Part(line=line, blend=voice.blend, colour=voice.colour) for line in score.vocals]
    turns = _turns(score, plan)
    partner = voice.partner
    return [
        Part(line=_moved(line, partner.octaves), blend=partner.blend, colour=partner.colour)
        if turn
        else Part(line=line, blend=voice.blend, colour=voice.colour)
        for line, turn in zip(score.vocals, turns, strict=True)
    ]


def _turns(score: Score, plan: Plan) -> list[bool]:
    """For each line whether it is the partner's."""
    solos = [n for n in sorted({line.section for line in score.vocals}) if not _is_shared(plan, n)]
    seen: dict[int, int] = {}
    turns = []
    for line in score.vocals:
        within = seen[line.section] = seen.get(line.section, -1) + 1
        turns.append(bool((within if _is_shared(plan, line.section) else solos.index(line.section)) % 2))
    return turns


def _is_shared(plan: Plan, section: int) -> bool:
    return section < len(plan.sections) and plan.sections[section].kind is SectionKind.CHORUS


def _moved(line: VocalLine, octaves: int) -> VocalLine:
    syllables = tuple(
        replace(sung, notes=tuple(replace(note, pitch=note.pitch + octaves * _OCTAVE) for note in sung.notes))
        for sung in line.syllables
    )
    harmony = tuple(pitch + octaves * _OCTAVE for pitch in line.harmony_pitches)
    return replace(line, syllables=syllables, harmony_pitches=harmony)
