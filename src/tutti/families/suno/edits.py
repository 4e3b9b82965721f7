"""The `task` words of a song submit: what is to be made of an earlier clip. Pure; the clip is looked up before.

Adding one is a row in `EDITS`: where the body names the clip, and what to make of body and clip.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from tutti.errors import InvalidRequestError
from tutti.families.suno.checks import check_given, check_word
from tutti.families.suno.translate import Source, to_continue_at, to_song, to_source
from tutti.intents import Accompany, ClipResult, Cover, GoOn, Replace, SingOver, Song
from tutti.wires.suno import EditParams, Stretches, SubmitMetadata, SubmitMusic

# Ends of stretches are taken from players, which round: so far past the clip's end still means its end.
_END_SLACK_S = 1.0

_NO_PARAMS = EditParams()
_NO_METADATA = SubmitMetadata()


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One task word that makes a song of a clip."""

    # The field that names the clip.
    clip_field: str
    # From the body and the clip to the song. Raises `InvalidRequestError`.
    make: Callable[[SubmitMusic, ClipResult], Song]


def to_task_word(form: SubmitMusic) -> str | None:
    """The task word of a submit, None for a new song. Raises `InvalidRequestError` for one that is not known."""
    if not form.task:
        return None
    return _SPELLINGS.get(form.task) or check_word(form.task, "task", TASK_WORDS)


def to_clip_id(form: SubmitMusic, field: str) -> str:
    """The id of the clip to work on. Raises `InvalidRequestError` when it is missing."""
    clip_id = getattr(form, field, None) or getattr(form.metadata_params, field, None)
    return check_given(clip_id, field, "name the clip to work on")


def _extend(form: SubmitMusic, clip: ClipResult) -> Song:
    """The part that goes on from a second of the clip, alone: concat joins it to the whole."""
    source = GoOn(clip=to_source(clip), at_s=to_continue_at(form, _duration_of(clip)), is_whole=False)
    return _like(to_song(form, source=source), clip)


def _cover(form: SubmitMusic, clip: ClipResult) -> Song:
    """Without lyrics in the body those of the clip are sung."""
    song = _custom(form, form.prompt or "", Cover(clip=to_source(clip)))
    if song.lyrics or form.make_instrumental:
        return _like(song, clip)
    return _like(replace(song, lyrics=clip.lyrics, is_instrumental=not clip.lyrics.strip()), clip)


def _infill(form: SubmitMusic, clip: ClipResult) -> Song:
    start_s, end_s = _stretch(form, clip, "infill")
    source = Replace(clip=to_source(clip), start_s=start_s, end_s=end_s)
    words = _infill_lyrics(form)
    return _like(_custom(form, form.prompt if words is None else words, source), clip)


def _accompany(form: SubmitMusic, clip: ClipResult) -> Song:
    start_s, end_s = _stretch(form, clip, "underpainting")
    return _like(_custom(form, "", Accompany(clip=to_source(clip), start_s=start_s, end_s=end_s)), clip)


def _sing_over(form: SubmitMusic, clip: ClipResult) -> Song:
    if not (form.prompt or "").strip():
        raise InvalidRequestError("prompt_empty: overpainting needs lyrics to sing.", field="prompt")
    start_s, end_s = _stretch(form, clip, "overpainting")
    sung = replace(form, make_instrumental=None)
    return _like(_custom(sung, form.prompt, SingOver(clip=to_source(clip), start_s=start_s, end_s=end_s)), clip)


# In the order in which an unknown word is told of them.
EDITS = {
    "extend": Edit(clip_field="continue_clip_id", make=_extend),
    "upload_extend": Edit(clip_field="continue_clip_id", make=_extend),
    "cover": Edit(clip_field="cover_clip_id", make=_cover),
    "infill": Edit(clip_field="continue_clip_id", make=_infill),
    "underpainting": Edit(clip_field="underpainting_clip_id", make=_accompany),
    "overpainting": Edit(clip_field="overpainting_clip_id", make=_sing_over),
}
PERSONA_WORD = "artist_consistency"
STEMS_WORD = "gen_stem"
TASK_WORDS = (*EDITS, PERSONA_WORD, STEMS_WORD)
# The voice alone, as other vendors ask for it: our personas are voices and nothing else.
_SPELLINGS = {"artist_consistency_vox": PERSONA_WORD}


def _custom(form: SubmitMusic, lyrics: str | None, source: Source) -> Song:
    """A song in custom mode, whatever description web clients send along."""
    return to_song(replace(form, prompt=lyrics, gpt_description_prompt=None), source=source)


def _like(song: Song, clip: ClipResult) -> Song:
    """The song under the clip's title and in its style where the body names none."""
    return replace(song, title=song.title or clip.title, tags=song.tags or clip.tags)


def _infill_lyrics(form: SubmitMusic) -> str | None:
    """The words of a replaced section from wherever siblings put them; None when the prompt holds them."""
    params = form.metadata_params or _NO_PARAMS
    places = (form.metadata or _NO_METADATA, params.metadata or _NO_METADATA, params, form)
    return next((place.infill_lyrics for place in places if place.infill_lyrics is not None), None)


def _stretch(form: SubmitMusic, clip: ClipResult, word: str) -> tuple[float, float]:
    """Start and end in seconds of the clip; the whole clip when neither is given, unless a section is to be replaced.

    Raises `InvalidRequestError` that names the field and its bounds.
    """
    duration_s = _duration_of(clip)
    start_s, end_s = (_given(form, f"{word}_{edge}_s") for edge in ("start", "end"))
    if word == "infill" and (start_s is None or end_s is None):
        missing = "infill_start_s" if start_s is None else "infill_end_s"
        raise InvalidRequestError(f"{missing} is missing: infill needs the section's start and end.", field=missing)
    start_s = 0.0 if start_s is None else start_s
    end_s = duration_s if end_s is None else end_s
    if not 0 <= start_s < duration_s:
        field = f"{word}_start_s"
        raise InvalidRequestError(f"{field} is {start_s:g} s, but the clip lasts {duration_s:g} s.", field=field)
    if not start_s < end_s <= duration_s + _END_SLACK_S:
        field = f"{word}_end_s"
        raise InvalidRequestError(
            f"{field} is {end_s:g} s; it may lie after {start_s:g} s and up to {duration_s:g} s.", field=field
        )
    return start_s, min(end_s, duration_s)


def _given(form: SubmitMusic, field: str) -> float | None:
    """A stretch's edge from the body or from its `metadata_params`."""
    places: tuple[Stretches, ...] = (form, form.metadata_params or _NO_PARAMS)
    return next((getattr(place, field) for place in places if getattr(place, field) is not None), None)


def _duration_of(clip: ClipResult) -> float:
    assert clip.duration_s is not None  # `Clips.find` gives finished clips only
    return clip.duration_s
