"""Values for tests, plain and unsurprising."""

from typing import Any

from tutti.accounts.model import NewKey
from tutti.kit.ids import new_id, new_public_uuid
from tutti.tasks.model import NewTask

OPENING_UNITS = 1_000_000
PRICE = 300


def new_task(**changes: Any) -> NewTask:
    """A song for user 1 through key 1."""
    fields: dict[str, Any] = {
        "id": new_id(),
        "public_id": new_public_uuid(),
        "family": "suno",
        "kind": "song",
        "model": "suno_music",
        "user_id": 1,
        "key_id": 1,
        "intent": b'{"kind":"song","seats":[]}',
        "request": b"{}",
        "price": PRICE,
        "lane": "engine:song",
        "deadline_at_ms": 4_000_000_000_000,
    }
    return NewTask(**(fields | changes))


async def seed_account(store: Any, *, units: int = OPENING_UNITS, key_quota: int | None = None) -> None:
    """User 1 with key 1."""
    user = await store.create_user("mira", quota=units)
    await store.create_key(NewKey(user_id=user.id, name="test", secret_hash=new_id(), tail="abcd", quota=key_quota))
