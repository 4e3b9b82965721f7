"""Are the words understood: what Whisper base hears in a stem or a mix, against what was to be sung."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from tutti.engines.song.model import Language
from tutti.engines.song.phonemes import japanese_line

_EAR_HZ = 16_000

# How much of a sound `surprise` takes in.
_SURPRISED_S = 10


class Ear:
    """Whisper base (MIT) by faster-whisper; `folder` holds its files."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel  # noqa: PLC0415 - loaded when first needed

        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)

    def hear(self, audio: np.ndarray, rate_hz: int, language: Language) -> str:
        """The words of a mono sound."""
        heard, _ = self._model.transcribe(
            soxr.resample(audio, rate_hz, _EAR_HZ).astype(np.float32),
            language=str(language),
            beam_size=5,
            condition_on_previous_text=False,
            temperature=0.0,
            # A line has at most some thirty tokens; a recogniser caught in a loop would go on for minutes.
            max_new_tokens=64,
        )
        return " ".join(segment.text.strip() for segment in heard)

    def surprise(self, audio: np.ndarray, rate_hz: int, text: str, language: Language) -> float:
        """How little the recogniser expects the right words of a mono sound: -ln of their probability, a token's mean.

        It moves with every change of the sound, where heard words flip or stay, so versions can be told apart on few
        lines. Sounds longer than 10 s are cut: the usual 30 s give the same within 0.1 and take six times as long.
        """
        from ctranslate2 import StorageView  # noqa: PLC0415 - comes with the recogniser
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 - the same

        model = self._model
        words = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=str(language))
        sound = soxr.resample(audio, rate_hz, _EAR_HZ).astype(np.float32)[: _SURPRISED_S * _EAR_HZ]
        sound = np.pad(sound, (0, _SURPRISED_S * _EAR_HZ - len(sound)))
        features = model.feature_extractor(sound, padding=False)[None, :, : _SURPRISED_S * 100].astype(np.float32)
        tokens = words.encode(f" {text}" if language is Language.ENGLISH else text)
        view = StorageView.from_array(np.ascontiguousarray(features))
        (found,) = model.model.align(view, words.sot_sequence, [tokens], [features.shape[2]])
        return float(-np.log(np.maximum(found.text_token_probs[: len(tokens)], 1e-6)).mean())


def word_errors(wanted: str, heard: str, language: Language) -> tuple[int, int]:
    """Insertions, deletions and substitutions, and the number of words wanted.

    Mandarin counts toneless pinyin and Japanese morae, whichever characters the recogniser writes.
    """
    units = _UNITS[language]
    reference = units(wanted)
    return _distance(reference, units(heard)), len(reference)


def is_loop(heard: str, wanted: str) -> bool:
    """Whether the recogniser fell into repeating itself, so that its figure says nothing of the voice."""
    return len(heard) > 2.5 * len(wanted) + 20


def _words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).split()


def _pinyin(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - only for Mandarin

    return lazy_pinyin("".join(re.findall("[\u4e00-\u9fff]", _simplified().convert(text))))


def _morae(text: str) -> list[str]:
    """What the singer would sing of it, long vowels in two and all nasals alike."""
    units = []
    for syllable in japanese_line(text):
        vowel, *long = syllable.nucleus
        units += ["".join(syllable.onset) + vowel, *(vowel for _ in long)]
        units += ["ʔ" if letter == "ʔ" else "n" for letter in syllable.coda]
    return units


_UNITS = {Language.ENGLISH: _words, Language.MANDARIN: _pinyin, Language.JAPANESE: _morae}


@cache
def _simplified():
    from opencc import OpenCC  # noqa: PLC0415 - only for Mandarin

    return OpenCC("t2s")


def _distance(reference: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for n, wanted in enumerate(reference, 1):
        above, row = row, [n]
        for m, got in enumerate(heard, 1):
            row.append(min(above[m - 1] + (wanted != got), above[m] + 1, row[m - 1] + 1))
    return row[-1]
