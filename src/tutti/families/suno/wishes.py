"""What a submit fixes of a song beyond words and style, and its seeds. Pure.

Siblings put the same wish in different places: at the top of the body, in `metadata`, in `metadata.control_sliders`.
The innermost place that holds one counts.
"""

import hashlib
import random
import re

from tutti.errors import InvalidRequestError
from tutti.families.suno.checks import check_number, check_text, check_word
from tutti.families.suno.versions import version_of
from tutti.intents import ClipSeat, SongWishes
from tutti.kit.ids import new_id
from tutti.wires.suno import ControlSliders, SubmitMetadata, SubmitMusic

# A song call yields two versions, charged once.
SEATS = 2
# Seeds are whole numbers that every reader of JSON keeps exactly, JavaScript too.
_SEED_BITS = 53
MOST_SEED = 2**_SEED_BITS - 1

SLOWEST_BPM, FASTEST_BPM = 40, 240
# A song shorter than this has no room for a verse.
SHORTEST_S = 10
GENDERS = ("f", "m")
_LONGEST_NEGATIVE_TAGS = 1000

_NO_METADATA = SubmitMetadata()
_NO_SLIDERS = ControlSliders()
# Note, accidental, mode: "C", "F# minor", "Bb major", "Am", "Eb maj", "D小调".
_KEY = re.compile(r"([A-G])\s*([#b♯♭]?)\s*(m|min|minor|maj|major|大调|小调)?", re.IGNORECASE)
_MINOR = frozenset({"m", "min", "minor", "小调"})


def to_wishes(form: SubmitMusic, mv: str) -> SongWishes:
    """What is fixed of the song. Raises `InvalidRequestError` that names the field and its bounds."""
    metadata = form.metadata or _NO_METADATA
    sliders = metadata.control_sliders or _NO_SLIDERS
    where = "metadata.control_sliders."
    return SongWishes(
        negative_tags=check_text(form.negative_tags or "", "negative_tags", _LONGEST_NEGATIVE_TAGS),
        bpm=check_number(form.bpm, "bpm", SLOWEST_BPM, FASTEST_BPM),
        key=to_key(form.key),
        duration_s=check_number(form.duration, "duration", SHORTEST_S, version_of(mv).longest_s, unit=" s"),
        vocal_gender=_gender(form, metadata),
        style_weight=_first(
            check_number(sliders.style_weight, f"{where}style_weight", 0, 1),
            check_number(form.style_weight, "style_weight", 0, 1),
        ),
        weirdness=_first(
            check_number(sliders.weirdness_constraint, f"{where}weirdness_constraint", 0, 1),
            check_number(form.weirdness, "weirdness", 0, 1),
        ),
        audio_weight=check_number(sliders.audio_weight, f"{where}audio_weight", 0, 1),
    )


def _gender(form: SubmitMusic, metadata: SubmitMetadata) -> str | None:
    places = {
        "metadata.vocal_gender": metadata.vocal_gender,
        "metadata.vocalgender": metadata.vocalgender,
        "vocal_gender": form.vocal_gender,
    }
    # Web clients send "" for no choice.
    given = [check_word(word.lower(), field, GENDERS) for field, word in places.items() if word]
    return given[0] if given else None


def _first(*numbers: float | None) -> float | None:
    return next((number for number in numbers if number is not None), None)


def to_key(text: str | None) -> str | None:
    """A key in the form "F# minor", None when none is wanted. Raises `InvalidRequestError` for what is no key."""
    if text is None or not text.strip():
        return None
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise InvalidRequestError(
            f'key is {text[:40]!r}; it may be a note A to G with "#" or "b", then "major" or "minor": "F# minor".',
            field="key",
        )
    note, accidental, mode = match.groups()
    # A capital M alone means major, as in "CM7".
    is_minor = mode is not None and mode != "M" and mode.lower() in _MINOR
    sign = accidental.lower().replace("♯", "#").replace("♭", "b")
    return f"{note.upper()}{sign} {'minor' if is_minor else 'major'}"


def to_seed(seed: int | None) -> int:
    """The seed wanted, else a fresh one. Raises `InvalidRequestError` when it is out of bounds."""
    if seed is None:
        return new_seed()
    if not 0 <= seed <= MOST_SEED:
        raise InvalidRequestError(f"seed may be 0 to {MOST_SEED}.", field="seed")
    return seed


def new_seed() -> int:
    """A seed fixed at submit, so that a re-run yields the same song."""
    # It decides how a song sounds and guards nothing.
    return random.getrandbits(_SEED_BITS)


def new_seats(seed: int, count: int = SEATS) -> tuple[ClipSeat, ...]:
    """Seats for so many versions: the first with the seed itself, the others with seeds that follow from it."""
    return tuple(ClipSeat(clip_id=new_id(), seed=_derived(seed, index)) for index in range(count))


def _derived(seed: int, index: int) -> int:
    """A seed as unlike the first as any other, the same each time."""
    if index == 0:
        return seed
    digest = hashlib.blake2b(f"{seed}/{index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> (64 - _SEED_BITS)
