"""When each letter sounds: the vowels on the beat, the consonants before it, in frames of 25 ms."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutti.engines.song.singer.phrases import Phrase
from tutti.engines.song.singer.tokens import Role, Token
from tutti.models.runtime.kokoro import FRAME_HZ

# The network sounds a vowel about 75 ms before its letter's frames begin (its own readings voice it 62 to 88 ms early),
# so the letters are set that much after the note.
LEAD_FRAMES = 3
# Silence around a phrase: the network needs it to attack the first consonant and to let the last sound die away.
_BEFORE_S = 0.45
_AFTER_S = 0.3
# Sung consonants are longer than spoken ones, or they are lost between long vowels; words misheard fell by a tenth.
_CONSONANT_STRETCH = 1.5
# The first consonant of an English phrase has no sound before it to lean on; Mandarin's short ones need no more.
_FIRST_ONSET_FRAMES = 2
# Longest consonants in frames; whatever the network predicts, a vowel must begin on its beat.
_LONGEST_FRICATIVE = 6
_LONGEST_CONSONANT = 4
# Longer ones are heard as syllables of their own ("river runs" as "river of our ones").
_LONGEST_SONORANT = 3
_SONORANTS = frozenset("ɹlwjɻɥʐ")
_FRICATIVES = frozenset("sʃʧfθʂɕxhçɸ")
# Mandarin's z, j and zh keep their spoken length: stretched, their hiss hides their closure ("qing" was heard as
# "xing").
_AFFRICATES = frozenset("ʦʨꭧ")
# Of the time between two vowels at most this much goes to consonants.
_CONSONANT_SHARE = 0.5
# The end of a diphthong: this share of the hold, and no longer than this, for singers hold its beginning.
_GLIDE_SHARE = 0.35
_LONGEST_GLIDE = 10
# A rest shorter than this many frames is sung over.
SHORTEST_REST = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """The frames of every letter of a phrase."""

    # When the phrase's first frame begins, in seconds from the song's start; may be negative.
    start_s: float
    # int64 of shape (tokens + 2,): the silence before, each letter, the silence after.
    frames: NDArray[np.int64]

    @property
    def borders(self) -> NDArray[np.int64]:
        """Where each of `frames` begins, and the end: shape (tokens + 3,)."""
        return np.concatenate([[0], np.cumsum(self.frames)]).astype(np.int64)


def time_phrase(phrase: Phrase, tokens: Sequence[Token], spoken: NDArray[np.float32]) -> Timing:
    """The frames of a phrase whose letters would last `spoken` frames in speech (shape (tokens,)).

    The letters are laid out one after the other, each vowel taking what is left until the next syllable's consonants
    must begin; where a passage is too fast for that, it runs late and catches up at the next long note.
    """
    start = int(np.floor((phrase[0].start_s - _BEFORE_S) * FRAME_HZ))
    lengths = [_consonant_frames(token, frames) for token, frames in zip(tokens, spoken, strict=True)]
    if tokens[0].role is Role.ONSET and not phrase[0].syllable.tone:
        lengths[0] += _FIRST_ONSET_FRAMES
    members = [[n for n, token in enumerate(tokens) if token.syllable == k] for k in range(len(phrase))]
    beats = [round(sung.start_s * FRAME_HZ) - start + LEAD_FRAMES for sung in phrase]
    releases = [round(sung.end_s * FRAME_HZ) - start + LEAD_FRAMES for sung in phrase]
    _fit_consonants(tokens, lengths, members, beats, releases)
    before = max(1, beats[0] - _total(tokens, lengths, members[0], _BEFORE_VOWEL))
    at = before
    for k, of_syllable in enumerate(members):
        at += _total(tokens, lengths, of_syllable, _BEFORE_VOWEL)
        following = members[k + 1] if k + 1 < len(members) else []
        at = _lay_syllable(
            tokens,
            lengths,
            of_syllable,
            at,
            release=releases[k],
            next_onset=beats[k + 1] - _total(tokens, lengths, following, _BEFORE_VOWEL) if following else None,
            pause=next((n for n in following if tokens[n].role is Role.PAUSE), None),
        )
    after = round(_AFTER_S * FRAME_HZ)
    return Timing(start_s=start / FRAME_HZ, frames=np.array([before, *lengths, after], np.int64))


_BEFORE_VOWEL = frozenset({Role.ONSET, Role.STRESS})
_VOWEL = frozenset({Role.NUCLEUS, Role.GLIDE})


def _consonant_frames(token: Token, spoken: np.float32) -> int:
    """What a letter that is no vowel takes; vowels and pauses are given theirs later."""
    if token.role is Role.STRESS:
        # One frame of its own makes the stress audible; more delays the vowel.
        return 1
    if token.role not in {Role.ONSET, Role.CODA}:
        return 0
    if token.letter in _AFFRICATES:
        return max(1, round(float(spoken)))
    if token.letter in _FRICATIVES:
        shortest, longest = 2, _LONGEST_FRICATIVE
    else:
        shortest, longest = 1, _LONGEST_SONORANT if token.letter in _SONORANTS else _LONGEST_CONSONANT
    return int(min(max(round(float(spoken) * _CONSONANT_STRETCH), shortest), longest))


def _fit_consonants(
    tokens: Sequence[Token],
    lengths: list[int],
    members: Sequence[Sequence[int]],
    beats: Sequence[int],
    releases: Sequence[int],
) -> None:
    """Shorten the consonants between two vowels, longest first, until they leave the vowel its share."""
    for k, of_syllable in enumerate(members):
        cluster = [n for n in of_syllable if tokens[n].role is Role.CODA]
        if k + 1 < len(members):
            cluster += [n for n in members[k + 1] if tokens[n].role in _BEFORE_VOWEL]
        room = (beats[k + 1] if k + 1 < len(members) else releases[k]) - beats[k]
        allowed = max(len(cluster), int(room * _CONSONANT_SHARE))
        while sum(lengths[n] for n in cluster) > allowed:
            lengths[max(cluster, key=lengths.__getitem__)] -= 1


def _total(tokens: Sequence[Token], lengths: Sequence[int], members: Sequence[int], roles: frozenset[Role]) -> int:
    return sum(lengths[n] for n in members if tokens[n].role in roles)


def _lay_syllable(
    tokens: Sequence[Token],
    lengths: list[int],
    members: Sequence[int],
    at: int,
    *,
    release: int,
    next_onset: int | None,
    pause: int | None,
) -> int:
    """Give a syllable's vowel its frames from `at` on, and the rest after it to the pause; the frame it ends at."""
    vowels = [n for n in members if tokens[n].role in _VOWEL]
    coda = _total(tokens, lengths, members, frozenset({Role.CODA}))
    end = release if next_onset is None else next_onset
    rests = next_onset is not None and pause is not None and next_onset - release >= SHORTEST_REST
    if rests:
        end = release
    held = max(len(vowels), end - coda - at)
    _share_vowel(lengths, vowels, held)
    at += held + coda
    if rests and pause is not None and next_onset is not None:
        lengths[pause] = max(0, next_onset - at)
        at += lengths[pause]
    return at


def _share_vowel(lengths: list[int], vowels: Sequence[int], held: int) -> None:
    """Hold the first vowel, and give each glide after it a short end."""
    glides = vowels[1:]
    each = 0
    if glides:
        each = min(max(1, int(held * _GLIDE_SHARE) // len(glides)), _LONGEST_GLIDE)
    for n in glides:
        lengths[n] = each
    lengths[vowels[0]] = held - each * len(glides)
