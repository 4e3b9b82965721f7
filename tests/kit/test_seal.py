"""What was sealed opens with its key, unchanged, for what it is about, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutti.kit.seal import Seal

KEY, OLDER, OTHER = bytes(32), bytes([1]) * 32, bytes([2]) * 32


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_sealed_text_opens(plain, about):
    seal = Seal(KEY)
    sealed = seal.close(plain, about=about)
    assert seal.open(sealed, about=about) == plain


def test_sealed_text_does_not_show_what_it_is():
    sealed = Seal(KEY).close(b"sk-very-secret", about=b"channel")
    assert b"secret" not in sealed
    assert sealed != Seal(KEY).close(b"sk-very-secret", about=b"channel")


@given(st.integers(0, 32))
def test_changed_text_does_not_open(at):
    sealed = bytearray(Seal(KEY).close(b"secret", about=b"channel"))
    sealed[at % len(sealed)] ^= 1
    with pytest.raises(ValueError, match=r"key that is not here|changed since"):
        Seal(KEY).open(bytes(sealed), about=b"channel")


def test_sealed_text_does_not_open_as_something_else_or_with_another_key():
    sealed = Seal(KEY).close(b"secret", about=b"channel")
    with pytest.raises(ValueError, match="changed since"):
        Seal(KEY).open(sealed, about=b"webhook")
    with pytest.raises(ValueError, match="key that is not here"):
        Seal(OTHER).open(sealed, about=b"channel")
    with pytest.raises(ValueError, match="key that is not here"):
        Seal(KEY).open(b"", about=b"channel")


def test_older_key_opens_and_is_told_from_the_current_one():
    old = Seal(OLDER).close(b"secret", about=b"channel")
    seal = Seal(KEY, OLDER)
    assert seal.open(old, about=b"channel") == b"secret"
    assert not seal.is_current(old)
    assert seal.is_current(seal.close(b"secret", about=b"channel"))
