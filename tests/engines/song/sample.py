"""A small song by hand and a voice made of saws and formants, for the stages after the singer."""

import numpy as np
from scipy.signal import lfilter

from tutti.engines.song.backing import length_samples
from tutti.engines.song.dsp.filters import bandpass, equalise, lowpass
from tutti.engines.song.model import (
    SAMPLE_RATE_HZ,
    TICKS_PER_BEAT,
    Audio,
    Chord,
    Gender,
    Language,
    Note,
    Part,
    Plan,
    PlanSection,
    Score,
    SectionKind,
    Stems,
    SungSyllable,
    Syllable,
    VocalLine,
    VoiceChoice,
)

BAR = 4 * TICKS_PER_BEAT
BEAT = TICKS_PER_BEAT
CHORDS = ((57, 60, 64), (53, 57, 60), (55, 60, 64), (55, 59, 62))
ENGLISH = ("We are walking through the city lights", "Every window holds a little star")
MANDARIN = ("城市的灯光在夜里闪烁", "我们一起走到天亮")
KINDS = (SectionKind.INTRO, SectionKind.VERSE, SectionKind.CHORUS, SectionKind.VERSE, SectionKind.CHORUS)
ENERGY = {SectionKind.INTRO: 0.4, SectionKind.VERSE: 0.55, SectionKind.CHORUS: 1.0}


def make_plan(*, bars: int = 8, genre: str = "pop", kit: str = "acoustic", bpm: float = 104.0, seed: int = 7) -> Plan:
    each = max(1, bars // len(KINDS))
    sections, start = [], 0
    for index, kind in enumerate(KINDS):
        length = bars - start if index == len(KINDS) - 1 else each
        chord = Chord(root=9, tones=(9, 0, 4), bass=9, beats=4 * length, name="Am")
        sections.append(
            PlanSection(
                kind=kind, label=kind.value, start_bar=start, bars=length, chords=(chord,), energy=ENERGY[kind],
                lyric_section=None if kind is SectionKind.INTRO else index - 1,
            )
        )  # fmt: skip
        start += length
    return Plan(
        title="City Lights", style="pop, emotional", genre=genre, language=Language.ENGLISH, seed=seed, bpm=bpm,
        beats_per_bar=4, tonic=9, mode="minor", sections=tuple(sections), drum_kit=kit,
        voice=VoiceChoice(
            blend=(("af_heart", 1.0),), gender=Gender.FEMALE, low_pitch=53, high_pitch=72,
        ),
    )  # fmt: skip


def make_score(plan: Plan, *, guitar_program: int = 30, lines: tuple[str, ...] = ENGLISH) -> Score:
    return Score(
        bpm=plan.bpm,
        beats_per_bar=4,
        bars=plan.bars,
        vocals=tuple(_vocals(plan, lines)),
        parts=(
            Part(name="drums", program=None, notes=_drums(plan)),
            Part(name="bass", program=33, notes=_bass(plan)),
            Part(name="keys", program=0, notes=_chords(plan, octave=0, velocity=78)),
            Part(name="guitar", program=guitar_program, notes=_power(plan)),
            Part(name="pad", program=89, notes=_chords(plan, octave=12, velocity=60)),
            Part(name="pluck", program=107, notes=_arpeggio(plan)),
        ),
    )


def make_voice(score: Score, *, tracks: tuple[str, ...] = ("lead",)) -> Stems:
    samples = length_samples(score)
    mono = np.zeros((1, samples), np.float32)
    for line in score.vocals:
        for sung in line.syllables:
            for note in sung.notes:
                start = int(score.seconds_at(note.onset_ticks) * SAMPLE_RATE_HZ)
                sound = _vowel(note.pitch, score.seconds_at(note.length_ticks))
                end = min(samples, start + sound.shape[1])
                mono[:, start:end] += sound[:, : end - start]
    return Stems(tracks={name: np.repeat(mono, 2, axis=0) for name in tracks})


def _vowel(pitch: int, length_s: float) -> Audio:
    time = np.arange(int(length_s * 0.92 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    hz = 440 * 2 ** ((pitch - 69) / 12) * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * time))
    saw = (2 * (np.cumsum(hz) / SAMPLE_RATE_HZ % 1) - 1)[None].astype(np.float32)
    saw = equalise(saw, lowpass(9000))
    sound = sum(equalise(saw, bandpass(f, 6)) * g for f, g in ((730, 1.0), (1190, 0.6), (2600, 0.3)))
    edge = lfilter([0.002], [1, -0.998], np.r_[np.ones(max(0, time.size - 1500)), np.zeros(min(1500, time.size))])
    return (0.3 * sound * edge).astype(np.float32)


def _vocals(plan: Plan, lines: tuple[str, ...]) -> list[VocalLine]:
    vocals = []
    for index, section in enumerate(plan.sections):
        if section.lyric_section is None:
            continue
        for turn, bar in enumerate(range(section.start_bar, section.start_bar + section.bars - 1, 2)):
            text = lines[turn % len(lines)]
            is_mandarin = not text.isascii()
            words = list(text) if is_mandarin else [w + " " for w in text.split()]
            step = int(2 * BAR * 0.9 / len(words)) // 60 * 60
            syllables = tuple(
                SungSyllable(
                    syllable=Syllable(onset=("l",), nucleus=("a",), text=word.strip() if word is words[-1] else word),
                    notes=(Note(onset_ticks=bar * BAR + k * step, length_ticks=step, pitch=60 + (k * 5 + turn) % 8),),
                )
                for k, word in enumerate(words)
            )
            language = Language.MANDARIN if is_mandarin else Language.ENGLISH
            vocals.append(VocalLine(text=text, language=language, section=index, syllables=syllables))
    return vocals


def _is_lively(plan: Plan, bar: int) -> bool:
    return any(s.energy > 0.9 and s.start_bar <= bar < s.start_bar + s.bars for s in plan.sections)


def _drums(plan: Plan) -> tuple[Note, ...]:
    notes = []
    for bar in range(plan.bars):
        at = bar * BAR
        loud = 108 if _is_lively(plan, bar) else 84
        notes += [_note(at + t, 60, 36, loud) for t in (0, 2 * BEAT, int(2.5 * BEAT))]
        notes += [_note(at + t, 60, 38, loud) for t in (BEAT, 3 * BEAT)]
        notes += [_note(at + k * BEAT // 2, 60, 46 if k == 7 else 42, 90 - 25 * (k % 2)) for k in range(8)]
        if bar % 4 == 0:
            notes.append(_note(at, 60, 49, 100))
        if bar % 4 == 3:
            notes += [_note(at + 3 * BEAT + k * BEAT // 4, 60, p, 95) for k, p in enumerate((48, 47, 45, 41))]
    return tuple(sorted(notes, key=lambda n: n.onset_ticks))


def _bass(plan: Plan) -> tuple[Note, ...]:
    return tuple(
        _note(bar * BAR + k * BEAT // 2, BEAT // 2 - 30, CHORDS[bar % 4][0] - 24, 96 - 10 * (k % 2))
        for bar in range(plan.bars)
        for k in range(8)
    )


def _chords(plan: Plan, *, octave: int, velocity: int) -> tuple[Note, ...]:
    return tuple(
        _note(bar * BAR + half * 2 * BEAT, 2 * BEAT - 20, pitch + octave, velocity)
        for bar in range(plan.bars)
        for half in range(2)
        for pitch in CHORDS[bar % 4]
    )


def _power(plan: Plan) -> tuple[Note, ...]:
    return tuple(
        _note(bar * BAR + k * BEAT // 2, BEAT // 2 - 20, CHORDS[bar % 4][0] - 12 + step, 100)
        for bar in range(plan.bars)
        if _is_lively(plan, bar)
        for k in range(8)
        for step in (0, 7, 12)
    )


def _arpeggio(plan: Plan) -> tuple[Note, ...]:
    return tuple(
        _note(bar * BAR + k * BEAT // 2, BEAT // 2, CHORDS[bar % 4][k % 3] + 12, 80)
        for bar in range(plan.bars)
        for k in range(8)
    )


def _note(onset: int, length: int, pitch: int, velocity: int) -> Note:
    return Note(onset_ticks=onset, length_ticks=length, pitch=pitch, velocity=velocity)
