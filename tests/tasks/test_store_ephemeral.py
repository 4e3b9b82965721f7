"""`EphemeralStore` in every implementation."""

from dataclasses import replace
from typing import Any

import pytest

from tutti.accounts.ephemeral import EphemeralSecret
from tutti.kit.clock import ManualClock

pytestmark = pytest.mark.anyio

SECRET = EphemeralSecret(
    secret_hash="ab" * 32, key_id=1, model="gpt-realtime", opening=b"{}", is_beta=True, expires_at_ms=600_000
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(0)


@pytest.mark.parametrize("secret", [SECRET, replace(SECRET, model=None, opening=None, is_beta=False)])
async def test_secret_is_read_as_it_was_kept(store: Any, secret: EphemeralSecret) -> None:
    await store.keep_secret(secret)
    assert await store.find_secret(secret.secret_hash) == secret
    assert await store.find_secret("cd" * 32) is None


async def test_secret_is_forgotten_in_time(store: Any, clock: ManualClock) -> None:
    later = replace(SECRET, secret_hash="cd" * 32, expires_at_ms=900_000)
    await store.keep_secret(SECRET)
    await store.keep_secret(later)
    clock.advance(SECRET.expires_at_ms)
    assert [await store.prune_secrets(limit=9), await store.prune_secrets(limit=9)] == [1, 0]
    assert await store.find_secret(SECRET.secret_hash) is None
    assert await store.find_secret(later.secret_hash) == later
