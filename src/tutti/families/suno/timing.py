"""From the timed lyrics that a song is stored with to aligned words. Pure."""

import msgspec

from tutti.wires.suno_acts import AlignedWord, Timing


class _Syllable(msgspec.Struct):
    """A sung syllable, in seconds of the sound."""

    text: str
    start_s: float
    end_s: float
    ends_word: bool = True


class _Line(msgspec.Struct):
    """A sung line."""

    text: str
    syllables: tuple[_Syllable, ...]


_decoder = msgspec.json.Decoder(tuple[_Line, ...])
_waveform_decoder = msgspec.json.Decoder(tuple[float, ...])


def to_timing(timed_lyrics: bytes, waveform: bytes = b"[]") -> Timing:
    """Every word in singing order, and the outline of the sound.

    The times are the score's own, so every word is certain.
    """
    words = [word for line in _decoder.decode(timed_lyrics) for word in _words(line)]
    return Timing(aligned_words=tuple(words), waveform_data=_waveform_decoder.decode(waveform))


def _words(line: _Line) -> list[AlignedWord]:
    words: list[AlignedWord] = []
    begun: list[_Syllable] = []
    for index, syllable in enumerate(line.syllables):
        begun.append(syllable)
        is_last = index == len(line.syllables) - 1
        if syllable.ends_word or is_last:
            words.append(_word(begun, is_last=is_last))
            begun = []
    return words


def _word(syllables: list[_Syllable], *, is_last: bool) -> AlignedWord:
    text = "".join(syllable.text.strip() for syllable in syllables)
    # Words of letters stand apart; Chinese ones do not.
    space = "\n" if is_last else " " if text.isascii() else ""
    return AlignedWord(word=text + space, start_s=syllables[0].start_s, end_s=syllables[-1].end_s)
