"""From a Suno request to what the caller wants. Pure: what must be looked up is given."""

from collections.abc import Sequence

from msgspec.structs import replace

from tutti.errors import InvalidRequestError
from tutti.families.suno.checks import check_text
from tutti.families.suno.seats import finished
from tutti.families.suno.versions import DEFAULT_MV, version_of
from tutti.families.suno.wishes import new_seats, new_seed, to_seed, to_wishes
from tutti.intents import (
    Accompany,
    ClipResult,
    Cover,
    GoOn,
    LyricsWish,
    Replace,
    SingOver,
    Song,
    SourceClip,
)
from tutti.tasks.model import TaskPart
from tutti.wires.suno import SubmitLyrics, SubmitMusic

# What no version limits itself, in characters: a title that fills its cover many times over, any name of a version,
# and the wish for words, which takes what the widest version takes.
LONGEST_TITLE = 1000
_LONGEST_MV = 100
_LONGEST_WISH = 5000

Source = GoOn | Cover | Replace | Accompany | SingOver


def to_song(form: SubmitMusic, *, source: Source | None = None) -> Song:
    """The song of a submit: inspiration mode when a description is given, else custom mode; perhaps of earlier clips.

    Raises `InvalidRequestError` when there is neither description nor prompt, when a text is too long, or when a wish
    is out of bounds.
    """
    mv = form.mv or DEFAULT_MV
    check_text(mv, "mv", _LONGEST_MV)
    limits = version_of(mv)
    song = Song(
        seats=new_seats(to_seed(form.seed)),
        is_instrumental=bool(form.make_instrumental),
        model=mv,
        longest_s=limits.longest_s,
        source=source,
        wishes=to_wishes(form, mv),
    )
    if form.gpt_description_prompt and form.gpt_description_prompt.strip():
        check_text(form.gpt_description_prompt, "gpt_description_prompt", limits.lyrics_characters, by=mv)
        return replace(song, description=form.gpt_description_prompt)
    if form.prompt is None:
        raise InvalidRequestError(
            'prompt_empty: send lyrics as prompt ("" for an instrumental) or a wish as gpt_description_prompt.',
            field="prompt",
        )
    check_text(form.prompt, "prompt", limits.lyrics_characters, by=mv)
    check_text(form.tags or "", "tags", limits.tags_characters, by=mv)
    check_text(form.title or "", "title", LONGEST_TITLE)
    is_instrumental = song.is_instrumental or not form.prompt.strip()
    lyrics = "" if is_instrumental else form.prompt
    return replace(song, lyrics=lyrics, title=form.title or "", tags=form.tags or "", is_instrumental=is_instrumental)


def to_lyrics_wish(form: SubmitLyrics) -> LyricsWish:
    """The words wanted by a lyrics submit. Raises `InvalidRequestError` for an empty wish and one that is too long."""
    if not form.prompt or not form.prompt.strip():
        raise InvalidRequestError("prompt_empty", field="prompt")
    check_text(form.prompt, "prompt", _LONGEST_WISH)
    return LyricsWish(prompt=form.prompt, seed=new_seed())


def to_continued(form: SubmitMusic, parts: Sequence[TaskPart]) -> GoOn:
    """The clip to go on from as one whole, out of the finished parts of the earlier task.

    Raises `InvalidRequestError` when the clip is not among the finished ones or the second lies outside of it.
    """
    clip = finished(parts).get(form.continue_clip_id or "")
    if clip is None or clip.duration_s is None or "audio" not in clip.files or not _can_go_on(clip):
        clip_id = form.continue_clip_id
        message = f"The task has no finished clip {clip_id!r}."
        raise InvalidRequestError(message, field="continue_clip_id", subject=clip_id)
    return GoOn(clip=to_source(clip), at_s=to_continue_at(form, clip.duration_s))


def _can_go_on(clip: ClipResult) -> bool:
    """Whether it can be gone on from by its task: a song has a plan or a maker, brought sound neither."""
    return "plan" in clip.files or clip.origin is not None


def to_continue_at(form: SubmitMusic, duration_s: float) -> float:
    """The second to go on from; the clip's end when none is given. Raises `InvalidRequestError` for one outside."""
    at_s = duration_s if form.continue_at is None else form.continue_at
    if not 0 <= at_s <= duration_s:
        raise InvalidRequestError(
            f"continue_at is {at_s:g} s, but the clip lasts from 0 to {duration_s:g} s.", field="continue_at"
        )
    return at_s


def to_source(clip: ClipResult) -> SourceClip:
    """A finished clip as something that new work starts from."""
    return SourceClip(
        clip_id=clip.clip_id,
        audio_key=clip.files["audio"],
        plan_key=clip.files.get("plan"),
        analysis_key=clip.files.get("analysis"),
        duration_s=clip.duration_s,
        title=clip.title,
        tags=clip.tags,
        lyrics=clip.lyrics,
        origin=clip.origin,
    )
