"""Fits a form to a length that the caller named: the nearest that whole bars and the words allow.

Sections that sing what was sung before are cut or added, breaks come and go, and the edges take up the rest, bar by
bar. Words are never left out for it, and the tempo never changes for it; a remark says how far the length was missed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tutti.engines.song import form
from tutti.engines.song.form import Form, Frame, Passage
from tutti.engines.song.model import Lyrics, SectionKind

# How short and long the passages that take up the rest may become, in bars.
_ELASTIC = {SectionKind.INTRO: (1, 8), SectionKind.OUTRO: (1, 8), SectionKind.BREAK: (2, 16)}
# A song grown beyond this many passages would be one thing over and over.
_MOST_PASSAGES = 40
# Farther off than this share is worth a remark.
_NEAR = 0.05


def fitted(found: Form, lyrics: Lyrics, frame: Frame) -> Form:
    """The form brought as near to `frame.wanted_s` as can be; unchanged where nothing is wanted."""
    if frame.wanted_s is None:
        return found
    wanted_s = min(frame.wanted_s, frame.longest_s)
    texts = [tuple(line.text for line in section.lines) for section in lyrics.sections]
    variants = [_stretched(each, frame, found.bpm, wanted_s) for each in _variants(found.passages, texts)]
    allowed = [each for each in variants if _seconds(each, frame, found.bpm) <= frame.longest_s]
    if not allowed:
        return found
    # Of variants that come equally near the first is the plainest.
    best = min(allowed, key=lambda each: round(abs(_seconds(each, frame, found.bpm) - wanted_s), 2))
    return replace(found, passages=best, remarks=(*found.remarks, *_remarks(_seconds(best, frame, found.bpm), frame)))


def _seconds(passages: Sequence[Passage], frame: Frame, bpm: float) -> float:
    return frame.seconds(form.bars_of(passages), bpm)


def _variants(passages: tuple[Passage, ...], texts: Sequence[tuple[str, ...]]) -> Iterator[tuple[Passage, ...]]:
    """The form as it is, ever shorter, and ever longer."""
    yield passages
    shorter = passages
    while (cut := _cut(shorter, texts)) is not None:
        yield cut
        shorter = cut
    if not any(passage.lyric_section is not None for passage in passages):
        return
    longer = list(passages)
    for grow in (form.with_break, form.with_last_chorus_again, _with_verse_again) * _MOST_PASSAGES:
        if len(longer) > _MOST_PASSAGES:
            return
        longer = grow(longer, 8)
        yield tuple(longer)


def _with_verse_again(passages: list[Passage], bars: int) -> list[Passage]:
    """The last verse and chorus once more before the end, after a break."""
    sung = [passage for passage in passages if passage.lyric_section is not None]
    last = {kind: next((each for each in reversed(sung) if each.kind is kind), None) for kind in _RETURNING}
    again = [passage for passage in last.values() if passage is not None] or sung[-1:]
    pause = Passage(kind=SectionKind.BREAK, label="Break", bars=bars // 2)
    return [*passages[:-1], pause, *again, passages[-1]]


_RETURNING = (SectionKind.VERSE, SectionKind.CHORUS)


def _cut(passages: tuple[Passage, ...], texts: Sequence[tuple[str, ...]]) -> tuple[Passage, ...] | None:
    """The form without what is missed least: a break, else an earlier singing of words that come again."""
    breaks = [index for index, passage in enumerate(passages) if passage.kind is SectionKind.BREAK]
    words = [None if each.lyric_section is None else texts[each.lyric_section] for each in passages]
    repeated = [index for index, each in enumerate(words) if each is not None and each in words[index + 1 :]]
    # The middle one of three is missed less than the first.
    for at in (*breaks[:1], *repeated[-1:]):
        return passages[:at] + passages[at + 1 :]
    return None


def _stretched(passages: tuple[Passage, ...], frame: Frame, bpm: float, wanted_s: float) -> tuple[Passage, ...]:
    """The edges and breaks a bar longer or shorter in turn, until no bar more brings it nearer."""
    best = list(passages)
    is_nearer = True
    while is_nearer:
        is_nearer = False
        for index, passage in enumerate(best):
            shortest, longest = _ELASTIC.get(passage.kind, (0, 0))
            if passage.lyric_section is not None or not longest:
                continue
            missing_s = wanted_s - _seconds(best, frame, bpm)
            bars = passage.bars + (1 if missing_s > 0 else -1)
            bar_s = frame.seconds(1, bpm) - frame.seconds(0, bpm)
            if shortest <= bars <= longest and abs(missing_s) > bar_s / 2:
                best[index] = replace(passage, bars=bars)
                is_nearer = True
    return tuple(best)


def _remarks(seconds: float, frame: Frame) -> tuple[str, ...]:
    """What the caller should know when the length was not met."""
    wanted_s = frame.wanted_s or seconds
    if abs(seconds - wanted_s) <= _NEAR * wanted_s:
        return ()
    return (f"The song lasts {seconds:.0f} s instead of {wanted_s:.0f} s, the nearest that its words allow.",)
