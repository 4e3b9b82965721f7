"""Taking a clip apart: which stems are wanted, and which a song of ours has. Pure."""

from typing import Any

import msgspec

from tutti.errors import InvalidRequestError
from tutti.families.suno.checks import check_word
from tutti.families.suno.translate import to_source
from tutti.intents import ClipResult, ClipSeat, Stems
from tutti.kit.ids import new_id
from tutti.wires.suno import SubmitMusic

TWO = "two"
ALL = "twelve"
VOICE = "vocals"
# Stem word -> stems; those of `ALL` are the song's own.
_STEMS = {TWO: (VOICE, "instrumental"), ALL: (), VOICE: (VOICE,), "instrumental": ("instrumental",)}


class _Part(msgspec.Struct):
    """An instrument of a score."""

    name: str


class _Score(msgspec.Struct):
    """As much of a score as tells who plays."""

    vocals: tuple[Any, ...] = ()
    parts: tuple[_Part, ...] = ()


class _Plan(msgspec.Struct):
    """As much of a plan file as tells what a clip is made of."""

    score: _Score
    has_brought_sound: bool = False


_plan_decoder = msgspec.json.Decoder(_Plan)


def to_stem_word(form: SubmitMusic) -> str:
    """Which stems a submit asks for: two unless it says otherwise. Raises `InvalidRequestError`."""
    field = "stem_task" if form.stem_task else "stem_type_group_name"
    word = form.stem_task or form.stem_type_group_name or TWO
    return check_word(word.lower(), field, tuple(_STEMS))


def to_stems(word: str, clip: ClipResult, plan: bytes | None) -> Stems:
    """The stems of a clip; every part needs the clip's plan file.

    Raises `InvalidRequestError` where the parts cannot be known.
    """
    names = _STEMS[word] or _parts_of(clip, plan)
    # Nothing about a stem is left to chance: its seed is read by nobody.
    return Stems(clip=to_source(clip), seats={name: ClipSeat(clip_id=new_id(), seed=0) for name in names})


def is_every_part(stems: Stems) -> bool:
    """Whether these are all parts of a song and not the two that any sound has."""
    return not stems.seats.keys() <= set(_STEMS[TWO])


def _parts_of(clip: ClipResult, plan: bytes | None) -> tuple[str, ...]:
    if plan is None:
        raise InvalidRequestError(
            f"The clip {clip.clip_id} has no score: only songs made here come apart into every part; ask for two.",
            field="stem_task",
        )
    read = _plan_decoder.decode(plan)
    if read.has_brought_sound:
        raise InvalidRequestError(
            f"The clip {clip.clip_id} holds brought sound, whose parts are not known; ask for two.", field="stem_task"
        )
    voice = (VOICE,) if read.score.vocals else ()
    return tuple(dict.fromkeys((*voice, *(part.name for part in read.score.parts))))
