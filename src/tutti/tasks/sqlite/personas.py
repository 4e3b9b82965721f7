"""`PersonaStore` on SQLite."""

import json

from tutti.accounts.persona import Persona
from tutti.database.driver import Connection
from tutti.tasks.sqlite.base import SqliteBase
from tutti.tasks.sqlite.step import Step

_COLUMNS = "id, user_id, name, description, root_clip_id, clips, is_public, created_at_ms"
_INSERT = f"INSERT INTO personas ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = f"SELECT {_COLUMNS} FROM personas WHERE id = ? AND user_id = ?"


class SqlitePersonas(SqliteBase):
    """Singers that users keep."""

    async def add_persona(self, persona: Persona) -> None:
        """Keep a persona."""
        await self._write(lambda step: add_persona(step, persona))

    async def find_persona(self, persona_id: str, *, user_id: int) -> Persona | None:
        """A user's own persona."""
        return await self._read(lambda connection: _find(connection, persona_id, user_id))


def add_persona(step: Step, persona: Persona) -> None:
    """Write a persona."""
    values = (
        persona.id,
        persona.user_id,
        persona.name,
        persona.description,
        persona.root_clip_id,
        json.dumps(persona.clips),
        persona.is_public,
        persona.created_at_ms,
    )
    step.connection.execute(_INSERT, values)


def _find(connection: Connection, persona_id: str, user_id: int) -> Persona | None:
    row = connection.execute(_SELECT, (persona_id, user_id)).fetchone()
    if row is None:
        return None
    return Persona(
        id=row[0],
        user_id=row[1],
        name=row[2],
        description=row[3],
        root_clip_id=row[4],
        clips=tuple(json.loads(row[5])),
        is_public=bool(row[6]),
        created_at_ms=row[7],
    )
