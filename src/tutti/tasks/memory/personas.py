"""`PersonaStore` over a dict."""

from tutti.accounts.persona import Persona
from tutti.tasks.memory.tables import Tables


class MemoryPersonas:
    """Singers that users keep."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_persona(self, persona: Persona) -> None:
        """Keep a persona."""
        self._tables.personas[persona.id] = persona

    async def find_persona(self, persona_id: str, *, user_id: int) -> Persona | None:
        """A user's own persona."""
        persona = self._tables.personas.get(persona_id)
        return persona if persona is not None and persona.user_id == user_id else None
