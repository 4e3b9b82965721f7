import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.accounts.keyring import Keyring, hash_secret
from tutti.accounts.model import Key, User
from tutti.errors import (
    AuthError,
    ChannelForbiddenError,
    KeyExpiredError,
    KeyRevokedError,
    MissingKeyError,
    UnknownKeyError,
)
from tutti.kit.clock import ManualClock

SECRET = "sk-abcdefghijklmnopqrstuvwxyz"
ADMIN_SECRET = "sk-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KEY = Key(
    id=5,
    user_id=2,
    name="test",
    secret_hash=hash_secret(SECRET),
    tail="wxyz",
    quota=None,
    used_quota=0,
    expires_at_ms=None,
    models=None,
    is_revoked=False,
    created_at_ms=0,
)
ADMIN = User(id=1, name="root", is_admin=True, quota=0, used_quota=0, created_at_ms=0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


MIRA = dataclasses.replace(ADMIN, id=2, name="mira", is_admin=False)


@pytest.fixture
def keyring(clock: ManualClock) -> Keyring:
    keyring = Keyring(clock)
    admin_key = dataclasses.replace(KEY, id=6, user_id=ADMIN.id, secret_hash=hash_secret(ADMIN_SECRET))
    keyring.load([ADMIN, MIRA], [KEY, admin_key])
    return keyring


@pytest.mark.parametrize(
    "credential",
    [
        f"Bearer {SECRET}",
        f"bearer {SECRET}",
        f"BEARER  {SECRET} ",
        SECRET,
        SECRET.removeprefix("sk-"),
        f"Bearer {SECRET.removeprefix('sk-')}",
    ],
)
def test_key_is_read_in_every_form(keyring, credential):
    caller = keyring.read(credential)
    assert (caller.user_id, caller.key_id, caller.is_admin) == (2, 5, False)


@pytest.mark.parametrize("credential", [None, "", "  ", "Bearer", "Bearer ", "sk-", "Bearer sk-", "Bearer Bearer"])
def test_missing_key_is_told_from_an_unknown_one(keyring, credential):
    with pytest.raises(MissingKeyError):
        keyring.read(credential)


@pytest.mark.parametrize("credential", ["sk-nobody", f"{SECRET}x", f"x{SECRET}", f"Basic {SECRET}"])
def test_unknown_key_is_refused(keyring, credential):
    with pytest.raises(UnknownKeyError):
        keyring.read(credential)


def test_channel_is_for_administrators(keyring):
    assert keyring.read(f"{ADMIN_SECRET}-7").is_admin
    with pytest.raises(ChannelForbiddenError):
        keyring.read(f"{SECRET}-7")


def test_key_expires_at_its_moment(keyring, clock):
    keyring.put(dataclasses.replace(KEY, expires_at_ms=clock.now_ms() + 1), MIRA)
    assert keyring.read(SECRET).key_id == KEY.id
    clock.advance(1)
    with pytest.raises(KeyExpiredError):
        keyring.read(SECRET)


def test_revoked_key_is_refused_at_once(keyring):
    keyring.put(dataclasses.replace(KEY, is_revoked=True), MIRA)
    with pytest.raises(KeyRevokedError):
        keyring.read(SECRET)


def test_loading_forgets_what_is_not_stored(keyring):
    keyring.load([ADMIN], [])
    with pytest.raises(UnknownKeyError):
        keyring.read(SECRET)


@given(st.text())
def test_no_credential_breaks_reading(credential):
    with pytest.raises(AuthError):
        Keyring(ManualClock()).read(credential)


def test_what_stands_for_a_key_ends_with_it(keyring: Keyring, clock: ManualClock) -> None:
    assert keyring.holder(KEY.id) == keyring.read(SECRET)
    keyring.put(dataclasses.replace(KEY, expires_at_ms=clock.now_ms()), MIRA)
    with pytest.raises(KeyExpiredError):
        keyring.holder(KEY.id)
    keyring.put(dataclasses.replace(KEY, is_revoked=True), MIRA)
    with pytest.raises(KeyRevokedError):
        keyring.holder(KEY.id)
    with pytest.raises(UnknownKeyError):
        keyring.holder(99)
