"""What operators may say of a channel, and how they are told what does not fit."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.routing.factories import channel
from tutti.errors import InvalidRequestError
from tutti.routing.described import (
    ChannelSettings,
    read_name,
    read_secrets,
    read_settings,
    settings_of,
    split_keys,
    to_channel,
)

WORDS = st.sampled_from(["", " ", "a", "gpt-*", "*", "默认"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": 5}, "type"),
        ({"weight": -1}, "weight"),
        ({"weight": 1.5}, "weight"),
        ({"priority": "high"}, "priority"),
        ({"max_parallel": 0}, "max_parallel"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"models": "gpt-4o"}, "models"),
        ({"models": [""]}, "models"),
        ({"model_map": {"a": 1}}, "model_map"),
        ({"groups": []}, "groups"),
        ({"groups": [" "]}, "groups"),
        ({"wait": 1}, "wait"),
        ({"keys": ["sk"]}, "keys"),
    ],
)
def test_settings_that_do_not_fit_are_named(changes, field):
    with pytest.raises(InvalidRequestError) as caught:
        read_settings({"type": "openai", **changes})
    assert caught.value.field.startswith(field)


def test_settings_need_a_type():
    with pytest.raises(InvalidRequestError, match="type"):
        read_settings({})


@given(st.dictionaries(st.sampled_from(ChannelSettings.__struct_fields__), ANYTHING))
def test_no_settings_break_the_reader(given_settings):
    with contextlib.suppress(InvalidRequestError):
        read_settings(given_settings)


@pytest.mark.parametrize(
    "secrets",
    [
        {"keys": ["sk-a b"]},
        {"keys": ["sk-ключ"]},
        {"keys": ["sk-a\nx-evil: 1"]},
        {"keys": 5},
        {"header_overrides": {"x y": "1"}},
        {"header_overrides": {"x": "hidden\r\ny: 2"}},
        {"header_overrides": {"Host": "hidden"}},
        {"header_overrides": {"": "hidden"}},
    ],
)
def test_secrets_that_cannot_be_sent_are_refused_without_telling_them(secrets):
    with pytest.raises(InvalidRequestError) as caught:
        read_secrets(secrets)
    assert "sk-" not in caught.value.message
    assert "hidden" not in caught.value.message


def test_keys_are_trimmed_and_counted_once():
    assert read_secrets({"keys": [" sk-a\n", "sk-b", "sk-a", ""]}).keys == ("sk-a", "sk-b")


def test_keys_are_split_at_lines_and_commas_but_json_is_one():
    assert split_keys("sk-a\nsk-b, sk-c\n\n") == ["sk-a", "sk-b", "sk-c"]
    assert split_keys(' {"type": "service_account",\n "x": 1}\n') == ['{"type": "service_account",\n "x": 1}']
    assert split_keys("  \n") == []


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_names_are_short_and_of_one_line(name):
    with pytest.raises(InvalidRequestError):
        read_name(name)


def test_settings_of_a_channel_make_the_same_channel():
    given_channel = channel(1, models=frozenset({"b", "a"}), weight=7, model_map={"x": "y"}, options={"region": "eu"})
    secrets = read_secrets({"keys": list(given_channel.keys)})
    assert to_channel(1, given_channel.name, settings_of(given_channel), secrets) == given_channel
