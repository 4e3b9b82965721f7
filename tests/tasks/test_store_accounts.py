"""`AccountStore` in every implementation."""

from typing import Any

import pytest

from tests.factories import OPENING_UNITS
from tutti.accounts.model import NewKey
from tutti.errors import ConflictError, NotFoundError, QuotaError

pytestmark = pytest.mark.anyio


def _key(**changes: Any) -> NewKey:
    return NewKey(**({"user_id": 1, "name": "k", "secret_hash": "hash", "tail": "tail"} | changes))


async def test_users_are_listed_by_id_and_names_are_unique(store: Any) -> None:
    noor = await store.create_user("noor", quota=5, is_admin=True, access_token_hash="digest")
    assert (noor.id, noor.quota, noor.is_admin, noor.access_token_hash) == (2, 5, True, "digest")
    assert [user.name for user in await store.list_users()] == ["mira", "noor"]
    with pytest.raises(ConflictError):
        await store.create_user("noor", quota=0)


async def test_top_up_counts_each_reference_once(store: Any) -> None:
    for _ in range(2):
        user = await store.top_up(1, 50, ref="payment 1")
        assert user.quota == OPENING_UNITS + 50
    assert (await store.top_up(1, -50, ref="payment 2")).quota == OPENING_UNITS


async def test_top_up_takes_no_more_than_there_is(store: Any) -> None:
    with pytest.raises(QuotaError):
        await store.top_up(1, -OPENING_UNITS - 1, ref="too much")
    assert (await store.list_users())[0].quota == OPENING_UNITS


async def test_top_up_of_nobody_is_not_found(store: Any) -> None:
    with pytest.raises(NotFoundError):
        await store.top_up(99, 1, ref="r")


async def test_a_key_is_kept_as_it_was_given(store: Any) -> None:
    key = await store.create_key(_key(quota=7, expires_at_ms=9, models=frozenset({"a", "b"})))
    assert (key.quota, key.expires_at_ms, key.models) == (7, 9, {"a", "b"})
    assert (await store.list_keys(user_id=1))[1] == key
    assert await store.list_keys(user_id=2) == []


async def test_a_key_of_nobody_is_not_found(store: Any) -> None:
    with pytest.raises(NotFoundError):
        await store.create_key(_key(user_id=99))


async def test_a_revoked_key_stays_listed(store: Any) -> None:
    assert (await store.revoke_key(1)).is_revoked
    assert [key.is_revoked for key in await store.list_keys()] == [True]
    with pytest.raises(NotFoundError):
        await store.revoke_key(99)


async def test_webhook_secrets_are_made_once_and_overlap_while_rotated(store: Any) -> None:
    [first] = await store.webhook_secrets(1)
    assert first.startswith("whsec_")
    assert await store.webhook_secrets(1) == (first,)
    second = await store.rotate_webhook_secret(1)
    assert await store.webhook_secrets(1) == (second, first)
    third = await store.rotate_webhook_secret(1)
    assert await store.webhook_secrets(1) == (third, second)


async def test_an_opening_balance_is_given_once_under_its_reference(store: Any) -> None:
    user = await store.create_user("lena", quota=70, group="vip", ref="old:user:7")
    assert (user.quota, user.group) == (70, "vip")
    assert [(row.kind, row.user_id, row.amount) for row in await store.ledger_of("old:user:7")] == [
        ("topup", user.id, 70)
    ]
    with pytest.raises(ConflictError):
        await store.create_user("lena again", quota=70, ref="old:user:7")
    assert "lena again" not in [one.name for one in await store.list_users()]
