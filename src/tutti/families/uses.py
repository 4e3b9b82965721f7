"""What a listed model is for, as far as its name and its channels tell: clients offer models by it."""

from fnmatch import fnmatchcase
from typing import Literal

from tutti.families.immediate import CONVERSATIONS
from tutti.routing.listing import Listed

Use = Literal["chat", "embedding", "rerank", "image", "sound", "moderation", "other"]

# The words by which vendors name models that hold no conversation; the first that fits decides.
_NAMES: tuple[tuple[str, Use], ...] = (
    ("*embed*", "embedding"),
    ("bge-*", "embedding"),
    ("*rerank*", "rerank"),
    ("*moderation*", "moderation"),
    ("dall-e*", "image"),
    ("*-image-*", "image"),
    ("imagen-*", "image"),
    ("tts-*", "sound"),
    ("*-tts*", "sound"),
    ("whisper-*", "sound"),
    ("*-transcribe*", "sound"),
    ("*realtime*", "other"),
)
# The operations without one of which a channel cannot serve a use.
_NEEDS: dict[Use, frozenset[str]] = {
    "chat": frozenset(CONVERSATIONS),
    "embedding": frozenset({"embeddings", "gemini_embed"}),
    "rerank": frozenset({"rerank"}),
    "image": frozenset({"images"}),
}


def use_of(model: Listed) -> Use:
    """What a model is for; "other" where nobody who serves it could do what its name says."""
    name = model.name.lower().rpartition("/")[2]
    use: Use = next((use for pattern, use in _NAMES if fnmatchcase(name, pattern)), "chat")
    return use if model.operations & _NEEDS.get(use, model.operations) else "other"
