"""Lyrics for the composer's tests: syllables by counting vowels, stresses and tones by rule.

The composer sees neither phonemes nor spelling, so these stand in for the words stage and keep its tests apart.
"""

import re

from tutti.engines.song.model import Language, LyricLine, Lyrics, LyricSection, SectionKind, Syllable

_WEAK = frozenset(
    ["a", "an", "the", "and", "of", "to", "in", "on", "we", "are", "is", "my", "your", "i", "you", "it", "that"]
)

CITY_LIGHTS = """[Verse]
Streetlights hum above the empty train
I count the stations I have left behind
Your letters folded underneath my coat
A thousand windows and not one is mine
Every corner knows the sound of rain
Every siren sings a broken note
[Chorus]
City lights don't let me down
Carry me through this sleeping town
City lights burn on for me
Burn until I learn to see
[Verse 2]
Coffee and smoke on a Sunday night
The radio is talking to itself
I wrote your name across the harbour wall
The morning came and took it somewhere else
All the taxis look like satellites
All the satellites begin to fall
[Chorus]
City lights don't let me down
Carry me through this sleeping town
City lights burn on for me
Burn until I learn to see
[Bridge]
And if the power ever dies
I will find you by the sparks
Hold the wires in our hands
Dancing barefoot in the dark
[Chorus]
City lights don't let me down
Carry me through this sleeping town
City lights burn on for me
Burn until I learn to see
"""

WEEKEND = """[Verse]
清晨阳光照进我的窗
咖啡香气慢慢在飘荡
放下工作和所有的忙
我们一起出发去远方
[Chorus]
难忘的周末有你在身旁
海风轻轻吹我们大声唱
难忘的周末星星在发光
这一刻永远留在我心上
"""

TWO_LINES = "[Verse]\nLanterns drift along the quay\n[Chorus]\nCarry me home\n"


def rough_lyrics(text: str) -> Lyrics:
    """The text under its marks, as the words stage would give it."""
    sections: list[LyricSection] = []
    for row in text.splitlines():
        mark = re.fullmatch(r"\[(.+)\]", row)
        if mark:
            kind = SectionKind(mark[1].lower().split()[0])
            sections.append(LyricSection(kind=kind, label=mark[1], lines=()))
        elif row:
            last = sections[-1]
            line = _line(row)
            sections[-1] = LyricSection(kind=last.kind, label=last.label, lines=(*last.lines, line))
    return Lyrics(text=text, sections=tuple(sections))


def line_of(syllables: int) -> LyricLine:
    """A line of so many syllables, every second one stressed, in words of two."""
    made = tuple(
        Syllable(
            onset=("l",),
            nucleus=("ɑ",),
            stress=(index + 1) % 2,
            text="la",
            starts_word=index % 2 == 0,
            ends_word=index % 2 == 1 or index == syllables - 1,
        )
        for index in range(syllables)
    )
    return LyricLine(text="la" * syllables, language=Language.ENGLISH, syllables=made)


def _line(text: str) -> LyricLine:
    if re.search("[一-鿿]", text):
        return LyricLine(text=text, language=Language.MANDARIN, syllables=tuple(_character(each) for each in text))
    words = [_word(word) for word in text.split()]
    return LyricLine(text=text, language=Language.ENGLISH, syllables=tuple(each for word in words for each in word))


def _character(character: str) -> Syllable:
    tone = 5 if character in "的了着" else ord(character) % 4 + 1
    return Syllable(onset=("l",), nucleus=("a",), stress=int(tone != 5), tone=tone, text=character)


def _word(word: str) -> list[Syllable]:
    plain = word.lower().strip(".,'")
    nuclei = re.findall(r"[aeiouy]+", re.sub(r"(?<=[^aeioul])e$", "", plain)) or ["a"]
    weak = plain in _WEAK
    return [
        Syllable(
            onset=("l",),
            nucleus=("ɑ",),
            stress=0 if weak or index else 1,
            text=word + " " if index == len(nuclei) - 1 else "",
            starts_word=index == 0,
            ends_word=index == len(nuclei) - 1,
        )
        for index in range(len(nuclei))
    ]
