"""The song versions that callers may name in `mv`, and what each allows.

Limits are from contracts/suno.yaml. Any other value is accepted too.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a version is called and how much it takes."""

    # Shown as `major_model_version` and `model_name` of a clip.
    major: str
    model_name: str
    # Longest lyrics and style line, in characters; longest song, in seconds.
    lyrics_characters: int
    tags_characters: int
    longest_s: float


DEFAULT_MV = "chirp-v3-0"

_SMALL = {"lyrics_characters": 3000, "tags_characters": 200}
_LARGE = {"lyrics_characters": 5000, "tags_characters": 1000}

_V45 = Version(major="v4.5", model_name="chirp-auk", longest_s=240, **_LARGE)
_V45_PLUS = Version(major="v4.5+", model_name="chirp-bluejay", longest_s=480, **_LARGE)
_V5 = Version(major="v5", model_name="chirp-crow", longest_s=480, **_LARGE)

_VERSIONS = {
    "chirp-v3-0": Version(major="v3", model_name="chirp-v3", longest_s=120, **_SMALL),
    "chirp-v3-5": Version(major="v3.5", model_name="chirp-v3", longest_s=120, **_SMALL),
    "chirp-v4": Version(major="v4", model_name="chirp-v4", longest_s=150, **_SMALL),
    "chirp-auk": _V45,
    "chirp-v4-5": _V45,
    "chirp-auk-turbo": Version(major="v4.5-all", model_name="chirp-auk-turbo", longest_s=240, **_LARGE),
    "chirp-bluejay": _V45_PLUS,
    "chirp-v4-5+": _V45_PLUS,
    "chirp-v4-5-plus": _V45_PLUS,
    "chirp-crow": _V5,
    "chirp-v5": _V5,
    # Parts of a song taken apart; nobody asks for it by name.
    "chirp-stem": Version(major="", model_name="chirp-stem", longest_s=480, **_LARGE),
    "chirp-fenix": Version(major="v5.5", model_name="chirp-fenix", longest_s=480, **_LARGE),
}
# Deprecated forms of a version, for covers and for extending uploads.
_SUFFIXES = ("-tau", "-upload")


def version_of(mv: str) -> Version:
    """What a version allows; an unknown one has the wider limits and a song of four minutes."""
    for suffix in _SUFFIXES:
        mv = mv.removesuffix(suffix)
    known = _VERSIONS.get(mv)
    return known or Version(major=mv.removeprefix("chirp-"), model_name=mv, longest_s=240, **_LARGE)
