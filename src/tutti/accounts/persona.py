"""A persona: a singer that a user keeps, named by the clip whose voice it is; and the seam to where it is stored."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Persona:
    """A stored singer."""

    id: str
    user_id: int
    name: str
    description: str
    # The clip whose singer it is, and further ones that the user names with it.
    root_clip_id: str
    clips: tuple[str, ...]
    # What the user said; nothing is shown to others.
    is_public: bool
    created_at_ms: int


class PersonaStore(Protocol):
    """Where personas are kept; the stores of `tutti.tasks` fulfil it too."""

    async def add_persona(self, persona: Persona) -> None:
        """Keep a persona."""
        ...

    async def find_persona(self, persona_id: str, *, user_id: int) -> Persona | None:
        """A user's own persona, None for an unknown and for a foreign one."""
        ...
