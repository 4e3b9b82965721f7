"""`PersonaStore` in every implementation."""

from typing import Any

import pytest

from tutti.accounts.persona import Persona

pytestmark = pytest.mark.anyio

MIRA = Persona(
    id="p1",
    user_id=1,
    name="Mira",
    description="soft alto, 女声",
    root_clip_id="c1",
    clips=("c1", "c2"),
    is_public=True,
    created_at_ms=5,
)


async def test_persona_is_read_as_it_was_kept(store: Any) -> None:
    await store.add_persona(MIRA)
    assert await store.find_persona("p1", user_id=1) == MIRA


async def test_persona_is_its_user_s_alone(store: Any) -> None:
    await store.add_persona(MIRA)
    assert await store.find_persona("p1", user_id=2) is None
    assert await store.find_persona("p2", user_id=1) is None
