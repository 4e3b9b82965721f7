"""The form: which passages a song has and how many bars each takes, so that words and time limits are both kept.

A song is laid out at ease first. When it is too long it is squeezed by degrees (`_SQUEEZES`): breaks go, edges shrink,
the tempo rises, lines share less room; words are left out only when nothing else helps, and then a remark says so. When
it is too short it grows: a break before the last chorus, the chorus again, everything again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tutti.engines.song.model import LyricLine, Lyrics, LyricSection, SectionKind
from tutti.engines.song.rhythm import bars_for

# A listener expects a song, not a jingle: lengths grow from `_SHORTEST_S` with the number of lines up to `_FULL_S`. Two
# verses of eight lines make a song of a minute and a half even where punk hurries through them.
_SHORTEST_S = 45.0
_FULL_S = 96.0
_LINE_S = 5.75
_INSTRUMENTAL_S = (90.0, 118.0)
# What an instrumental plays between intro and outro, as far as its time goes, each for so many bars.
_INSTRUMENTAL_BODY = (
    *(SectionKind.VERSE, SectionKind.CHORUS) * 2,
    *(SectionKind.BRIDGE, SectionKind.CHORUS),
    *(SectionKind.BREAK, SectionKind.CHORUS) * 2,
)
_BODY_BARS = 8
# What rings on after the last bar.
TAIL_S = 2.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """One stretch of the form before it has chords."""

    kind: SectionKind
    label: str
    bars: int
    lyric_section: int | None = None
    line_bars: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """All passages in order, and the tempo they need."""

    passages: tuple[Passage, ...]
    bpm: float
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What the form has to fit."""

    # The tempo drawn for the song, the genre's fastest (the same when the caller named one), and the fastest at all:
    # still better than leaving words out.
    bpm: float
    fastest_bpm: float
    hastiest_bpm: float
    beats_per_bar: int
    swing: float
    longest_s: float

    def seconds(self, bars: int, bpm: float) -> float:
        """How long bars last, with the last sound's tail."""
        return bars * self.beats_per_bar * 60.0 / bpm + TAIL_S


@dataclass(frozen=True, kw_only=True, slots=True)
class _Squeeze:
    """How tightly to lay out: `haste` 0 is the drawn tempo, 1 the genre's fastest, 2 the hastiest."""

    breaks: bool = True
    is_padded: bool = True
    intro_bars: int = 4
    outro_bars: int = 4
    haste: float = 0.0
    line_bars: int = 2


_SQUEEZES = (
    _Squeeze(),
    _Squeeze(breaks=False, intro_bars=2, outro_bars=2),
    _Squeeze(breaks=False, intro_bars=2, outro_bars=2, is_padded=False),
    _Squeeze(breaks=False, intro_bars=2, outro_bars=2, is_padded=False, haste=0.5),
    _Squeeze(breaks=False, intro_bars=1, outro_bars=1, is_padded=False, haste=1.0),
    _Squeeze(breaks=False, intro_bars=1, outro_bars=1, is_padded=False, haste=1.0, line_bars=1),
    _Squeeze(breaks=False, intro_bars=1, outro_bars=1, is_padded=False, haste=2.0, line_bars=1),
)


def sung_form(lyrics: Lyrics, frame: Frame, rng: np.random.Generator, *, lead_in: bool = True) -> Form:
    """The form of a song with words: every section in its order, between intro and outro.

    `lead_in=False` leaves out the intro where a song goes on from another.
    """
    for squeeze in _SQUEEZES:
        bpm = _bpm_at(frame, squeeze.haste)
        passages = _lay_out(lyrics.sections, frame, squeeze, bpm, lead_in=lead_in)
        if frame.seconds(_bars(passages), bpm) <= frame.longest_s:
            break
    else:
        return _shortened(lyrics, frame, lead_in=lead_in)
    if squeeze is _SQUEEZES[0]:
        passages = _grown(passages, frame, rng, lines=sum(len(section.lines) for section in lyrics.sections))
    return Form(passages=passages, bpm=bpm)


def instrumental_form(frame: Frame, rng: np.random.Generator, *, lead_in: bool = True) -> Form:
    """A form without words, one to two minutes as the tempo has it, less where the limit is shorter."""
    wanted_s = min(float(rng.uniform(*_INSTRUMENTAL_S)), frame.longest_s)
    passages = [Passage(kind=SectionKind.INTRO, label="Intro", bars=4)] if lead_in else []
    end = Passage(kind=SectionKind.OUTRO, label="Outro", bars=4)
    for kind in _INSTRUMENTAL_BODY:
        if frame.seconds(_bars([*passages, end]) + _BODY_BARS, frame.bpm) > wanted_s:
            break
        passages.append(Passage(kind=kind, label=_label(kind), bars=_BODY_BARS))
    if len(passages) <= lead_in:
        bars = max(1, min(8, _bars_within(frame, frame.longest_s, frame.bpm)))
        return Form(passages=(Passage(kind=SectionKind.CHORUS, label="Theme", bars=bars),), bpm=frame.bpm)
    # Whatever time leaves out, the theme comes last.
    passages[-1] = replace(passages[-1], kind=SectionKind.CHORUS, label=_label(SectionKind.CHORUS))
    return Form(passages=(*passages, end), bpm=frame.bpm)


def _lay_out(
    sections: Sequence[LyricSection], frame: Frame, squeeze: _Squeeze, bpm: float, *, lead_in: bool
) -> tuple[Passage, ...]:
    """Intro, every section of the lyrics, outro."""
    body = [
        passage
        for index, section in enumerate(sections)
        if (passage := _passage(index, section, frame, squeeze, bpm)) is not None
    ]
    if lead_in and not (sections and sections[0].kind is SectionKind.INTRO and body and body[0].line_bars):
        body.insert(0, Passage(kind=SectionKind.INTRO, label="Intro", bars=squeeze.intro_bars))
    body.append(Passage(kind=SectionKind.OUTRO, label="Outro", bars=squeeze.outro_bars))
    return tuple(body)


def _passage(index: int, section: LyricSection, frame: Frame, squeeze: _Squeeze, bpm: float) -> Passage | None:
    """The passage of one section of the lyrics; None where it gets none."""
    line_bars = tuple(_line_bars(line, frame, squeeze, bpm) for line in section.lines)
    if not any(line_bars):
        # Marked intros and outros are the song's own; other marks without words ask for an instrumental passage.
        is_edge = section.kind in {SectionKind.INTRO, SectionKind.OUTRO}
        if is_edge or not squeeze.breaks:
            return None
        return Passage(kind=SectionKind.BREAK, label=section.label, bars=8)
    bars = sum(line_bars)
    if squeeze.is_padded:
        bars += -bars % 4
    return Passage(kind=section.kind, label=section.label, bars=bars, lyric_section=index, line_bars=line_bars)


def _line_bars(line: LyricLine, frame: Frame, squeeze: _Squeeze, bpm: float) -> int:
    """Bars for one line under a squeeze."""
    return bars_for(
        line, beats_per_bar=frame.beats_per_bar, bpm=bpm, swing=frame.swing, shortest_bars=squeeze.line_bars
    )


def _grown(passages: Sequence[Passage], frame: Frame, rng: np.random.Generator, *, lines: int) -> tuple[Passage, ...]:
    """The form with breaks and repeats until it is as long as such a song should be, never past the limit."""
    wanted_s = min(max(_SHORTEST_S, _LINE_S * lines), _FULL_S)
    grown = list(passages)
    steps = [_with_break, _with_last_chorus_again, _with_all_again]
    if lines >= 8 and rng.random() < 0.5:
        grown = _if_fits(_with_break(grown, 4), grown, frame)
    while frame.seconds(_bars(grown), frame.bpm) < wanted_s:
        before = grown
        for step in steps:
            if frame.seconds(_bars(grown), frame.bpm) < wanted_s:
                grown = _if_fits(step(grown, 8), grown, frame)
        if grown is before:
            break
    return tuple(grown)


def _if_fits(longer: list[Passage], shorter: list[Passage], frame: Frame) -> list[Passage]:
    """The longer form unless it passes the limit."""
    return longer if frame.seconds(_bars(longer), frame.bpm) <= frame.longest_s else shorter


def _with_break(passages: list[Passage], bars: int) -> list[Passage]:
    """An instrumental passage before the last chorus, or before the last sung passage."""
    sung = [index for index, passage in enumerate(passages) if passage.lyric_section is not None]
    choruses = [index for index in sung if passages[index].kind is SectionKind.CHORUS]
    at = (choruses or sung)[-1]
    pause = Passage(kind=SectionKind.BREAK, label="Break", bars=bars)
    return [*passages[:at], pause, *passages[at:]]


def _with_last_chorus_again(passages: list[Passage], _: int) -> list[Passage]:
    """The last chorus, or the last sung passage, twice."""
    sung = [index for index, passage in enumerate(passages) if passage.lyric_section is not None]
    choruses = [index for index in sung if passages[index].kind is SectionKind.CHORUS]
    at = (choruses or sung)[-1]
    return [*passages[: sung[-1] + 1], passages[at], *passages[sung[-1] + 1 :]]


def _with_all_again(passages: list[Passage], bars: int) -> list[Passage]:
    """All sung passages once more, after a break."""
    sung = [passage for passage in passages if passage.lyric_section is not None]
    again = list({passage.lyric_section: passage for passage in sung}.values())
    pause = Passage(kind=SectionKind.BREAK, label="Break", bars=bars // 2)
    return [*passages[:-1], pause, *again, passages[-1]]


def _shortened(lyrics: Lyrics, frame: Frame, *, lead_in: bool) -> Form:
    """The tightest form with the last lines left out until it fits; one line always stays."""
    squeeze = _SQUEEZES[-1]
    bpm = _bpm_at(frame, squeeze.haste)
    sections = list(lyrics.sections)
    left_out = 0
    while True:
        passages = _lay_out(sections, frame, squeeze, bpm, lead_in=lead_in)
        if frame.seconds(_bars(passages), bpm) <= frame.longest_s or sum(len(each.lines) for each in sections) <= 1:
            break
        last = max(index for index, section in enumerate(sections) if section.lines)
        sections[last] = replace(sections[last], lines=sections[last].lines[:-1])
        left_out += 1
    remark = f"The last {left_out} lines were left out: the song may last {frame.longest_s:.0f} s."
    return Form(passages=passages, bpm=bpm, remarks=(remark,) if left_out else ())


def _bpm_at(frame: Frame, haste: float) -> float:
    """The tempo at a degree of haste."""
    if haste <= 1:
        return frame.bpm + haste * (frame.fastest_bpm - frame.bpm)
    return frame.fastest_bpm + (haste - 1) * (frame.hastiest_bpm - frame.fastest_bpm)


def _bars(passages: Sequence[Passage]) -> int:
    return sum(passage.bars for passage in passages)


def _bars_within(frame: Frame, seconds: float, bpm: float) -> int:
    """Whole bars that end, tail included, within some seconds."""
    return int((seconds - TAIL_S) * bpm / 60.0 / frame.beats_per_bar)


def _label(kind: SectionKind) -> str:
    return kind.value.title()
