"""The names that callers are shown."""

from tests.routing.factories import SERVED, channel
from tutti.routing.channels import Channels
from tutti.routing.listing import Listed, Listing
from tutti.routing.models import ModelRow, Models

ROWS = (
    ModelRow(names=("suno_music", "chirp-*"), kind="song", priced_as="suno_music", engine="song"),
    ModelRow(names=("gpt-*", "known"), kind="chat"),
)


def listing(*given, embedded_aliases=True):
    channels = Channels(SERVED)
    channels.load(given)
    return Listing(channels, Models(ROWS, embedded_aliases=embedded_aliases))


def names(listed):
    return [one.name for one in listed]


def test_names_of_channels_and_engines_are_listed_in_order():
    found = listing(channel(1, models=frozenset({"o3", "gpt-*"}), model_map={"fast": "x"})).all("default", None)
    assert names(found) == ["fast", "o3", "suno_music"]
    assert [one.owner for one in found] == ["openai", "openai", "tutti"]


def test_names_are_those_of_the_group():
    one = listing(channel(1, groups=frozenset({"vip"})))
    assert names(one.all("default", None)) == ["suno_music"]
    assert names(one.all("vip", None)) == ["gpt-4o", "suno_music"]


def test_key_sees_what_it_may_use_and_what_a_pattern_serves_of_it():
    one = listing(channel(1, models=frozenset({"o3", "gpt-*"})))
    assert names(one.all("default", frozenset({"gpt-5", "suno_music", "nobody"}))) == ["gpt-5", "suno_music"]
    assert one.find("o3", "default", frozenset({"gpt-5"})) is None


def test_key_bound_to_a_pattern_sees_every_name_that_fits():
    one = listing(channel(1, models=frozenset({"o3", "gpt-4o", "gpt-4-gizmo-*"})))
    bound = frozenset({"gpt-4*", "gpt-4-gizmo-g-1"})
    assert names(one.all("default", bound)) == ["gpt-4-gizmo-g-1", "gpt-4o"]
    assert one.find("gpt-4-gizmo-g-2", "default", bound)
    assert one.find("o3", "default", bound) is None


def test_one_name_is_found_with_what_it_can_be_asked_for():
    one = listing(channel(1), channel(2, type="anthropic", priority=1), channel(3, is_on=False, type="gateway"))
    expected = Listed(name="gpt-4o", owner="anthropic", operations=frozenset({"chat", "embeddings", "messages"}))
    assert one.find("gpt-4o", "default", None) == expected
    assert one.find("chirp-v4", "default", None) == Listed(name="chirp-v4", owner="tutti")
    assert one.find("known", "default", None) is None
    assert one.find("nobody", "default", None) is None


def test_engines_are_not_listed_without_aliases():
    assert listing(channel(1), embedded_aliases=False).all("default", frozenset({"gpt-4o", "suno_music"})) == [
        Listed(name="gpt-4o", owner="openai", operations=SERVED["openai"])
    ]
