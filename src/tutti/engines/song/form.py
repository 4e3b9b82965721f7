"""The form: which passages a song has and how many bars each takes, so that words and time limits are both kept.

A song is laid out at ease first. When it is too long it is squeezed by degrees (`SQUEEZES`): breaks go, edges shrink,
the tempo rises, lines share less room; words are left out only when nothing else helps, and then a remark says so. When
it is too short it grows: a break before the last chorus, the chorus again, everything again. `length.py` fits a form to
a wanted length with the same means.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tutti.engines.song.flow import flow_of
from tutti.engines.song.genre import Layout
from tutti.engines.song.model import LyricLine, Lyrics, LyricSection, SectionKind
from tutti.engines.song.rhythm import bars_for

# A listener expects a song, not a jingle: lengths grow from `_SHORTEST_S` with the number of lines up to `_FULL_S`. Two
# verses of eight lines make a song of a minute and a half even where punk hurries through them.
_SHORTEST_S = 45.0
_FULL_S = 96.0
_LINE_S = 5.75
_INSTRUMENTAL_S = (90.0, 118.0)
_BODY_BARS = 8
# What rings on after the last bar.
TAIL_S = 2.5
_PLAIN = Layout()


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
    # The length that the caller named.
    wanted_s: float | None = None
    # Whether all but the choruses are rapped.
    is_rapped: bool = False
    # How likely a section ends with a bar more than its phrases need, 0..1.
    oddness: float = 0.0
    layout: Layout = _PLAIN

    def seconds(self, bars: int, bpm: float) -> float:
        """How long bars last, with the last sound's tail."""
        return bars * self.beats_per_bar * 60.0 / bpm + TAIL_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Squeeze:
    """How tightly to lay out: `haste` 0 is the drawn tempo, 1 the genre's fastest, 2 the hastiest."""

    breaks: bool = True
    is_padded: bool = True
    # The longest edges; the genre's own where they are shorter.
    intro_bars: int = 16
    outro_bars: int = 16
    haste: float = 0.0
    line_bars: int = 2
    # Sections of the lyrics, by number, whose last line has one bar more.
    odd: frozenset[int] = frozenset()


SQUEEZES = (
    Squeeze(),
    Squeeze(breaks=False, intro_bars=2, outro_bars=2),
    Squeeze(breaks=False, intro_bars=2, outro_bars=2, is_padded=False),
    Squeeze(breaks=False, intro_bars=2, outro_bars=2, is_padded=False, haste=0.5),
    Squeeze(breaks=False, intro_bars=1, outro_bars=1, is_padded=False, haste=1.0),
    Squeeze(breaks=False, intro_bars=1, outro_bars=1, is_padded=False, haste=1.0, line_bars=1),
    Squeeze(breaks=False, intro_bars=1, outro_bars=1, is_padded=False, haste=2.0, line_bars=1),
)


def sung_form(lyrics: Lyrics, frame: Frame, rng: np.random.Generator, *, lead_in: bool = True) -> Form:
    """The form of a song with words: every section in its order, between intro and outro.

    `lead_in=False` leaves out the intro where a song goes on from another.
    """
    odd = _odd_sections(lyrics, frame, rng)
    for squeeze, limit_s in _attempts(frame):
        bpm = bpm_at(frame, squeeze.haste)
        passages = lay_out(lyrics.sections, frame, replace(squeeze, odd=odd), bpm, lead_in=lead_in)
        if frame.seconds(bars_of(passages), bpm) <= limit_s:
            break
    else:
        return _shortened(lyrics, frame, lead_in=lead_in)
    if squeeze is SQUEEZES[0] and frame.wanted_s is None:
        passages = _grown(passages, frame, rng, lines=sum(len(section.lines) for section in lyrics.sections))
    return Form(passages=passages, bpm=bpm)


def _attempts(frame: Frame) -> Iterator[tuple[Squeeze, float]]:
    """How tightly to lay out, and the seconds that this may take, the loosest first.

    For a wanted length only what leaves the tempo alone is tried, before what the limit demands.
    """
    if frame.wanted_s is not None:
        unhurried = [squeeze for squeeze in SQUEEZES if not squeeze.haste]
        wanted_s = min(frame.wanted_s, frame.longest_s)
        yield from ((squeeze, wanted_s) for squeeze in unhurried)
        yield unhurried[-1], frame.longest_s
    yield from ((squeeze, frame.longest_s) for squeeze in SQUEEZES)


def _odd_sections(lyrics: Lyrics, frame: Frame, rng: np.random.Generator) -> frozenset[int]:
    """The sections that get a bar more; choruses, which must be caught at once, never."""
    if not frame.oddness:
        return frozenset()
    sections = enumerate(lyrics.sections)
    return frozenset(
        number
        for number, section in sections
        if section.kind is not SectionKind.CHORUS and rng.random() < frame.oddness
    )


def instrumental_form(frame: Frame, rng: np.random.Generator, *, lead_in: bool = True) -> Form:
    """A form without words, one to two minutes as the tempo has it, less where the limit is shorter."""
    wanted_s = min(frame.wanted_s or float(rng.uniform(*_INSTRUMENTAL_S)), frame.longest_s)
    layout = frame.layout
    passages = [Passage(kind=SectionKind.INTRO, label="Intro", bars=layout.intro_bars)] if lead_in else []
    end = Passage(kind=SectionKind.OUTRO, label="Outro", bars=layout.outro_bars)
    for kind in itertools.cycle(layout.body):
        if frame.seconds(bars_of([*passages, end]) + _BODY_BARS, frame.bpm) > wanted_s:
            break
        passages.append(Passage(kind=kind, label=_label(kind), bars=_BODY_BARS))
    if len(passages) <= lead_in:
        longest = 2 * _BODY_BARS if frame.wanted_s else _BODY_BARS
        bars = max(1, min(longest, _bars_within(frame, wanted_s, frame.bpm)))
        return Form(passages=(Passage(kind=SectionKind.CHORUS, label="Theme", bars=bars),), bpm=frame.bpm)
    # Whatever time leaves out, the theme comes last.
    passages[-1] = replace(passages[-1], kind=SectionKind.CHORUS, label=_label(SectionKind.CHORUS))
    return Form(passages=(*passages, end), bpm=frame.bpm)


def lay_out(
    sections: Sequence[LyricSection], frame: Frame, squeeze: Squeeze, bpm: float, *, lead_in: bool
) -> tuple[Passage, ...]:
    """Intro, every section of the lyrics, outro, as tightly as `squeeze` says."""
    body = [
        passage
        for index, section in enumerate(sections)
        if (passage := _passage(index, section, frame, squeeze, bpm)) is not None
    ]
    layout = frame.layout
    if squeeze.breaks and layout.breaks == "chorus":
        body = _with_break_after_choruses(body, layout.break_bars)
    if lead_in and not (sections and sections[0].kind is SectionKind.INTRO and body and body[0].line_bars):
        bars = min(squeeze.intro_bars, layout.intro_bars)
        body.insert(0, Passage(kind=SectionKind.INTRO, label="Intro", bars=bars))
    bars = min(squeeze.outro_bars, layout.outro_bars)
    body.append(Passage(kind=SectionKind.OUTRO, label="Outro", bars=bars))
    return tuple(body)


def _with_break_after_choruses(passages: Sequence[Passage], bars: int) -> list[Passage]:
    """A break after every chorus that words follow, unless the lyrics have one there."""
    longer: list[Passage] = []
    for passage, after in itertools.pairwise(passages):
        longer.append(passage)
        if passage.kind is SectionKind.CHORUS and after.kind is not SectionKind.BREAK:
            longer.append(Passage(kind=SectionKind.BREAK, label="Break", bars=bars))
    return [*longer, *passages[-1:]]


def _passage(index: int, section: LyricSection, frame: Frame, squeeze: Squeeze, bpm: float) -> Passage | None:
    """The passage of one section of the lyrics; None where it gets none."""
    line_bars = tuple(_line_bars(line, section.kind, frame, squeeze, bpm) for line in section.lines)
    if not any(line_bars):
        # Marked intros and outros are the song's own; other marks without words ask for an instrumental passage.
        is_edge = section.kind in {SectionKind.INTRO, SectionKind.OUTRO}
        if is_edge or not squeeze.breaks:
            return None
        return Passage(kind=SectionKind.BREAK, label=section.label, bars=8)
    if index in squeeze.odd:
        line_bars = (*line_bars[:-1], line_bars[-1] + 1)
    bars = sum(line_bars)
    if squeeze.is_padded and index not in squeeze.odd:
        bars += -bars % 4
    return Passage(kind=section.kind, label=section.label, bars=bars, lyric_section=index, line_bars=line_bars)


def _line_bars(line: LyricLine, kind: SectionKind, frame: Frame, squeeze: Squeeze, bpm: float) -> int:
    """Bars of one line at a tempo."""
    return bars_for(
        line,
        beats_per_bar=frame.beats_per_bar,
        bpm=bpm,
        swing=frame.swing,
        shortest_bars=squeeze.line_bars,
        flow=flow_of(kind, is_rapped=frame.is_rapped),
    )


def _grown(passages: Sequence[Passage], frame: Frame, rng: np.random.Generator, *, lines: int) -> tuple[Passage, ...]:
    """The form with breaks and repeats until it is as long as such a song should be, never past the limit.

    A chorus that comes once comes again, however long the song: it is what is to be remembered.
    """
    wanted_s = min(max(_SHORTEST_S, _LINE_S * lines), _FULL_S)
    grown, layout = list(passages), frame.layout
    if [passage.kind for passage in grown].count(SectionKind.CHORUS) == 1:
        grown = _if_fits(with_last_chorus_again(grown, 0), grown, frame)
    steps = [with_last_chorus_again, with_all_again]
    if layout.breaks == "last":
        steps.insert(0, with_break)
    if lines >= 8 and rng.random() < 0.5 and layout.breaks == "last":
        grown = _if_fits(with_break(grown, layout.break_bars // 2), grown, frame)
    while frame.seconds(bars_of(grown), frame.bpm) < wanted_s:
        before = grown
        for step in steps:
            if frame.seconds(bars_of(grown), frame.bpm) < wanted_s:
                grown = _if_fits(step(grown, layout.break_bars), grown, frame)
        if grown is before:
            break
    return tuple(grown)


def _if_fits(longer: list[Passage], shorter: list[Passage], frame: Frame) -> list[Passage]:
    """The longer form unless it passes the limit."""
    return longer if frame.seconds(bars_of(longer), frame.bpm) <= frame.longest_s else shorter


def with_break(passages: list[Passage], bars: int) -> list[Passage]:
    """An instrumental passage before the last chorus, or before the last sung passage."""
    sung = [index for index, passage in enumerate(passages) if passage.lyric_section is not None]
    choruses = [index for index in sung if passages[index].kind is SectionKind.CHORUS]
    at = (choruses or sung)[-1]
    pause = Passage(kind=SectionKind.BREAK, label="Break", bars=bars)
    return [*passages[:at], pause, *passages[at:]]


def with_last_chorus_again(passages: list[Passage], _: int) -> list[Passage]:
    """The last chorus, or the last sung passage, twice."""
    sung = [index for index, passage in enumerate(passages) if passage.lyric_section is not None]
    choruses = [index for index in sung if passages[index].kind is SectionKind.CHORUS]
    at = (choruses or sung)[-1]
    return [*passages[: sung[-1] + 1], passages[at], *passages[sung[-1] + 1 :]]


def with_all_again(passages: list[Passage], bars: int) -> list[Passage]:
    """All sung passages once more, after a break."""
    sung = [passage for passage in passages if passage.lyric_section is not None]
    again = list({passage.lyric_section: passage for passage in sung}.values())
    pause = Passage(kind=SectionKind.BREAK, label="Break", bars=bars // 2)
    return [*passages[:-1], pause, *again, passages[-1]]


def _shortened(lyrics: Lyrics, frame: Frame, *, lead_in: bool) -> Form:
    """The tightest form with the last lines left out until it fits; one line always stays."""
    squeeze = SQUEEZES[-1]
    bpm = bpm_at(frame, squeeze.haste)
    sections = list(lyrics.sections)
    left_out = 0
    while True:
        passages = lay_out(sections, frame, squeeze, bpm, lead_in=lead_in)
        if frame.seconds(bars_of(passages), bpm) <= frame.longest_s or sum(len(each.lines) for each in sections) <= 1:
            break
        last = max(index for index, section in enumerate(sections) if section.lines)
        sections[last] = replace(sections[last], lines=sections[last].lines[:-1])
        left_out += 1
    remark = f"The last {left_out} lines were left out: the song may last {frame.longest_s:.0f} s."
    return Form(passages=passages, bpm=bpm, remarks=(remark,) if left_out else ())


def bpm_at(frame: Frame, haste: float) -> float:
    """The tempo at a degree of haste."""
    if haste <= 1:
        return frame.bpm + haste * (frame.fastest_bpm - frame.bpm)
    return frame.fastest_bpm + (haste - 1) * (frame.hastiest_bpm - frame.fastest_bpm)


def bars_of(passages: Sequence[Passage]) -> int:
    """Bars of all passages together."""
    return sum(passage.bars for passage in passages)


def _bars_within(frame: Frame, seconds: float, bpm: float) -> int:
    """Whole bars that end, tail included, within some seconds."""
    return int((seconds - TAIL_S) * bpm / 60.0 / frame.beats_per_bar)


def _label(kind: SectionKind) -> str:
    return kind.value.title()
