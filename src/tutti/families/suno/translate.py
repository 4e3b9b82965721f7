"""From a Suno request to what the caller wants. Pure: what must be looked up is given."""

import random
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from tutti.errors import InvalidRequestError
from tutti.families.suno.versions import DEFAULT_MV, version_of
from tutti.intents import ClipResult, ClipSeat, GoOn, LyricsWish, Song, SourceClip
from tutti.kit.ids import new_public_uuid
from tutti.tasks.model import TaskPart
from tutti.wires.suno import SubmitLyrics, SubmitMusic

# A song call yields two versions, charged once.
SEATS = 2
# Seeds are 63 bits, so that they fit a signed database integer and msgpack alike.
_SEED_BITS = 63
_LONGEST_ADDRESS = 2048
# What no version limits itself, in characters: a title that fills its cover many times over, any name of a version,
# and the wish for words, which takes what the widest version takes.
_LONGEST_TITLE = 1000
_LONGEST_MV = 100
_LONGEST_WISH = 5000

_clip_decoder = msgspec.json.Decoder(ClipResult)


def to_song(form: SubmitMusic, *, source: GoOn | None = None) -> Song:
    """The song of a submit: inspiration mode when a description is given, else custom mode, perhaps continuing a clip.

    Raises `InvalidRequestError` when there is neither description nor prompt, or when a text is too long.
    """
    mv = form.mv or DEFAULT_MV
    _check_text(mv, "mv", _LONGEST_MV)
    limits = version_of(mv)
    is_instrumental = bool(form.make_instrumental)
    if form.gpt_description_prompt and form.gpt_description_prompt.strip():
        _check_text(form.gpt_description_prompt, "gpt_description_prompt", limits.lyrics_characters, by=mv)
        return _song(mv, source, description=form.gpt_description_prompt, is_instrumental=is_instrumental)
    if form.prompt is None:
        raise InvalidRequestError(
            'prompt_empty: send lyrics as prompt ("" for an instrumental) or a wish as gpt_description_prompt.',
            field="prompt",
        )
    _check_text(form.prompt, "prompt", limits.lyrics_characters, by=mv)
    _check_text(form.tags or "", "tags", limits.tags_characters, by=mv)
    _check_text(form.title or "", "title", _LONGEST_TITLE)
    is_instrumental = is_instrumental or not form.prompt.strip()
    lyrics = "" if is_instrumental else form.prompt
    return _song(
        mv, source, lyrics=lyrics, title=form.title or "", tags=form.tags or "", is_instrumental=is_instrumental
    )


def _song(
    mv: str,
    source: GoOn | None,
    *,
    is_instrumental: bool,
    lyrics: str | None = None,
    description: str = "",
    title: str = "",
    tags: str = "",
) -> Song:
    return Song(
        seats=tuple(ClipSeat(clip_id=new_public_uuid(), seed=new_seed()) for _ in range(SEATS)),
        lyrics=lyrics,
        description=description,
        title=title,
        tags=tags,
        is_instrumental=is_instrumental,
        model=mv,
        longest_s=version_of(mv).longest_s,
        source=source,
    )


def to_lyrics_wish(form: SubmitLyrics) -> LyricsWish:
    """The words wanted by a lyrics submit. Raises `InvalidRequestError` for an empty wish and one that is too long."""
    if not form.prompt or not form.prompt.strip():
        raise InvalidRequestError("prompt_empty", field="prompt")
    _check_text(form.prompt, "prompt", _LONGEST_WISH)
    return LyricsWish(prompt=form.prompt, seed=new_seed())


def to_continued(form: SubmitMusic, parts: Sequence[TaskPart]) -> GoOn:
    """The clip to go on from, out of the finished parts of the earlier task.

    Without `continue_at` the song goes on from the clip's end. Raises `InvalidRequestError` when the clip is not among
    the finished ones or the second lies outside of it.
    """
    clip = _find_clip(form.continue_clip_id or "", parts)
    at_s = clip.duration_s if form.continue_at is None else form.continue_at
    assert clip.duration_s is not None
    assert at_s is not None
    if not 0 <= at_s <= clip.duration_s:
        raise InvalidRequestError(
            f"continue_at is {at_s:g} s, but the clip lasts from 0 to {clip.duration_s:g} s.", field="continue_at"
        )
    return GoOn(clip=_source(clip), at_s=at_s)


def _source(clip: ClipResult) -> SourceClip:
    return SourceClip(
        clip_id=clip.clip_id,
        audio_key=clip.files["audio"],
        plan_key=clip.files["plan"],
        duration_s=clip.duration_s,
        title=clip.title,
        tags=clip.tags,
        lyrics=clip.lyrics,
    )


def _find_clip(clip_id: str, parts: Sequence[TaskPart]) -> ClipResult:
    for part in parts:
        clip = _clip_decoder.decode(part.result)
        if clip.clip_id == clip_id and clip.duration_s is not None and {"plan", "audio"} <= clip.files.keys():
            return clip
    raise InvalidRequestError(f"The task has no finished clip {clip_id!r}.", field="continue_clip_id", subject=clip_id)


def to_notify_hook(address: str | None) -> str | None:
    """Where webhooks go, None when nowhere. Raises `InvalidRequestError` for anything but an http(s) address.

    Whether the address is one we may connect to is decided when connecting.
    """
    if not address:
        return None
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or len(address) > _LONGEST_ADDRESS or not address.isprintable() or " " in address:
        raise InvalidRequestError("notify_hook must be an http or https address.", field="notify_hook")
    return address


def new_seed() -> int:
    """A seed fixed at submit, so that a re-run yields the same song."""
    # It decides how a song sounds and guards nothing.
    return random.getrandbits(_SEED_BITS)


def _check_text(text: str, field: str, limit: int, *, by: str = "this field") -> None:
    if len(text) > limit:
        raise InvalidRequestError(f"{field} has {len(text)} characters; {by} takes at most {limit}.", field=field)
    if "\0" in text:
        raise InvalidRequestError(f"{field} holds a NUL character, which no text has.", field=field)
