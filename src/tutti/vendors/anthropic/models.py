"""What Claude models take, by their names: data, so that a new model is a row here.

https://platform.claude.com/docs/en/about-claude/models/migration-guide and /build-with-claude/thinking, 2026-11.
"""

import re
from dataclasses import replace
from typing import Literal, NamedTuple

from tutti.intents.chat import Chat, Reasoning


class Traits(NamedTuple):
    """What a model takes."""

    # "budget": thinks for a number of tokens; "adaptive": as much as it sees fit, guided by an effort.
    thinks: Literal["never", "budget", "adaptive"] = "budget"
    # Whether temperature, top_p and top_k may be set; and whether temperature and top_p may be set together.
    has_sampling: bool = True
    takes_both: bool = True
    # Whether it thinks when nothing is said of it, so that "off" must be said.
    thinks_unasked: bool = False
    # The limit on tokens when the caller sets none, for this wire demands one.
    default_max_tokens: int = 8192


# The first pattern found in the name counts. Names that are none of Claude's belong to vendors who copied the wire as
# it was with Claude 3.7.
_ROWS: tuple[tuple[str, Traits], ...] = (
    (r"claude-(instant|2|3-(opus|sonnet|haiku))", Traits(thinks="never", default_max_tokens=4096)),
    (r"claude-3-5", Traits(thinks="never")),
    (r"claude-3-7|claude-(opus|sonnet)-4(-0|-20\d{6})?\b(?!-\d\b)", Traits()),
    (r"claude-(opus|sonnet|haiku)-4-[15]\b", Traits(takes_both=False)),
    (r"claude-(opus|sonnet)-4-6\b", Traits(thinks="adaptive", takes_both=False)),
    (r"claude-(opus|sonnet)-4-[78]\b", Traits(thinks="adaptive", has_sampling=False)),
    (r"claude-", Traits(thinks="adaptive", has_sampling=False, thinks_unasked=True)),
)
_UNKNOWN = Traits()


# The New-API family sells a model that is to think under its name with this behind it.
_THINKING = "-thinking"


def named_plainly(chat: Chat) -> Chat:
    """The chat with its model's own name, thinking where the name asked for it and the caller said nothing else."""
    name = chat.model.removesuffix(_THINKING)
    if name == chat.model or not re.search("claude-", name):
        return chat
    return replace(chat, model=name, reasoning=chat.reasoning or Reasoning(is_on=True))


def traits_of(model: str) -> Traits:
    """What a model takes; dots count as dashes, for some vendors write claude-opus-4.6."""
    name = model.lower().replace(".", "-")
    return next((traits for pattern, traits in _ROWS if re.search(pattern, name)), _UNKNOWN)
