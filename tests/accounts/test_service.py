import re

import pytest

from tutti.accounts.keyring import Keyring, hash_secret
from tutti.accounts.service import Accounts
from tutti.errors import ConflictError, InvalidRequestError, KeyRevokedError, NotFoundError, UnknownKeyError
from tutti.kit.clock import ManualClock
from tutti.tasks.memory import InMemoryTaskStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def store() -> InMemoryTaskStore:
    return InMemoryTaskStore()


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(ManualClock())


@pytest.fixture
def accounts(store: InMemoryTaskStore, keyring: Keyring) -> Accounts:
    return Accounts(store, keyring)


async def test_new_key_works_at_once_and_is_stored_hashed(accounts, store, keyring):
    user = await accounts.create_user("mira", quota=10, is_admin=True)
    issued = await accounts.create_key(user, "ci", quota=5, expires_at_ms=None, models=frozenset({"suno_music"}))
    assert re.fullmatch("sk-[A-Za-z0-9]{48}", issued.secret)
    assert issued.key.secret_hash == hash_secret(issued.secret)
    assert issued.key.tail == issued.secret[-4:]
    assert issued.secret not in repr(await store.list_keys())
    caller = keyring.read(issued.secret)
    assert (caller.user_id, caller.is_admin, caller.models) == (user.id, True, frozenset({"suno_music"}))


async def test_key_with_a_quota_below_nothing_is_refused(accounts, store):
    user = await accounts.create_user("mira", quota=10)
    with pytest.raises(InvalidRequestError) as refused:
        await accounts.create_key(user, "ci", quota=-1)
    assert refused.value.field == "quota"
    assert await store.list_keys() == []


async def test_revoked_key_is_refused_at_once(accounts, keyring):
    issued = await accounts.create_key(await accounts.create_user("mira", quota=1), "ci")
    assert (await accounts.revoke_key(issued.key.id)).is_revoked
    with pytest.raises(KeyRevokedError):
        keyring.read(issued.secret)


async def test_loading_knows_stored_keys(accounts, store):
    issued = await accounts.create_key(await accounts.create_user("mira", quota=1), "ci")
    keyring = Keyring(ManualClock())
    with pytest.raises(UnknownKeyError):
        keyring.read(issued.secret)
    await Accounts(store, keyring).load()
    assert keyring.read(issued.secret).key_id == issued.key.id


@pytest.mark.parametrize(("name", "quota"), [("", 1), ("  ", 1), ("mira", -1)])
async def test_unusable_user_is_refused(accounts, name, quota):
    with pytest.raises(InvalidRequestError):
        await accounts.create_user(name, quota=quota)


async def test_name_is_taken_once(accounts):
    await accounts.create_user("mira", quota=1)
    with pytest.raises(ConflictError):
        await accounts.create_user(" mira ", quota=1)


async def test_user_is_found_by_name(accounts):
    user = await accounts.create_user("mira", quota=1)
    assert await accounts.find_user("mira") == user
    with pytest.raises(NotFoundError):
        await accounts.find_user("nobody")


async def test_top_up_counts_once(accounts):
    user = await accounts.create_user("mira", quota=1)
    for _ in range(2):
        topped = await accounts.top_up(user.id, 9, ref="invoice-1")
    assert topped.quota == 10


async def test_webhook_secret_rotates(accounts):
    user = await accounts.create_user("mira", quota=1)
    (old,) = await accounts.webhook_secrets(user.id)
    new = await accounts.rotate_webhook_secret(user.id)
    assert await accounts.webhook_secrets(user.id) == (new, old)
